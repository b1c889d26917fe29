// A first-in first-out queue with a cap on items and, where wanted, on bytes: a ring buffer that takes
// memory only while it holds something. A full queue says so and changes nothing.

export interface QueueBounds<T> {
  readonly maxItems: number
  /** Needs `sizeOf`. */
  readonly maxBytes?: number
  /** Bytes of an item; must not change while it is queued. */
  readonly sizeOf?: (item: T) => number
}

const FIRST_CAPACITY = 8

export class BoundedQueue<T> {
  readonly #bounds: QueueBounds<T>
  // Length zero or a power of two.
  #ring: (T | undefined)[] = []
  #head = 0
  #length = 0
  #bytes = 0

  /** `bounds` may be shared by many queues. */
  constructor(bounds: QueueBounds<T>) {
    this.#bounds = bounds
  }

  get length(): number {
    return this.#length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** @returns false when full: nothing changed. */
  push(item: T): boolean {
    if (!this.#admit(item)) return false
    this.#ring[this.#slot(this.#length++)] = item
    return true
  }

  /** Puts an item at the front, to be the next out. @returns false when full: nothing changed. */
  unshift(item: T): boolean {
    if (!this.#admit(item)) return false
    this.#head = this.#slot(this.#ring.length - 1)
    this.#ring[this.#head] = item
    this.#length++
    return true
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#ring[this.#head] as T
    this.#ring[this.#head] = undefined
    this.#head = this.#slot(1)
    this.#length--
    this.#bytes -= this.#sizeOf(item)
    if (this.#length === 0) this.clear()
    return item
  }

  peek(): T | undefined {
    return this.#ring[this.#head]
  }

  clear(): void {
    // A burst must not pin its ring for ever; a small ring is kept for the next item.
    if (this.#ring.length > FIRST_CAPACITY) this.#ring = []
    else this.#ring.fill(undefined)
    this.#head = 0
    this.#length = 0
    this.#bytes = 0
  }

  #admit(item: T): boolean {
    const size = this.#sizeOf(item)
    const { maxItems, maxBytes } = this.#bounds
    if (this.#length >= maxItems) return false
    if (maxBytes !== undefined && this.#bytes + size > maxBytes) return false
    if (this.#length === this.#ring.length) this.#grow()
    this.#bytes += size
    return true
  }

  #grow(): void {
    const grown: (T | undefined)[] = new Array(Math.max(FIRST_CAPACITY, 2 * this.#ring.length))
    for (let i = 0; i < this.#length; i++) grown[i] = this.#ring[this.#slot(i)]
    grown.fill(undefined, this.#length)
    this.#ring = grown
    this.#head = 0
  }

  #slot(position: number): number {
    return (this.#head + position) & (this.#ring.length - 1)
  }

  #sizeOf(item: T): number {
    return this.#bounds.sizeOf?.(item) ?? 0
  }
}
