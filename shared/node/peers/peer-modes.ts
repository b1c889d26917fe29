// How each peer is to be reached (docs/PROTOCOL.md 5): what was asked for last, beyond sessions and failed dials, so
// that nothing falls back to a laxer mode by itself. Over a restart it is kept with what goes on then (7.7).

import type { KeyId } from '../../identity/node-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { PathMode } from '../../routes/route.ts'
import { PEER_MODES_KEPT } from '../../wire/limits.ts'

export class PeerModes {
  readonly #byDefault: PathMode
  /** Only what differs from the default: what is forgotten first is what was used longest ago. */
  readonly #asked = new LruMap<KeyId, PathMode>(PEER_MODES_KEPT)

  /** @param saved what was asked for in an earlier life */
  constructor(byDefault: PathMode, saved: Iterable<readonly [peer: KeyId, mode: PathMode]> = []) {
    this.#byDefault = byDefault
    for (const [peer, mode] of saved) this.set(peer, mode)
  }

  of(peer: KeyId): PathMode {
    return this.#asked.get(peer) ?? this.#byDefault
  }

  set(peer: KeyId, mode: PathMode): void {
    if (mode === this.#byDefault) this.#asked.delete(peer)
    else this.#asked.set(peer, mode)
  }
}
