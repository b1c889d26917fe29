// The servers around us (docs/PROTOCOL.md 4.2): the routing table, what we have heard of, who went, and the
// checks by our own dial that move them between these. Tells what to write down for the next start.

import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { utf8Decode, utf8Encode } from '../bytes/utf8.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../identity/node-id.ts'
import { DeadlineHeap } from '../machine/deadline-heap.ts'
import { earliest } from '../machine/earliest.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import { isContactUrl } from '../wire/dht-bodies.ts'
import {
  DHT_CHECK_TIMEOUT_MS,
  DHT_FORMER_CHECK_MIN_MS,
  DHT_FORMER_CHECKS_BURST,
  DHT_FORMER_CHECKS_PER_S,
  DHT_FORMER_MAX_ABSENCE_MS,
  DHT_HINT_CHECK_MIN_MS,
  DHT_MAX_CHECKS,
  DHT_MAX_FORMER_CONTACTS,
  DHT_MAX_HINTS,
} from '../wire/limits.ts'
import type { Contact, DhtId, DhtIds } from './contact.ts'
import type { DhtParameters } from './dht-parameters.ts'
import { Prospects } from './prospects.ts'
import type { Admission } from './routing-table.ts'
import { RoutingTable } from './routing-table.ts'

/** Saved: `contact/<public key in hex>` = address in UTF-8. */
export const CONTACT_PREFIX = 'contact/'

const KEY_BYTES = 32

export type NeighbourEffect =
  | { readonly kind: 'check'; readonly contact: Contact }
  | { readonly kind: 'save'; readonly key: string; readonly value: Uint8Array | undefined }
  /** It has made way in the table. */
  | { readonly kind: 'gone'; readonly contact: Contact }

export interface Arrival {
  readonly admission: Admission
  /** It had been away: a partition may have healed. */
  readonly isBack: boolean
}

export class Neighbours {
  readonly table: RoutingTable
  readonly #parameters: DhtParameters
  readonly #ids: DhtIds
  readonly #ownKey: KeyId
  readonly #hints = new Prospects({ max: DHT_MAX_HINTS, minPauseMs: DHT_HINT_CHECK_MIN_MS })
  readonly #former = new Prospects({
    max: DHT_MAX_FORMER_CONTACTS,
    minPauseMs: DHT_FORMER_CHECK_MIN_MS,
    rate: { perSecond: DHT_FORMER_CHECKS_PER_S, burst: DHT_FORMER_CHECKS_BURST },
  })
  /** Checks under way, each with its deadline. */
  readonly #checks = new DeadlineHeap<KeyId>()
  /** Addresses as they are written down. */
  readonly #saved = new Map<KeyId, string>()
  readonly #effects = new EffectQueue<NeighbourEffect>()

  constructor(ids: DhtIds, ownKey: KeyId, ownId: DhtId, parameters: DhtParameters) {
    this.#ids = ids
    this.#ownKey = ownKey
    this.#parameters = parameters
    this.table = new RoutingTable(ownId, parameters)
  }

  get isChecking(): boolean {
    return this.#checks.size > 0
  }

  /** Our own dial has just reached it. */
  verified(
    now: number,
    contact: Contact,
    network: string | undefined,
    record: Uint8Array | undefined,
  ): Arrival {
    const { key } = contact
    this.#checks.delete(key)
    this.#hints.delete(key)
    const isBack = this.#former.has(key)
    // Who went with it may be back with it.
    if (isBack) this.#former.hurryCompanions(now, key)
    this.#former.delete(key)
    const admission = this.table.verified(now, contact, network, record)
    this.#writeDown(key)
    return { admission, isBack }
  }

  answered(key: KeyId): void {
    this.table.answered(key)
  }

  /** It could not be dialed, or did not answer. */
  failed(now: number, key: KeyId): void {
    if (this.#checks.delete(key)) this.#checkFailed(now, key)
    const gone = this.table.failed(now, key)
    if (gone !== undefined) {
      this.#forget(this.#former.add(now, gone, DHT_FORMER_CHECK_MIN_MS))
      this.#effects.push({ kind: 'gone', contact: gone })
    }
    this.#writeDown(key)
  }

  /** Heard of, from whomever: to be checked if there would be room. */
  hint(now: number, contact: Contact): void {
    const { key, id, url } = contact
    if (key === this.#ownKey || !isContactUrl(url)) return
    if (this.table.has(key) ? !this.table.isDoubtful(key) : !this.table.wouldAdmit(id)) return
    this.#forget(this.#hints.add(now, contact, 0))
  }

  /** Takes back what an earlier life saved. @returns whether the key was one of ours */
  restore(now: number, storeKey: string, value: Uint8Array): boolean {
    if (!storeKey.startsWith(CONTACT_PREFIX)) return false
    const contact = this.#readSaved(storeKey, value)
    if (contact === undefined) {
      this.#effects.push({ kind: 'save', key: storeKey, value: undefined })
      return true
    }
    this.#saved.set(contact.key, contact.url)
    this.hint(now, contact)
    this.#writeDown(contact.key)
    return true
  }

  /** Everybody that may be there is looked for now. */
  hurry(now: number): void {
    this.#hints.hurry(now)
    this.#former.hurry(now)
  }

  /** Ends checks that nobody answered, and begins those that are due. */
  advance(now: number): void {
    let late = this.#checks.takeExpired(now)
    for (; late !== undefined; late = this.#checks.takeExpired(now)) {
      this.#checkFailed(now, late)
      this.failed(now, late)
    }
    while (this.#checks.size < DHT_MAX_CHECKS) {
      const contact =
        this.#hints.takeDue(now) ?? this.#former.takeDue(now) ?? this.table.dueForCheck(now)
      if (contact === undefined) return
      if (this.#checks.has(contact.key)) continue
      this.#checks.set(contact.key, now + DHT_CHECK_TIMEOUT_MS)
      this.#effects.push({ kind: 'check', contact })
    }
  }

  poll(): NeighbourEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    if (this.#checks.size >= DHT_MAX_CHECKS) return this.#checks.next()
    return earliest(
      this.#checks.next(),
      this.#hints.nextCheck(),
      this.#former.nextCheck(),
      this.table.nextCheck(),
    )
  }

  /** As long as we know few, even the worst prospect is better than none. */
  #checkFailed(now: number, key: KeyId): void {
    const knowsMany = this.table.size >= this.#parameters.k
    const isForgotten = this.#former.absenceMs(now, key) > DHT_FORMER_MAX_ABSENCE_MS
    if (knowsMany && isForgotten) this.#former.delete(key)
    else this.#former.failed(now, key)
    if (knowsMany) this.#hints.delete(key)
    else this.#hints.failed(now, key)
  }

  #forget(evicted: Contact | undefined): void {
    if (evicted !== undefined) this.#writeDown(evicted.key)
  }

  /** Written down is whoever is, was or may be in the table. */
  #writeDown(key: KeyId): void {
    const url = this.table.get(key)?.url
    const saved = this.#saved.get(key)
    if (url !== undefined) {
      if (url === saved) return
      this.#saved.set(key, url)
      this.#effects.push({ kind: 'save', key: storeKeyOf(key), value: utf8Encode(url) })
      return
    }
    if (saved === undefined || this.#former.has(key) || this.#hints.has(key)) return
    this.#saved.delete(key)
    this.#effects.push({ kind: 'save', key: storeKeyOf(key), value: undefined })
  }

  #readSaved(storeKey: string, value: Uint8Array): Contact | undefined {
    try {
      const publicKey = fromHex(storeKey.slice(CONTACT_PREFIX.length))
      const url = utf8Decode(value)
      const isSound =
        publicKey.length === KEY_BYTES &&
        isContactUrl(url) &&
        storeKey === storeKeyOf(keyIdOf(publicKey))
      return isSound ? this.#ids.contact(keyIdOf(publicKey), url) : undefined
    } catch (error) {
      if (error instanceof DecodeError || error instanceof RangeError) return undefined
      throw error
    }
  }
}

function storeKeyOf(key: KeyId): string {
  return CONTACT_PREFIX + toHex(publicKeyOf(key))
}
