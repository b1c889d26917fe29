// The ids of the newest messages that a peer sent. It belongs to whoever owns the sessions with that peer
// and outlives each of them, so that a replacement session, which sends everything unconfirmed again,
// shows nothing twice.

import { mapKey } from '../bytes/map-key.ts'
import { SEEN_MESSAGES_PER_PEER } from '../wire/limits.ts'

export class SeenIds {
  readonly #ids = new Set<string>()
  /** The same ids as a ring: the oldest is where the next one goes. */
  readonly #order: string[] = []
  #next = 0
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
    const oldest = this.#order[this.#next]
    if (oldest !== undefined) this.#ids.delete(oldest)
    this.#ids.add(key)
    this.#order[this.#next] = key
    this.#next = (this.#next + 1) % this.#max
    return true
  }
}
