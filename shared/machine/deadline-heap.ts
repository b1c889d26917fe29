// One deadline for each of many ids (a parent's thousands of children): a binary heap that can also
// move or remove by id, O(log n). Among equal times the one set first expires first.

interface Entry<Id> {
  readonly id: Id
  atMs: number
  /** Rises with every `set`: breaks ties, so that runs are repeatable. */
  order: number
  index: number
}

export class DeadlineHeap<Id> {
  readonly #heap: Entry<Id>[] = []
  readonly #byId = new Map<Id, Entry<Id>>()
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  /** Sets or moves the deadline of `id`. */
  set(id: Id, atMs: number): void {
    let entry = this.#byId.get(id)
    if (entry === undefined) {
      entry = { id, atMs, order: this.#order++, index: this.#heap.length }
      this.#byId.set(id, entry)
      this.#heap.push(entry)
    } else {
      // An unchanged deadline keeps its place: parents refresh every child after every input.
      if (entry.atMs === atMs) return
      entry.atMs = atMs
      entry.order = this.#order++
    }
    this.#settle(entry)
  }

  delete(id: Id): boolean {
    const entry = this.#byId.get(id)
    if (entry === undefined) return false
    this.#remove(entry)
    return true
  }

  has(id: Id): boolean {
    return this.#byId.has(id)
  }

  /** The earliest deadline in `Time.now` milliseconds. */
  next(): number | undefined {
    return this.#heap[0]?.atMs
  }

  /** Removes and returns the earliest id that is due at `now`. Call until `undefined`. */
  takeExpired(now: number): Id | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.atMs > now) return undefined
    this.#remove(first)
    return first.id
  }

  /** All that are due at `now`, each once: what is set while they are served waits for the next time, also if due at once. */
  takeAllExpired(now: number): Id[] {
    const due: Id[] = []
    for (let id = this.takeExpired(now); id !== undefined; id = this.takeExpired(now)) due.push(id)
    return due
  }

  #remove(entry: Entry<Id>): void {
    this.#byId.delete(entry.id)
    const last = this.#heap.pop()
    if (last === undefined || last === entry) return
    this.#place(last, entry.index)
    this.#settle(last)
  }

  /** Moves an entry up or down to where it belongs. */
  #settle(entry: Entry<Id>): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1]
      if (parent === undefined || !isBefore(entry, parent)) break
      this.#swap(entry, parent)
    }
    for (;;) {
      const child = this.#earlierChild(entry.index)
      if (child === undefined || !isBefore(child, entry)) break
      this.#swap(child, entry)
    }
  }

  #earlierChild(index: number): Entry<Id> | undefined {
    const left = this.#heap[2 * index + 1]
    const right = this.#heap[2 * index + 2]
    return left !== undefined && right !== undefined && isBefore(right, left) ? right : left
  }

  #swap(a: Entry<Id>, b: Entry<Id>): void {
    const { index } = a
    this.#place(a, b.index)
    this.#place(b, index)
  }

  #place(entry: Entry<Id>, index: number): void {
    this.#heap[index] = entry
    entry.index = index
  }
}

function isBefore<Id>(a: Entry<Id>, b: Entry<Id>): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
