// The distributed registry at one server (docs/PROTOCOL.md 4): composes the table of neighbours, the stores,
// the lookups and the upkeep, and passes news between them. Sends nothing itself: calls and checks are
// effects, and each call is answered by exactly one `answer`. Holds no rule of its own.

import type { CborMap } from '../bytes/cbor.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import { earliest } from '../machine/earliest.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { RandomBytes, Time } from '../machine/machine.ts'
import type { RegistryValue, ValueKind } from '../wire/registry-value.ts'
import { decodeValue, keyOfValue } from '../wire/registry-value.ts'
import type { Contact, DhtId } from './contact.ts'
import type { CallAnswer, CallId, DhtEffect, QueryId, RpcAnswerOut } from './dht-effects.ts'
import type { DhtConfig, DhtParts } from './dht-parts.ts'
import { joinParts } from './dht-parts.ts'
import type { Asker } from './dht-requests.ts'
import type { NeighbourEffect } from './neighbours.ts'
import type { QueryEffect } from './queries.ts'
import type { RecordStoreEffect } from './record-store.ts'
import type { StoreVerdict } from './store-verdict.ts'

export type { CallAnswer, CallId, DhtEffect, QueryId, RpcAnswerOut } from './dht-effects.ts'
export type { DhtParameters } from './dht-parameters.ts'
export type { DhtConfig } from './dht-parts.ts'
export type { Asker } from './dht-requests.ts'

/** Who gave a value. `isHome`: the key itself, over its own link. */
export interface ValueSource {
  readonly isHome: boolean
  readonly source: KeyId
  /** The network it comes from, when that counts. */
  readonly network?: string | undefined
}

export class Dht {
  readonly #random: RandomBytes
  readonly #parts: DhtParts
  readonly #effects = new EffectQueue<DhtEffect>()
  #lastQuery = 0

  constructor(config: DhtConfig, time: Time) {
    this.#random = config.random
    this.#parts = joinParts(config, time)
  }

  get size(): { readonly contacts: number; readonly records: number } {
    return { contacts: this.#parts.neighbours.table.size, records: this.#parts.records.size }
  }

  /** There is nobody to ask, and nobody is expected. */
  get isAlone(): boolean {
    return this.#parts.neighbours.table.size === 0 && !this.#parts.values.isHolding
  }

  /** Whether somebody is being dialed that may become a contact. */
  get isChecking(): boolean {
    return this.#parts.neighbours.isChecking
  }

  /** A neighbour's request, answered at once. @returns `undefined` for a method of somebody else */
  request(time: Time, from: Asker, method: string, body: CborMap): RpcAnswerOut | undefined {
    const answer = this.#parts.requests.answer(time, from, method, body)
    this.#settle(time)
    return answer
  }

  /** Exactly one for each `call`. A late one is as good as one in time. */
  answer(time: Time, call: CallId, answer: CallAnswer): void {
    const open = this.#parts.calls.take(call)
    if (open === undefined) return
    const { contact, owner } = open
    if (answer.kind === 'noAnswer') this.#parts.neighbours.failed(time.now, contact.key)
    else this.#parts.neighbours.answered(contact.key)
    if (owner.kind === 'query') this.#parts.queries.answer(time, owner, contact.key, answer)
    else this.#parts.rounds.answer(owner, answer)
    this.#settle(time)
  }

  /**
   * A link to it was opened by us just now, or is open.
   * @param network that of the address which the link really reached; `undefined` counts toward no cap
   * @param record its signed record
   */
  verified(
    time: Time,
    contact: Contact,
    network: string | undefined,
    record: Uint8Array | undefined,
  ): void {
    const { admission, isBack } = this.#parts.neighbours.verified(
      time.now,
      contact,
      network,
      record,
    )
    if (admission === 'added') {
      this.#parts.upkeep.arrived(time.now, contact.id, isBack)
      this.#parts.replication.verified(time.now, contact.key)
    }
    this.#settle(time)
  }

  /** It has begun a new life, and may have lost what it kept. */
  reborn(time: Time, key: KeyId): void {
    if (this.#parts.neighbours.table.has(key)) this.#parts.replication.verified(time.now, key)
    this.#settle(time)
  }

  /** It could not be dialed. */
  unreachable(time: Time, key: KeyId): void {
    this.#parts.neighbours.failed(time.now, key)
    this.#settle(time)
  }

  /** Heard of, from whomever: they are checked, and trusted for nothing. */
  hint(time: Time, contacts: readonly Contact[]): void {
    for (const contact of contacts) this.#parts.neighbours.hint(time.now, contact)
    this.#settle(time)
  }

  /** Looks for everybody who may be there, then at our own place, then at all far buckets. */
  bootstrap(time: Time): void {
    this.#parts.neighbours.hurry(time.now)
    this.#parts.upkeep.begin(time.now)
    this.#settle(time)
  }

  /** Others are known of, and being reached: lookups wait for the first, until then; `undefined` ends that. */
  awaitOthers(time: Time, untilMs: number | undefined): void {
    this.#parts.values.hold(untilMs)
    this.#settle(time)
  }

  /** Ends in a final `found`, whatever happens. */
  find(time: Time, key: KeyId): QueryId {
    const query = this.#newQuery()
    this.#parts.values.find(time, key, query)
    this.#settle(time)
    return query
  }

  /** What this server keeps. */
  findNow(time: Time, key: KeyId): RegistryValue | undefined {
    return this.#parts.records.get(time, key)
  }

  /** Keeps a value here and, when it is new, brings it to where it belongs. Ends in `replicated` if `stored`. */
  offer(time: Time, bytes: Uint8Array, kind: ValueKind, source: ValueSource): StoreVerdict {
    // Whoever gives it to us wants it kept by the network: that it may not lie here is no reason to refuse.
    const verdict = this.#parts.records.offer(time, bytes, kind, { ...source, isNear: true })
    const key = verdict === 'stored' ? keyOf(kind, bytes) : undefined
    const kept = key === undefined ? undefined : this.#parts.records.get(time, key)
    if (key !== undefined && kept !== undefined) this.#parts.values.spread(time, key, kept)
    this.#settle(time)
    return verdict
  }

  /** Brings a signed advertisement to where its topic lies. @param from who gave it */
  advertise(time: Time, ad: Uint8Array, from: Asker): StoreVerdict {
    const verdict = this.#parts.serviceJobs.advertise(time, ad, from)
    this.#settle(time)
    return verdict
  }

  /** Ends in one `foundServices`. @param topic 32 bytes, `serviceTopic` */
  findServices(time: Time, topic: DhtId): QueryId {
    const query = this.#newQuery()
    this.#parts.serviceJobs.find(time, topic, query)
    this.#settle(time)
    return query
  }

  /** A link of this key is open: its record makes way for nobody. */
  attached(key: KeyId): void {
    this.#parts.records.attached(key)
  }

  detached(key: KeyId): void {
    this.#parts.records.detached(key)
  }

  storageChanged(isWorking: boolean): void {
    this.#parts.records.storageChanged(isWorking)
  }

  /** Takes back what an earlier life saved: values as they are, contacts as hints. */
  restore(time: Time, key: string, value: Uint8Array): void {
    if (!this.#parts.neighbours.restore(time.now, key, value)) {
      const restored = this.#parts.records.restore(time, key, value)
      if (restored !== undefined) this.#parts.replication.kept(time.now, restored)
    }
    this.#settle(time)
  }

  timeout(time: Time): void {
    this.#parts.records.timeout(time)
    this.#parts.services.timeout(time)
    this.#parts.queries.timeout(time)
    this.#settle(time)
  }

  nextTimeout(): number | undefined {
    const { values, records, services, queries, neighbours, background } = this.#parts
    return earliest(
      values.nextTimeout(),
      records.nextTimeout(),
      services.nextTimeout(),
      queries.nextTimeout(),
      neighbours.nextTimeout(),
      background.nextTimeout(),
    )
  }

  poll(): DhtEffect | undefined {
    return this.#effects.shift()
  }

  /** The servers nearest to a place that we have reached ourselves. */
  closest(target: DhtId, count: number): Contact[] {
    return this.#parts.neighbours.table.closest(target, count)
  }

  /** Signed records of servers: half of those nearest to `near`, half of any. */
  sample(near: DhtId, count: number): Uint8Array[] {
    return this.#parts.neighbours.table.sample(this.#random, near, count)
  }

  contact(key: KeyId): Contact | undefined {
    return this.#parts.neighbours.table.get(key)
  }

  #newQuery(): QueryId {
    this.#lastQuery++
    return this.#lastQuery as QueryId
  }

  /** Begins what is due and passes news between the parts, until there is none. */
  #settle(time: Time): void {
    const { background, neighbours, values } = this.#parts
    if (neighbours.table.size > 0) values.hold(undefined)
    values.startHeld(time)
    do {
      background.begin(time)
      neighbours.advance(time.now)
    } while (this.#passNews(time))
  }

  /** @returns whether there was any */
  #passNews(time: Time): boolean {
    const { calls, neighbours, queries, records, rounds, serviceJobs, values } = this.#parts
    const effectsBefore = this.#effects.length
    let hasNews = false
    for (let news = queries.poll(); news !== undefined; news = queries.poll()) {
      hasNews = true
      this.#onQuery(time, news)
    }
    this.#parts.background.takeStored(time, rounds)
    for (let news = records.poll(); news !== undefined; news = records.poll()) {
      this.#onRecords(time, news)
    }
    for (let news = neighbours.poll(); news !== undefined; news = neighbours.poll()) {
      this.#onNeighbours(time, news)
    }
    for (const part of [values, serviceJobs, calls]) {
      for (let effect = part.poll(); effect !== undefined; effect = part.poll()) {
        this.#effects.push(effect)
      }
    }
    return hasNews || this.#effects.length > effectsBefore
  }

  #onQuery(time: Time, news: QueryEffect): void {
    const { values, serviceJobs, background } = this.#parts
    if (values.onQuery(time, news) || serviceJobs.onQuery(news)) return
    background.onQuery(time, news)
  }

  #onRecords({ now }: Time, news: RecordStoreEffect): void {
    if (news.kind === 'dropped') {
      this.#parts.replication.dropped(news.key)
      return
    }
    if (news.kind === 'changed') this.#parts.replication.kept(now, news.key)
    this.#effects.push(news)
  }

  #onNeighbours({ now }: Time, news: NeighbourEffect): void {
    if (news.kind === 'gone') {
      this.#parts.upkeep.gone(now, news.contact.id)
      this.#parts.replication.lost(news.contact.key)
    } else this.#effects.push(news)
  }
}

/** Of a value that a store has taken: its shape is known to be right. */
function keyOf(kind: ValueKind, bytes: Uint8Array): KeyId {
  return keyIdOf(keyOfValue(decodeValue({ kind, bytes })))
}
