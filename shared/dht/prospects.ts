// Servers that may be worth a dial, and when (docs/PROTOCOL.md 4.2): those we have only heard of, and those
// that were in the table and went. One that does not answer is tried again after a share of the time it has
// been away: soon after it went, so that a short partition heals fast, and seldom later. All together no faster
// than their rate: where servers come and go, most of them never come back.

import type { KeyId } from '../identity/node-id.ts'
import { DeadlineHeap } from '../machine/deadline-heap.ts'
import { LruMap } from '../machine/lru-map.ts'
import type { BucketRate } from '../machine/token-bucket.ts'
import { TokenBucket } from '../machine/token-bucket.ts'
import {
  DHT_ABSENCE_SHARE,
  DHT_FORMER_CHECK_MAX_MS,
  DHT_PARTITION_SPREAD_MS,
} from '../wire/limits.ts'
import type { Contact } from './contact.ts'

interface Prospect {
  readonly contact: Contact
  readonly sinceMs: number
}

export interface ProspectsConfig {
  /** How many are remembered. */
  readonly max: number
  /** Least pause before one that did not answer is checked again. */
  readonly minPauseMs: number
  /** Checks of all of them together, but for those in a hurry; no limit without. */
  readonly rate?: BucketRate
}

export class Prospects {
  readonly #minPauseMs: number
  readonly #prospects: LruMap<KeyId, Prospect>
  readonly #checks = new DeadlineHeap<KeyId>()
  /** Due at once and however many they are: one like them is back, or somebody asked for it. */
  readonly #hurried = new Set<KeyId>()
  readonly #rate: TokenBucket | undefined
  #heldUntil = Number.NEGATIVE_INFINITY

  constructor({ max, minPauseMs, rate }: ProspectsConfig) {
    this.#prospects = new LruMap(max)
    this.#minPauseMs = minPauseMs
    this.#rate = rate && new TokenBucket(rate, 0)
  }

  get size(): number {
    return this.#prospects.size
  }

  has(key: KeyId): boolean {
    return this.#prospects.has(key)
  }

  /** To be checked `afterMs` from now. One that is known stays as it is. @returns who had to go for it */
  add(now: number, contact: Contact, afterMs: number): Contact | undefined {
    if (this.#prospects.has(contact.key)) return undefined
    this.#checks.set(contact.key, now + afterMs)
    const evicted = this.#prospects.set(contact.key, { contact, sinceMs: now })?.[1].contact
    if (evicted !== undefined) this.#unschedule(evicted.key)
    return evicted
  }

  delete(key: KeyId): boolean {
    this.#unschedule(key)
    return this.#prospects.delete(key)
  }

  /** For how long it has been a prospect, 0 when it is none. */
  absenceMs(now: number, key: KeyId): number {
    return now - (this.#prospects.peek(key)?.sinceMs ?? now)
  }

  /** It did not answer. */
  failed(now: number, key: KeyId): void {
    const prospect = this.#prospects.peek(key)
    if (prospect === undefined) return
    const pauseMs = Math.round((now - prospect.sinceMs) / DHT_ABSENCE_SHARE)
    this.#checks.set(
      key,
      now + Math.min(DHT_FORMER_CHECK_MAX_MS, Math.max(this.#minPauseMs, pauseMs)),
    )
  }

  /** All of them are due now. */
  hurry(now: number): void {
    for (const [key] of this.#prospects.entries()) this.#hurry(now, key)
  }

  /** One of them is back: those that went at about the same time, as a partition takes many, are due now. */
  hurryCompanions(now: number, key: KeyId): void {
    const wentAtMs = this.#prospects.peek(key)?.sinceMs ?? now
    for (const [other, { sinceMs }] of this.#prospects.entries()) {
      if (Math.abs(sinceMs - wentAtMs) <= DHT_PARTITION_SPREAD_MS) this.#hurry(now, other)
    }
  }

  /** One whose check is due. Its result comes as `delete` or `failed`; until then it is not due again. */
  takeDue(now: number): Contact | undefined {
    const key = this.#takeHurried() ?? this.#takeExpired(now)
    return key === undefined ? undefined : this.#prospects.peek(key)?.contact
  }

  nextCheck(): number | undefined {
    const next = this.#checks.next()
    if (next === undefined || this.#hurried.size > 0) return next
    return Math.max(next, this.#heldUntil)
  }

  #hurry(now: number, key: KeyId): void {
    this.#hurried.add(key)
    this.#checks.set(key, now)
  }

  #takeHurried(): KeyId | undefined {
    for (const key of this.#hurried) {
      this.#unschedule(key)
      return key
    }
    return undefined
  }

  #takeExpired(now: number): KeyId | undefined {
    const next = this.#checks.next()
    if (next === undefined || next > now) return undefined
    if (this.#rate?.take(now) === false) {
      this.#heldUntil = now + this.#rate.msUntil(now, 1)
      return undefined
    }
    return this.#checks.takeExpired(now)
  }

  #unschedule(key: KeyId): void {
    this.#hurried.delete(key)
    this.#checks.delete(key)
  }
}
