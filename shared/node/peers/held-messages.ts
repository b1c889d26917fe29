// Messages that the application was given and has not taken, by the key they came from (docs/PROTOCOL.md 7).
// Credit bounds what one session brings; a count that outlives sessions bounds what a key brings with one
// session after the other, and all keys together. Holds lengths only: the messages are the application's.

import type { KeyId } from '../../identity/node-id.ts'
import { creditCost } from '../../session/flow.ts'
import { Ring } from '../../session/ring.ts'
import {
  MAX_REMEMBERED_INITIATORS,
  MAX_SESSIONS,
  MEMORY_BUDGET_BYTES,
  MESSAGE_WINDOW_BYTES,
} from '../../wire/limits.ts'

/** What everyone may hold even when the budget is spent. */
const SHARE_BYTES = MEMORY_BUDGET_BYTES / MAX_SESSIONS

interface Held {
  readonly lengths: Ring<number>
  /** Of those, the oldest, which earlier sessions brought. */
  earlier: number
  /** What the application took of the first. */
  takenBytes: number
  /** As credit counts it. */
  costBytes: number
}

export class HeldMessages {
  readonly #byKey = new Map<KeyId, Held>()
  #costBytes = 0

  /** With something held. */
  get keys(): number {
    return this.#byKey.size
  }

  /** What is held of a key, as credit counts it. */
  costOf(key: KeyId): number {
    return this.#byKey.get(key)?.costBytes ?? 0
  }

  /** The application is given a message of the current session. */
  add(key: KeyId, length: number): void {
    const held = this.#byKey.get(key) ?? this.#open(key)
    held.lengths.push(length)
    held.costBytes += creditCost(length)
    this.#costBytes += creditCost(length)
  }

  /** What is held of this key belongs to earlier sessions from now on. */
  beginSession(key: KeyId): void {
    const held = this.#byKey.get(key)
    if (held !== undefined) held.earlier = held.lengths.length
  }

  /**
   * The application took `bytes`, oldest first; empty messages go along.
   * @returns bytes of whole messages of the current session, `undefined` when none was taken
   */
  consumed(key: KeyId, bytes: number): number | undefined {
    const held = this.#byKey.get(key)
    if (held === undefined) return undefined
    held.takenBytes += bytes
    let current: number | undefined
    for (;;) {
      const length = held.lengths.first()
      if (length === undefined || length > held.takenBytes) break
      held.lengths.shift()
      held.takenBytes -= length
      held.costBytes -= creditCost(length)
      this.#costBytes -= creditCost(length)
      if (held.earlier > 0) held.earlier -= 1
      else current = (current ?? 0) + length
    }
    if (held.lengths.length === 0) this.#byKey.delete(key)
    return current
  }

  /** Whether a caller has to wait until the application has taken more. */
  forbidsCaller(key: KeyId): boolean {
    return this.#isFull || this.costOf(key) >= MESSAGE_WINDOW_BYTES
  }

  /** Whether even a dial of our own has to. Other keys cannot bring this about. */
  forbidsDial(key: KeyId): boolean {
    return this.costOf(key) >= 2 * MESSAGE_WINDOW_BYTES
  }

  /** Whether the budget is spent and this key has more than its share of it. */
  isBeyondShare(key: KeyId): boolean {
    return this.#isFull && this.costOf(key) > SHARE_BYTES
  }

  get #isFull(): boolean {
    return this.#costBytes >= MEMORY_BUDGET_BYTES || this.#byKey.size >= MAX_REMEMBERED_INITIATORS
  }

  #open(key: KeyId): Held {
    const held = { lengths: new Ring<number>(), earlier: 0, takenBytes: 0, costBytes: 0 }
    this.#byKey.set(key, held)
    return held
  }
}
