// Hands arriving messages to whoever listens: `for await` loops and event listeners. Messages wait here
// until the first listener comes, and their senders get credit only when every loop has taken them.

import type { Message } from './api.ts'
import { AsyncQueue } from './async-queue.ts'

interface Held {
  readonly message: Message
  readonly peerKey: string
  readonly bytes: number
  takers: number
}

export class Inbox {
  readonly #onConsumed: (peerKey: string, bytes: number) => void
  readonly #queues = new Map<AsyncQueue<Held>, string | undefined>()
  #waiting: Held[] = []
  #isClosed = false

  /** @param onConsumed told once for each message, when nothing holds it any more */
  constructor(onConsumed: (peerKey: string, bytes: number) => void) {
    this.#onConsumed = onConsumed
  }

  /** @param isHeard whether an event listener has already been given the message */
  push(message: Message, bytes: number, isHeard: boolean): void {
    const held: Held = { message, peerKey: message.from, bytes, takers: 0 }
    const queues = this.#queuesFor(held.peerKey)
    if (queues.length === 0 && !isHeard) {
      this.#waiting.push(held)
      return
    }
    held.takers = queues.length + 1
    for (const queue of queues) queue.push(held)
    this.#taken(held)
  }

  /** Messages from now on, and those that nobody has listened to yet. */
  messages(peerKey: string | undefined): AsyncIterableIterator<Message> {
    const queue: AsyncQueue<Held> = new AsyncQueue(
      held => this.#taken(held),
      () => this.#queues.delete(queue),
    )
    if (this.#isClosed) queue.close()
    else this.#queues.set(queue, peerKey)
    for (const held of this.#takeWaiting(peerKey)) {
      held.takers = 1
      queue.push(held)
    }
    return mapped(queue)
  }

  /** What waited for a first listener, now that an event listener came. */
  drain(): Message[] {
    const waiting = this.#takeWaiting(undefined)
    for (const held of waiting) this.#onConsumed(held.peerKey, held.bytes)
    return waiting.map(held => held.message)
  }

  /** @param peerKey ends the loops of one peer, or all of them when left out */
  close(peerKey?: string): void {
    if (peerKey === undefined) this.#isClosed = true
    for (const [queue, filter] of [...this.#queues]) {
      if (peerKey === undefined || filter === peerKey) queue.close()
    }
  }

  #queuesFor(peerKey: string): AsyncQueue<Held>[] {
    const queues: AsyncQueue<Held>[] = []
    for (const [queue, filter] of this.#queues) {
      if (filter === undefined || filter === peerKey) queues.push(queue)
    }
    return queues
  }

  #takeWaiting(peerKey: string | undefined): Held[] {
    const isWanted = (held: Held): boolean => peerKey === undefined || held.peerKey === peerKey
    const wanted = this.#waiting.filter(isWanted)
    if (wanted.length > 0) this.#waiting = this.#waiting.filter(held => !isWanted(held))
    return wanted
  }

  #taken(held: Held): void {
    held.takers -= 1
    if (held.takers === 0) this.#onConsumed(held.peerKey, held.bytes)
  }
}

function mapped(queue: AsyncQueue<Held>): AsyncIterableIterator<Message> {
  const unwrap = (result: IteratorResult<Held>): IteratorResult<Message> =>
    result.done ? result : { done: false, value: result.value.message }
  return {
    next: () => queue.next().then(unwrap),
    return: () => queue.return().then(unwrap),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
