// What the application waits for, by request: whom it concerns, and when its time is up. Messages with the
// usual time limit, of which there may be tens of thousands, come due in the order in which they were
// added: they take one map entry each and no place in the heap. Answers nobody.

import type { KeyId } from '../identity/node-id.ts'
import { DeadlineHeap } from '../machine/deadline-heap.ts'
import { earliest } from '../machine/earliest.ts'
import type { RequestId } from './inputs.ts'

export type PendingRequest =
  | { readonly kind: 'dial' | 'ping'; readonly peer: KeyId }
  | PendingSend
  | { readonly kind: 'lookup' }
  | { readonly kind: 'revoke' }

export interface PendingSend {
  readonly kind: 'send'
  readonly peer: KeyId
  /** Which message. */
  readonly id: Uint8Array
}

interface UsualSend {
  readonly pending: PendingSend
  readonly atMs: number
}

export class RequestTable {
  readonly #requests = new Map<RequestId, PendingRequest>()
  readonly #deadlines = new DeadlineHeap<RequestId>()
  /** In the order of `atMs`. */
  readonly #usual = new Map<RequestId, UsualSend>()
  /** Not later than the first of them is due; early is harmless. */
  #usualAt: number | undefined

  get size(): number {
    return this.#requests.size + this.#usual.size
  }

  add(request: RequestId, pending: PendingRequest, atMs: number): void {
    this.#requests.set(request, pending)
    this.#deadlines.set(request, atMs)
  }

  /** @param atMs not before that of any earlier call */
  addUsual(request: RequestId, pending: PendingSend, atMs: number): void {
    this.#usual.set(request, { pending, atMs })
    this.#usualAt ??= atMs
  }

  get(request: RequestId): PendingRequest | undefined {
    return this.#usual.get(request)?.pending ?? this.#requests.get(request)
  }

  /** The request is settled. @returns false when it had been settled before */
  remove(request: RequestId): boolean {
    if (this.#usual.delete(request)) {
      if (this.#usual.size === 0) this.#usualAt = undefined
      return true
    }
    if (!this.#requests.delete(request)) return false
    this.#deadlines.delete(request)
    return true
  }

  /** Requests whose time is up; they stay until they are removed. */
  expired(now: number): RequestId[] {
    const due = this.#deadlines.takeAllExpired(now)
    if (this.#usualAt !== undefined && now >= this.#usualAt) this.#takeUsual(now, due)
    return due
  }

  all(): RequestId[] {
    return [...this.#requests.keys(), ...this.#usual.keys()]
  }

  nextTimeout(): number | undefined {
    return earliest(this.#deadlines.next(), this.#usualAt)
  }

  #takeUsual(now: number, due: RequestId[]): void {
    this.#usualAt = undefined
    for (const [request, { atMs }] of this.#usual) {
      if (atMs > now) {
        this.#usualAt = atMs
        return
      }
      due.push(request)
    }
  }
}
