// What new contacts should hold (docs/PROTOCOL.md 4): one pass over the kept values serves all contacts that were
// verified meanwhile, a few values at a time, and waits while enough is queued. A value goes to a contact that our
// table counts among its holders, from the holders nearest to it. Decides only; the owner sends.

import type { KeyId } from '../identity/node-id.ts'
import { earliest } from '../machine/earliest.ts'
import { TokenBucket } from '../machine/token-bucket.ts'
import {
  MAX_QUEUED_PUSHES,
  PUSH_SCAN_CONTACTS,
  PUSH_SCAN_TICK_MS,
  PUSH_SCAN_VALUES,
  PUSHES_PER_S,
} from '../wire/limits.ts'

export interface Push {
  readonly contact: KeyId
  /** Whose kept value the contact should get. */
  readonly key: KeyId
}

export interface PushScanConfig {
  readonly ownKey: KeyId
  /** How many values are kept, and their keys: an iterator that stays good while they come and go. */
  readonly kept: { readonly size: number; keys(): Iterator<KeyId> }
  /** The k servers nearest to a key by our table, ourselves among them, the nearest first. */
  holders(key: KeyId): readonly KeyId[]
}

/** Holders so near to a key that they push its value: one may be down, and all of them would be too many. */
const PUSHING_HOLDERS = 3

export class PushScan {
  readonly #config: PushScanConfig
  readonly #rate: TokenBucket
  /** New contacts, each with the position at which it has been held against every value. */
  readonly #contacts = new Map<KeyId, number>()
  #keys: Iterator<KeyId> | undefined
  /** Values looked at so far: the pass goes round for as long as there are contacts. */
  #position = 0
  #queue: Push[] = []
  #scanAt: number | undefined
  #pushAt: number | undefined

  constructor(config: PushScanConfig, now: number) {
    this.#config = config
    this.#rate = new TokenBucket({ perSecond: PUSHES_PER_S, burst: 1 }, now)
  }

  /** A contact that was not in our table is there now. One too many is left to the values' own repairs. */
  verified(now: number, contact: KeyId): void {
    const { size } = this.#config.kept
    const isFull = this.#contacts.size >= PUSH_SCAN_CONTACTS && !this.#contacts.has(contact)
    if (size === 0 || isFull) return
    this.#contacts.set(contact, this.#position + size)
    this.#scanAt ??= now
  }

  /** A contact is gone: nothing is pushed to it any more. */
  lost(contact: KeyId): void {
    this.#contacts.delete(contact)
    this.#queue = this.#queue.filter(push => push.contact !== contact)
  }

  /** The next push, if it is time for one. Call until `undefined`. The value may have gone meanwhile. */
  due(now: number): Push | undefined {
    if (this.#isScanning && now >= (this.#scanAt ?? 0)) this.#scan(now)
    this.#pushAt = undefined
    if (this.#queue.length === 0) return undefined
    if (this.#rate.take(now)) return this.#queue.shift()
    this.#pushAt = now + this.#rate.msUntil(now, 1)
    return undefined
  }

  nextTimeout(): number | undefined {
    return earliest(this.#pushAt, this.#isScanning ? this.#scanAt : undefined)
  }

  /** While enough is queued the pass waits: a table that fills up meanwhile makes its verdicts better. */
  get #isScanning(): boolean {
    return this.#scanAt !== undefined && this.#queue.length < MAX_QUEUED_PUSHES
  }

  #scan(now: number): void {
    const end = Math.min(this.#position + PUSH_SCAN_VALUES, Math.max(...this.#contacts.values()))
    while (this.#position < end && this.#isScanning) {
      const key = this.#nextKey()
      if (key === undefined) break
      this.#queuePushesOf(key)
      this.#position++
    }
    for (const [contact, seenAllAt] of this.#contacts) {
      if (seenAllAt <= this.#position || this.#keys === undefined) this.#contacts.delete(contact)
    }
    this.#scanAt = this.#contacts.size === 0 ? undefined : now + PUSH_SCAN_TICK_MS
    if (this.#scanAt === undefined) this.#keys = undefined
  }

  #queuePushesOf(key: KeyId): void {
    const { ownKey, holders } = this.#config
    const nearestFirst = holders(key)
    const rank = nearestFirst.indexOf(ownKey)
    if (rank < 0 || rank >= PUSHING_HOLDERS) return
    for (const contact of nearestFirst) {
      if ((this.#contacts.get(contact) ?? 0) > this.#position) this.#queue.push({ contact, key })
    }
  }

  /** The next kept key, the first again after the last; `undefined` when nothing is kept. */
  #nextKey(): KeyId | undefined {
    const next = this.#keys?.next()
    if (next !== undefined && next.done !== true) return next.value
    this.#keys = this.#config.kept.keys()
    const first = this.#keys.next()
    if (first.done !== true) return first.value
    this.#keys = undefined
    return undefined
  }
}
