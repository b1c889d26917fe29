// Writes what changed in the book since the last write, gathered over a moment. A write that fails is told
// once and tried again with the next change. Never waits for an earlier write: the page may be about to go.

import type { Book } from './book.ts'
import type { HistoryStore } from './history-store.ts'
import { SAVE_DELAY_MS } from './limits.ts'

export class HistoryWriter {
  readonly #store: HistoryStore
  readonly #onOutcome: (error: unknown) => void
  #written: Book
  #begun: Book
  #current: Book
  #timer: ReturnType<typeof setTimeout> | undefined
  #lastWrite: Promise<void> | undefined

  /** @param onOutcome gets `undefined` after a write that worked */
  constructor(store: HistoryStore, loaded: Book, onOutcome: (error: unknown) => void) {
    this.#store = store
    this.#written = loaded
    this.#begun = loaded
    this.#current = loaded
    this.#onOutcome = onOutcome
  }

  /** What the store holds. */
  get written(): Book {
    return this.#written
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
    if (this.#current !== this.#begun) {
      this.#begun = this.#current
      this.#lastWrite = this.#write(this.#current)
    }
    await this.#lastWrite
  }

  /** Writes against the last book that is known to be written: what is on its way goes once more. */
  async #write(book: Book): Promise<void> {
    const changed = [...book.values()].filter(c => this.#written.get(c.key) !== c)
    const removed = [...this.#written.keys()].filter(key => !book.has(key))
    try {
      await this.#store.write(changed, removed)
      this.#written = book
      this.#onOutcome(undefined)
    } catch (error) {
      if (this.#begun === book) this.#begun = this.#written
      this.#onOutcome(error)
    }
  }
}
