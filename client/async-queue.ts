// Values for one `for await` loop: pushed by events, taken by the loop. Holds what was not taken yet;
// whoever pushes bounds it (by flow control, see Inbox) and is told of each value taken.

export class AsyncQueue<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = []
  readonly #onTaken: ((value: T) => void) | undefined
  readonly #onEnd: (() => void) | undefined
  #head = 0
  #waiting: ((result: IteratorResult<T>) => void)[] = []
  #isEnded = false

  /**
   * @param onTaken told of each value when the loop takes it, or gives it up by leaving
   * @param onEnd told once, when the loop is left or the queue closed
   */
  constructor(onTaken?: (value: T) => void, onEnd?: () => void) {
    this.#onTaken = onTaken
    this.#onEnd = onEnd
  }

  push(value: T): void {
    if (this.#isEnded) {
      this.#onTaken?.(value)
      return
    }
    const waiting = this.#waiting.shift()
    if (waiting === undefined) {
      this.#values.push(value)
      return
    }
    waiting({ done: false, value })
    this.#onTaken?.(value)
  }

  /** No more values come; those held can still be taken. */
  close(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    for (const waiting of this.#waiting) waiting({ done: true, value: undefined })
    this.#waiting = []
    this.#onEnd?.()
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#head < this.#values.length) {
      const value = this.#take()
      this.#onTaken?.(value)
      return Promise.resolve({ done: false, value })
    }
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined })
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /** The loop was left: what it did not take counts as taken, so that senders do not wait for it. */
  return(): Promise<IteratorResult<T>> {
    this.close()
    while (this.#head < this.#values.length) this.#onTaken?.(this.#take())
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #take(): T {
    const value = this.#values[this.#head] as T
    this.#head += 1
    // Compact now and then, so that a long-lived queue does not keep what was taken.
    if (this.#head > 1024 && this.#head * 2 > this.#values.length) {
      this.#values.splice(0, this.#head)
      this.#head = 0
    }
    return value
  }
}
