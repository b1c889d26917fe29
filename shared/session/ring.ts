// A growable ring addressed by ever-rising positions: push at the end, drop from the front, look anywhere
// between in constant time. Holds no memory while empty. The caps are its owner's.

const FIRST_CAPACITY = 8

export class Ring<T> {
  // Length zero or a power of two.
  #slots: (T | undefined)[] = []
  #start = 0
  #end = 0

  /** Position of the oldest item. */
  get start(): number {
    return this.#start
  }

  /** Position that the next item will get. */
  get end(): number {
    return this.#end
  }

  get length(): number {
    return this.#end - this.#start
  }

  push(item: T): void {
    if (this.length === this.#slots.length) this.#grow()
    this.#slots[this.#end++ & (this.#slots.length - 1)] = item
  }

  /** `undefined` outside of `start` to `end`. */
  at(position: number): T | undefined {
    if (position < this.#start || position >= this.#end) return undefined
    return this.#slots[position & (this.#slots.length - 1)]
  }

  first(): T | undefined {
    return this.at(this.#start)
  }

  shift(): T | undefined {
    if (this.#start === this.#end) return undefined
    const slot = this.#start++ & (this.#slots.length - 1)
    const item = this.#slots[slot]
    this.#slots[slot] = undefined
    // A burst must not pin its slots for ever.
    if (this.#start === this.#end && this.#slots.length > FIRST_CAPACITY) this.#slots = []
    return item
  }

  /** Forgets everything; positions go on. */
  clear(): void {
    this.#start = this.#end
    this.#slots = []
  }

  #grow(): void {
    const grown: (T | undefined)[] = new Array(Math.max(FIRST_CAPACITY, 2 * this.#slots.length))
    grown.fill(undefined)
    for (let i = this.#start; i < this.#end; i++) grown[i & (grown.length - 1)] = this.at(i)
    this.#slots = grown
  }
}
