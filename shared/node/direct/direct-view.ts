// How it stands with a direct connection to one peer, for those who ask.

import type { DirectPeer } from './direct-peer.ts'
import type { DirectView } from './direct-types.ts'

export function viewOf({ openLink, isTrying, retry }: DirectPeer, now: number): DirectView {
  const { at, failure } = retry
  if (openLink !== undefined) return { state: 'open' }
  const why = failure !== undefined && { failure }
  if (isTrying) return { state: 'trying', ...why }
  if (at === undefined) return { state: 'idle', ...why }
  return { state: 'waiting', ...why, retryInMs: Math.max(0, at - now) }
}
