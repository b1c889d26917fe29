// The owners of kept records that are away, in the order in which they left: they make way when a server's registry
// is full (docs/PROTOCOL.md 2.3). Knows keys only; the registry keeps the records and says which there are.

import type { KeyId } from '../identity/node-id.ts'

export class Departures {
  /** Open links of each key: several are normal for a while. */
  readonly #links = new Map<KeyId, number>()
  /** The keys of kept records without an open link, the longest away first. */
  readonly #away = new Set<KeyId>()
  /** Goes on where it was: from the start it would step over everything deleted before, for each key anew. */
  #oldestFirst = this.#away.values()

  get hasAny(): boolean {
    return this.#away.size > 0
  }

  attached(key: KeyId): void {
    this.#links.set(key, (this.#links.get(key) ?? 0) + 1)
    this.#away.delete(key)
  }

  /** @param isKept whether there is a record of this key */
  detached(key: KeyId, isKept: boolean): void {
    const left = (this.#links.get(key) ?? 0) - 1
    if (left > 0) {
      this.#links.set(key, left)
      return
    }
    this.#links.delete(key)
    if (isKept) this.#away.add(key)
  }

  /** A record of this key is kept from now on, maybe from an earlier life: then its owner is away. */
  kept(key: KeyId): void {
    if (!this.#links.has(key)) this.#away.add(key)
  }

  dropped(key: KeyId): void {
    this.#away.delete(key)
  }

  /** @returns the key that is away for the longest, which is forgotten here */
  takeOldest(): KeyId | undefined {
    let next = this.#oldestFirst.next()
    if (next.done === true) {
      // One that came to the end stays there.
      this.#oldestFirst = this.#away.values()
      next = this.#oldestFirst.next()
    }
    if (next.done === true) return undefined
    this.#away.delete(next.value)
    return next.value
  }
}
