// Messages of one peer that the application waits for, from `send` to receipt: those that a session has
// taken (by id), and those that wait for a session. Sends nothing itself.

import { mapKey } from '../../bytes/map-key.ts'
import { OUTBOX_MAX_BYTES, OUTBOX_MAX_MESSAGES } from '../../wire/limits.ts'
import type { RequestId } from '../inputs.ts'

export interface QueuedMessage {
  readonly id: Uint8Array
  readonly data: Uint8Array
}

export class PendingSends {
  readonly #requests = new Map<string, RequestId>()
  /** By id, in order. */
  #queued = new Map<string, QueuedMessage>()
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
    if (this.#queued.size >= OUTBOX_MAX_MESSAGES || bytes > OUTBOX_MAX_BYTES) return false
    this.#queued.set(mapKey(message.id), message)
    this.#queuedBytes = bytes
    this.track(request, message.id)
    return true
  }

  /** What waited for a session, in order. */
  takeQueued(): QueuedMessage[] {
    const queued = [...this.#queued.values()]
    this.#queued.clear()
    this.#queuedBytes = 0
    return queued
  }

  /** A session ended before these were settled: they wait for the next one, ahead of all others. */
  requeue(messages: readonly QueuedMessage[]): void {
    const later = this.takeQueued()
    for (const message of [...messages, ...later]) {
      this.#queued.set(mapKey(message.id), message)
      this.#queuedBytes += message.data.length
    }
  }

  /** Gives a message up. @returns whether it waited here, so that no session knows it */
  drop(id: Uint8Array): boolean {
    const key = mapKey(id)
    this.#requests.delete(key)
    const dropped = this.#queued.get(key)
    if (dropped === undefined) return false
    this.#queued.delete(key)
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
