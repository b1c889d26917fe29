// A map with a cap: adding one more entry evicts the one least recently used. Bounds every cache and
// every table that a peer can make grow.

export class LruMap<K, V> {
  readonly #max: number
  // A Map iterates in insertion order: re-inserting on use keeps the least recently used first.
  readonly #entries = new Map<K, V>()

  /** @throws RangeError unless `max` is at least 1. */
  constructor(max: number) {
    if (!(max >= 1)) throw new RangeError('an LRU map holds at least one entry')
    this.#max = max
  }

  get size(): number {
    return this.#entries.size
  }

  /** The value, which becomes the most recently used. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key)
    if (value === undefined && !this.#entries.has(key)) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value as V)
    return value
  }

  /** The value, without counting as a use. */
  peek(key: K): V | undefined {
    return this.#entries.get(key)
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  /** Adds or replaces, as a use. @returns the entry that had to go. */
  set(key: K, value: V): [K, V] | undefined {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#max) return undefined
    for (const oldest of this.#entries) {
      this.#entries.delete(oldest[0])
      return oldest
    }
    return undefined
  }

  delete(key: K): boolean {
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** Least recently used first. */
  entries(): IterableIterator<[K, V]> {
    return this.#entries.entries()
  }
}
