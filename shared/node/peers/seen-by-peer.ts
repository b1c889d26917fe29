// Which messages of each peer were shown, beyond the sessions and beyond the place a peer has in memory: one that
// comes back soon sends again what it holds for unconfirmed. The peers heard of longest ago are forgotten.

import type { KeyId } from '../../identity/node-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import { SeenIds } from '../../session/seen-ids.ts'
import { SEEN_PEERS_KEPT } from '../../wire/limits.ts'

export function seenByPeer(): (peer: KeyId) => SeenIds {
  const known = new LruMap<KeyId, SeenIds>(SEEN_PEERS_KEPT)
  return peer => {
    const seen = known.get(peer) ?? new SeenIds()
    known.set(peer, seen)
    return seen
  }
}
