// Remembers the replay tags of accepted setups (docs/PROTOCOL.md 6, threat 19) for longer than a setup
// can live. Two generations: the older one is dropped whole when the younger is one window old. A full
// cache refuses new setups and forgets nothing. Not persisted: onion keys do not outlive a restart.

import { mapKey } from '../bytes/map-key.ts'
import { REPLAY_CACHE_MAX, REPLAY_WINDOW_MS } from '../wire/limits.ts'

/** `new`: remembered just now. */
export type ReplayVerdict = 'new' | 'seen' | 'full'

export class ReplayCache {
  readonly #maxTags: number
  #young = new Set<string>()
  #old = new Set<string>()
  #youngSinceMs = 0

  /** `maxTags`: cap of both generations together. */
  constructor(maxTags = REPLAY_CACHE_MAX) {
    this.#maxTags = maxTags
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** Looks a tag up and remembers a new one for at least `REPLAY_WINDOW_MS`. */
  admit(now: number, tag: Uint8Array): ReplayVerdict {
    this.#age(now)
    const key = mapKey(tag)
    if (this.#young.has(key) || this.#old.has(key)) return 'seen'
    if (this.size >= this.#maxTags) return 'full'
    if (this.size === 0) this.#youngSinceMs = now
    this.#young.add(key)
    return 'new'
  }

  #age(now: number): void {
    const ageMs = now - this.#youngSinceMs
    if (ageMs < REPLAY_WINDOW_MS) return
    // Tags of the younger generation came up to its end, so they stay for one more window.
    this.#old = ageMs < 2 * REPLAY_WINDOW_MS ? this.#young : new Set()
    this.#young = new Set()
    this.#youngSinceMs = now
  }
}
