// Who makes way when a table is full: of the entries farthest from our own id, by the length of the prefix
// they share with it, the oldest (docs/PROTOCOL.md 4). Knows ids only; the table keeps the entries.

const MAX_PREFIX = 256

export class EvictionOrder<Id> {
  readonly #byPrefix: (Ages<Id> | undefined)[] = []

  /** Adds an entry as the youngest at its distance, also one that is there. @param prefix 0 (far) to 256 */
  add(id: Id, prefix: number): void {
    let ages = this.#byPrefix[prefix]
    if (ages === undefined) {
      ages = new Ages()
      this.#byPrefix[prefix] = ages
    }
    ages.add(id)
  }

  delete(id: Id, prefix: number): void {
    this.#byPrefix[prefix]?.delete(id)
  }

  /** The prefix length of the farthest entry. */
  farthest(): number | undefined {
    for (let prefix = 0; prefix <= MAX_PREFIX; prefix++) {
      if ((this.#byPrefix[prefix]?.size ?? 0) > 0) return prefix
    }
    return undefined
  }

  /** @returns the oldest of the farthest, which is forgotten here */
  takeFarthest(): Id | undefined {
    const prefix = this.farthest()
    return prefix === undefined ? undefined : this.#byPrefix[prefix]?.takeOldest()
  }
}

/** A set in the order of adding, whose oldest is found at once however many went before it. */
class Ages<Id> {
  readonly #ids = new Set<Id>()
  /** Goes on where it was: from the start it would step over everything deleted before, each time anew. */
  #oldestFirst = this.#ids.values()

  get size(): number {
    return this.#ids.size
  }

  add(id: Id): void {
    this.#ids.delete(id)
    this.#ids.add(id)
  }

  delete(id: Id): void {
    this.#ids.delete(id)
  }

  takeOldest(): Id | undefined {
    let next = this.#oldestFirst.next()
    if (next.done === true) {
      // One that came to the end stays there.
      this.#oldestFirst = this.#ids.values()
      next = this.#oldestFirst.next()
    }
    if (next.done === true) return undefined
    this.#ids.delete(next.value)
    return next.value
  }
}
