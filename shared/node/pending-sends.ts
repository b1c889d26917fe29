// Messages of one peer that the application waits for, from `send` to receipt: those that a session has
// taken (by id), and those that wait for a first session. Sends nothing itself.

import { mapKey } from '../bytes/map-key.ts'
import { OUTBOX_MAX_BYTES, OUTBOX_MAX_MESSAGES } from '../wire/limits.ts'
import type { RequestId } from './inputs.ts'

export interface QueuedMessage {
  readonly id: Uint8Array
  readonly data: Uint8Array
}

export class PendingSends {
  readonly #requests = new Map<string, RequestId>()
  #queued: QueuedMessage[] = []
  #queuedBytes = 0

  get size(): number {
    return this.#requests.size
  }

  /** A session took the message. */
  track(request: RequestId, id: Uint8Array): void {
    this.#requests.set(mapKey(id), request)
  }

  /** Keeps a message until there is a session. @returns false when the queue is full */
  enqueue(request: RequestId, message: QueuedMessage): boolean {
    const bytes = this.#queuedBytes + message.data.length
    if (this.#queued.length >= OUTBOX_MAX_MESSAGES || bytes > OUTBOX_MAX_BYTES) return false
    this.#queued.push(message)
    this.#queuedBytes = bytes
    this.track(request, message.id)
    return true
  }

  /** What waited for a session, in order. */
  takeQueued(): QueuedMessage[] {
    const queued = this.#queued
    this.#queued = []
    this.#queuedBytes = 0
    return queued
  }

  /** A session ended before these were settled: they wait for the next one, ahead of all others. */
  requeue(messages: readonly QueuedMessage[]): void {
    this.#queued = [...messages, ...this.#queued]
    for (const { data } of messages) this.#queuedBytes += data.length
  }

  /** Drops a message that no session has taken yet. @returns whether it was there */
  dropQueued(id: Uint8Array): boolean {
    const key = mapKey(id)
    const index = this.#queued.findIndex(message => mapKey(message.id) === key)
    const [dropped] = index < 0 ? [] : this.#queued.splice(index, 1)
    if (dropped === undefined) return false
    this.#queuedBytes -= dropped.data.length
    return true
  }

  /** The message is settled. @returns who waits for it */
  settle(id: Uint8Array): RequestId | undefined {
    const key = mapKey(id)
    const request = this.#requests.get(key)
    this.#requests.delete(key)
    return request
  }

  /** Everything is settled at once. @returns who waits */
  settleAll(): RequestId[] {
    const requests = [...this.#requests.values()]
    this.#requests.clear()
    this.takeQueued()
    return requests
  }
}
