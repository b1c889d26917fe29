// Who waits for one peer: dials, pings and messages, each answered exactly once. Decides nothing about
// sessions; it is told what became of things.

import type { NodeEvent } from '../effects.ts'
import type { RequestId } from '../inputs.ts'
import type { Failure } from '../mesh-error.ts'
import { HUNG_UP, QUEUE_FULL } from '../peer-failure.ts'
import type { QueuedMessage } from './pending-sends.ts'
import { PendingSends } from './pending-sends.ts'

export class PeerRequests {
  readonly #emit: (event: NodeEvent) => void
  readonly #dials = new Set<RequestId>()
  readonly #pings = new Set<RequestId>()
  readonly #sends = new PendingSends()

  constructor(emit: (event: NodeEvent) => void) {
    this.#emit = emit
  }

  /** Whether anybody waits. */
  get isEmpty(): boolean {
    return this.#dials.size + this.#pings.size + this.#sends.size === 0
  }

  get hasDials(): boolean {
    return this.#dials.size > 0
  }

  get pings(): Iterable<RequestId> {
    return this.#pings
  }

  addDial(request: RequestId): void {
    this.#dials.add(request)
  }

  addPing(request: RequestId): void {
    this.#pings.add(request)
  }

  /** A session takes the message. */
  addSend(request: RequestId, id: Uint8Array): void {
    this.#sends.track(request, id)
  }

  /** The message waits for a session. @returns false when the queue is full, as its sender is told */
  queueSend(request: RequestId, message: QueuedMessage): boolean {
    if (this.#sends.enqueue(request, message)) return true
    this.failed(request, QUEUE_FULL)
    return false
  }

  /** What waited for a session, in order. */
  takeQueued(): QueuedMessage[] {
    return this.#sends.takeQueued()
  }

  /** What a session did not finish waits for the next one. */
  requeue(messages: readonly QueuedMessage[]): void {
    this.#sends.requeue(messages)
  }

  /**
   * A request is given up.
   * @param messageId of a `send`
   * @returns whether a session may still hold the message
   */
  giveUp(request: RequestId, messageId: Uint8Array | undefined, failure: Failure): boolean {
    this.#dials.delete(request)
    this.#pings.delete(request)
    const isInSession = messageId !== undefined && !this.#sends.drop(messageId)
    this.failed(request, failure)
    return isInSession
  }

  /** The peer is up. */
  allDialed(): void {
    for (const request of this.#dials) {
      this.#emit({ kind: 'done', request, outcome: { kind: 'dialed' } })
    }
    this.#dials.clear()
  }

  ponged(request: RequestId, rttMs: number): void {
    if (!this.#pings.delete(request)) return
    this.#emit({ kind: 'done', request, outcome: { kind: 'pong', rttMs } })
  }

  delivered(id: Uint8Array): void {
    const request = this.#sends.settle(id)
    if (request === undefined) return
    this.#emit({ kind: 'done', request, outcome: { kind: 'delivered' } })
  }

  undelivered(id: Uint8Array, failure: Failure): void {
    const request = this.#sends.settle(id)
    if (request !== undefined) this.failed(request, failure)
  }

  failed(request: RequestId, failure: Failure): void {
    this.#emit({ kind: 'failed', request, failure })
  }

  dialsFailed(failure: Failure): void {
    for (const request of this.#dials) this.failed(request, failure)
    this.#dials.clear()
  }

  /** @param failure absent when one of the two sides closed on purpose */
  allFailed(failure: Failure = HUNG_UP): void {
    const requests = [...this.#dials, ...this.#pings, ...this.#sends.settleAll()]
    this.#dials.clear()
    this.#pings.clear()
    for (const request of requests) this.failed(request, failure)
  }
}
