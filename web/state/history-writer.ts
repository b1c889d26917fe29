// Writes what changed in the book since the last write, gathered over a moment, one write at a time.
// A write that fails is told once and tried again with the next change.

import type { Book } from './book.ts'
import type { HistoryStore } from './history-store.ts'
import { SAVE_DELAY_MS } from './limits.ts'

export class HistoryWriter {
  readonly #store: HistoryStore
  readonly #onOutcome: (error: unknown) => void
  #written: Book
  #current: Book
  #timer: ReturnType<typeof setTimeout> | undefined
  #writing: Promise<void> | undefined

  /** @param onOutcome gets `undefined` after a write that worked */
  constructor(store: HistoryStore, loaded: Book, onOutcome: (error: unknown) => void) {
    this.#store = store
    this.#written = loaded
    this.#current = loaded
    this.#onOutcome = onOutcome
  }

  bookChanged(book: Book): void {
    if (book === this.#current) return
    this.#current = book
    this.#timer ??= setTimeout(() => void this.flush(), SAVE_DELAY_MS)
  }

  /** Settles when everything up to now is written or has failed. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#writing !== undefined) await this.#writing
    if (this.#current === this.#written) return
    this.#writing = this.#write(this.#current)
    await this.#writing
  }

  async #write(book: Book): Promise<void> {
    const changed = [...book.values()].filter(c => this.#written.get(c.key) !== c)
    const removed = [...this.#written.keys()].filter(key => !book.has(key))
    try {
      await this.#store.write(changed, removed)
      this.#written = book
      this.#onOutcome(undefined)
    } catch (error) {
      this.#onOutcome(error)
    } finally {
      this.#writing = undefined
    }
  }
}
