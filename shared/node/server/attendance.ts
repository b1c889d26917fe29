// Which keys have a link here (docs/PROTOCOL.md 3.6, presence): one that just lost its last link still counts for
// a moment, as a page that reloads was never away. Knows no records.

import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import { PRESENCE_GRACE_MS } from '../../wire/limits.ts'

export class Attendance {
  /** Open links of each key: several are normal for a while. */
  readonly #links = new Map<KeyId, number>()
  /** When those without a link count as gone; the earliest first, as all wait equally long. */
  readonly #leaving = new Map<KeyId, number>()

  isHere(key: KeyId): boolean {
    return this.#links.has(key) || this.#leaving.has(key)
  }

  /** @returns whether the key was away */
  came(key: KeyId): boolean {
    const wasHere = this.isHere(key)
    this.#links.set(key, (this.#links.get(key) ?? 0) + 1)
    this.#leaving.delete(key)
    return !wasHere
  }

  /** One of its links ended. */
  left(time: Time, key: KeyId): void {
    const open = (this.#links.get(key) ?? 0) - 1
    if (open > 0) this.#links.set(key, open)
    else if (this.#links.delete(key)) this.#leaving.set(key, time.now + PRESENCE_GRACE_MS)
  }

  /** @returns the keys that count as gone from now on */
  timeout(time: Time): KeyId[] {
    const gone: KeyId[] = []
    for (const [key, atMs] of this.#leaving) {
      if (atMs > time.now) break
      this.#leaving.delete(key)
      gone.push(key)
    }
    return gone
  }

  nextTimeout(): number | undefined {
    return this.#leaving.values().next().value
  }
}
