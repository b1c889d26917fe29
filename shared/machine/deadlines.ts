// The named deadlines of one machine: a few names, one next timeout. A sorted linked list, because a
// server holds 10,000 of these tables with two or three entries each. Many ids: see deadline-heap.ts.

interface Entry<Name> {
  readonly name: Name
  atMs: number
  next: Entry<Name> | undefined
}

export class Deadlines<Name extends string | number> {
  #first: Entry<Name> | undefined

  /** Sets or moves a deadline. Among equal times the one set first expires first. */
  set(name: Name, atMs: number): void {
    const entry = this.#detach(name) ?? { name, atMs, next: undefined }
    entry.atMs = atMs
    this.#insert(entry)
  }

  clear(name: Name): void {
    this.#detach(name)
  }

  clearAll(): void {
    this.#first = undefined
  }

  has(name: Name): boolean {
    for (let entry = this.#first; entry !== undefined; entry = entry.next) {
      if (entry.name === name) return true
    }
    return false
  }

  /** The earliest deadline in `Time.now` milliseconds. */
  next(): number | undefined {
    return this.#first?.atMs
  }

  /** Removes and returns the earliest deadline that is due at `now`. Call until `undefined`. */
  takeExpired(now: number): Name | undefined {
    const first = this.#first
    if (first === undefined || first.atMs > now) return undefined
    this.#first = first.next
    return first.name
  }

  #detach(name: Name): Entry<Name> | undefined {
    let previous: Entry<Name> | undefined
    for (let entry = this.#first; entry !== undefined; entry = entry.next) {
      if (entry.name === name) {
        if (previous === undefined) this.#first = entry.next
        else previous.next = entry.next
        return entry
      }
      previous = entry
    }
    return undefined
  }

  #insert(entry: Entry<Name>): void {
    let previous: Entry<Name> | undefined
    let next = this.#first
    while (next !== undefined && next.atMs <= entry.atMs) {
      previous = next
      next = next.next
    }
    entry.next = next
    if (previous === undefined) this.#first = entry
    else previous.next = entry
  }
}
