// The places for WebRTC connections (docs/PROTOCOL.md 9.3): how many are taken, and whose connection makes way first.
// Decides nothing and closes nothing.

import { RTC_IDLE_MS } from '../../wire/limits.ts'
import type { DirectPeer } from './direct-peer.ts'
import type { DirectConfig } from './direct-types.ts'

export interface Places {
  readonly taken: number
  /** The peer whose open connection was out of use the longest, and long enough; none that is pinned. */
  readonly spare: DirectPeer | undefined
}

export function placesOf(
  peers: Iterable<DirectPeer>,
  now: number,
  { isPinned, usedAt }: Pick<DirectConfig, 'isPinned' | 'usedAt'>,
): Places {
  let taken = 0
  let spare: DirectPeer | undefined
  let spareUsedAt = now - RTC_IDLE_MS
  for (const peer of peers) {
    if (peer.takesPlace) taken += 1
    if (peer.openLink === undefined || isPinned(peer.key)) continue
    // What no session of the application's uses goes before all others, the oldest of it first.
    const at = usedAt(peer.key) ?? Number.NEGATIVE_INFINITY
    if (at > spareUsedAt || (at === spareUsedAt && spare !== undefined)) continue
    spare = peer
    spareUsedAt = at
  }
  return { taken, spare }
}

/** Whether the open connection serves anybody, without a session of its own. */
export function isOfUse(
  { key, openLink }: DirectPeer,
  { isCarrying, isKept }: Pick<DirectConfig, 'isCarrying' | 'isKept'>,
): boolean {
  return openLink !== undefined && (isCarrying(openLink) || isKept(key))
}
