// Keeps the books of all tabs of the web client alike, over a BroadcastChannel: tells the others what changes here, takes
// in what changes there. A tab that comes later reads the history, and is told what was not written yet.

import type { ReadonlySignal, Signal } from '@preact/signals'
import { effect } from '@preact/signals'
import type { Book } from './book.ts'
import type { BookChange } from './book-changes.ts'
import { changesBetween, withChanges } from './book-changes.ts'
import { BOOK_CHANGES_WAITING_MAX } from './limits.ts'

/** In its name, the version of what is said: tabs of an older page do not hear it. */
export const BOOK_CHANNEL = 'keymesh/book/1'

export type BookChannel = Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>

type Said = { readonly kind: 'hello' } | { readonly kind: 'change'; readonly change: BookChange }

export interface BookSyncState {
  readonly book: Signal<Book>
  readonly selectedKey: Signal<string | undefined>
  readonly isAttentive: ReadonlySignal<boolean>
}

export class BookSync {
  readonly #state: BookSyncState
  readonly #channel: BookChannel
  readonly #written: () => Book | undefined
  readonly #onChange: (keys: readonly string[]) => void
  #known: Book = new Map()
  /** Heard before `begin`. */
  #waiting: BookChange[] | undefined = []
  #isStopped = false
  #stopWatching: (() => void) | undefined

  /**
   * Listens from here on: what is read of the history later, and what is heard, are together all there is.
   * @param written what the history holds now, if it is known
   * @param onChange told of conversations that another tab changed
   */
  constructor(
    state: BookSyncState,
    channel: BookChannel,
    written: () => Book | undefined,
    onChange: (keys: readonly string[]) => void,
  ) {
    this.#state = state
    this.#channel = channel
    this.#written = written
    this.#onChange = onChange
    channel.addEventListener('message', event => this.#heard(event.data as Said))
    this.#say({ kind: 'hello' })
  }

  /** The history is read. */
  begin(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    this.#known = this.#state.book.peek()
    for (const change of waiting) this.#take(change)
    this.#stopWatching = effect(() => this.#changed(this.#state.book.value))
  }

  stop(): void {
    this.#isStopped = true
    this.#stopWatching?.()
  }

  #changed(book: Book): void {
    const change = changesBetween(this.#known, book)
    this.#known = book
    if (change !== undefined) this.#say({ kind: 'change', change })
  }

  #heard(said: Said): void {
    if (this.#isStopped) return
    if (said.kind === 'change') {
      if (this.#waiting === undefined) this.#take(said.change)
      else if (this.#waiting.length < BOOK_CHANGES_WAITING_MAX) this.#waiting.push(said.change)
      return
    }
    if (this.#waiting !== undefined) return
    const change = changesBetween(this.#written() ?? new Map(), this.#state.book.peek())
    if (change !== undefined) this.#say({ kind: 'change', change })
  }

  #take(change: BookChange): void {
    const { book, selectedKey, isAttentive } = this.#state
    const isSeen = (key: string) => selectedKey.peek() === key && isAttentive.peek()
    const next = withChanges(book.peek(), change, isSeen)
    this.#known = next
    book.value = next
    const { changed, removed } = change
    if (removed.includes(selectedKey.peek() ?? '')) selectedKey.value = undefined
    this.#onChange([...changed.map(({ key }) => key), ...removed])
  }

  #say(said: Said): void {
    this.#channel.postMessage(said)
  }
}
