// The ids of the newest messages that a peer sent. It belongs to whoever owns the sessions with that peer
// and outlives each of them, so that a replacement session, which sends everything unconfirmed again,
// shows nothing twice.

import { mapKey } from '../bytes/map-key.ts'
import { SEEN_MESSAGES_PER_PEER } from '../wire/limits.ts'

export class SeenIds {
  // A Set iterates in insertion order: the first is the oldest.
  readonly #ids = new Set<string>()
  readonly #max: number

  constructor(max: number = SEEN_MESSAGES_PER_PEER) {
    this.#max = max
  }

  get size(): number {
    return this.#ids.size
  }

  /** @returns false when the id is known already. */
  add(id: Uint8Array): boolean {
    const key = mapKey(id)
    if (this.#ids.has(key)) return false
    this.#ids.add(key)
    if (this.#ids.size > this.#max) this.#dropOldest()
    return true
  }

  #dropOldest(): void {
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest)
      return
    }
  }
}
