// What the application waits for, by request: whom it concerns, and when its time is up. Messages with the
// usual time limit are timed by their session and take no room in the heap here.

import type { KeyId } from '../identity/node-id.ts'
import { DeadlineHeap } from '../machine/deadline-heap.ts'
import type { RequestId } from './inputs.ts'

export type PendingRequest =
  | { readonly kind: 'dial' | 'ping'; readonly peer: KeyId }
  | { readonly kind: 'send'; readonly peer: KeyId; readonly messageId: Uint8Array }
  | { readonly kind: 'lookup' }

export class RequestTable {
  readonly #requests = new Map<RequestId, PendingRequest>()
  readonly #deadlines = new DeadlineHeap<RequestId>()

  /** @param atMs when it is given up; `undefined`: its session sees to that */
  add(request: RequestId, pending: PendingRequest, atMs: number | undefined): void {
    this.#requests.set(request, pending)
    if (atMs !== undefined) this.#deadlines.set(request, atMs)
  }

  /** The request is settled. @returns what it was, `undefined` when it had been settled before */
  take(request: RequestId): PendingRequest | undefined {
    const pending = this.#requests.get(request)
    if (pending === undefined) return undefined
    this.#requests.delete(request)
    this.#deadlines.delete(request)
    return pending
  }

  get(request: RequestId): PendingRequest | undefined {
    return this.#requests.get(request)
  }

  /** The next request whose time is up; it stays until it is taken. */
  takeExpired(now: number): RequestId | undefined {
    return this.#deadlines.takeExpired(now)
  }

  clear(): void {
    for (const request of this.#requests.keys()) this.#deadlines.delete(request)
    this.#requests.clear()
  }

  nextTimeout(): number | undefined {
    return this.#deadlines.next()
  }
}
