// A link of a server, as its parts see it.

import type { LinkPeer } from '../../link/link.ts'
import type { NetworkName } from '../host.ts'

export interface OpenLink {
  readonly peer: LinkPeer
  readonly network: NetworkName | undefined
  readonly isInitiator: boolean
}

/** One that opened the link to be served over it. */
export function isAttached({ peer, isInitiator }: OpenLink): boolean {
  return peer.type === 'client' && !isInitiator
}
