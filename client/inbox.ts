// Hands arriving messages to whoever listens: `for await` loops and event listeners. Messages wait here
// until the first listener comes, and their senders get credit only when every loop has taken them.

import type { KeyId } from '../shared/identity/node-id.ts'
import type { Message } from './api.ts'
import { AsyncQueue } from './async-queue.ts'

/** One `for await` loop. */
export interface Messages extends AsyncIterableIterator<Message> {
  /** No more come; those held can still be taken. */
  close(): void
}

interface Held {
  readonly message: Message
  readonly peer: KeyId
  readonly bytes: number
  takers: number
}

export class Inbox {
  readonly #onConsumed: (peer: KeyId, bytes: number) => void
  readonly #queues = new Map<AsyncQueue<Held>, KeyId | undefined>()
  #waiting: Held[] = []
  #isClosed = false

  /** @param onConsumed told once for each message, when nothing holds it any more */
  constructor(onConsumed: (peer: KeyId, bytes: number) => void) {
    this.#onConsumed = onConsumed
  }

  /** @param isHeard whether an event listener has already been given the message */
  push(peer: KeyId, message: Message, bytes: number, isHeard: boolean): void {
    const held: Held = { message, peer, bytes, takers: 0 }
    const queues = this.#queuesFor(peer)
    if (queues.length === 0 && !isHeard) {
      this.#waiting.push(held)
      return
    }
    held.takers = queues.length + 1
    for (const queue of queues) queue.push(held)
    this.#taken(held)
  }

  /** Messages from now on, and those that nobody has listened to yet. */
  messages(peer: KeyId | undefined): Messages {
    const queue: AsyncQueue<Held> = new AsyncQueue(
      held => this.#taken(held),
      () => this.#queues.delete(queue),
    )
    for (const held of this.#takeWaiting(peer)) {
      held.takers = 1
      queue.push(held)
    }
    if (this.#isClosed) queue.close()
    else this.#queues.set(queue, peer)
    return mapped(queue)
  }

  /** What waited for a first listener, now that an event listener came. */
  drain(): Message[] {
    const waiting = this.#takeWaiting(undefined)
    for (const held of waiting) this.#onConsumed(held.peer, held.bytes)
    return waiting.map(held => held.message)
  }

  /** @param peer ends the loops of one peer, or all of them when left out */
  close(peer?: KeyId): void {
    if (peer === undefined) this.#isClosed = true
    for (const [queue, filter] of [...this.#queues]) {
      if (peer === undefined || filter === peer) queue.close()
    }
  }

  #queuesFor(peer: KeyId): AsyncQueue<Held>[] {
    const queues: AsyncQueue<Held>[] = []
    for (const [queue, filter] of this.#queues) {
      if (filter === undefined || filter === peer) queues.push(queue)
    }
    return queues
  }

  #takeWaiting(peer: KeyId | undefined): Held[] {
    const isWanted = (held: Held): boolean => peer === undefined || held.peer === peer
    const wanted = this.#waiting.filter(isWanted)
    if (wanted.length > 0) this.#waiting = this.#waiting.filter(held => !isWanted(held))
    return wanted
  }

  #taken(held: Held): void {
    held.takers -= 1
    if (held.takers === 0) this.#onConsumed(held.peer, held.bytes)
  }
}

function mapped(queue: AsyncQueue<Held>): Messages {
  const unwrap = (result: IteratorResult<Held>): IteratorResult<Message> =>
    result.done ? result : { done: false, value: result.value.message }
  return {
    next: () => queue.next().then(unwrap),
    return: () => queue.return().then(unwrap),
    close: () => queue.close(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
