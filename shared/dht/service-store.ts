// The services a server keeps for the network (docs/PROTOCOL.md 10): under each topic id a set of signed
// advertisements, one of a key. A topic is owned by nobody, so no peer and no network may fill a set: who has
// most in it makes way first. In memory only: advertisements are short-lived and come again.

import { equalBytes } from '../bytes/equal.ts'
import { mapKey } from '../bytes/map-key.ts'
import { tryDecode } from '../bytes/try-decode.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import { ShareCounts } from '../machine/share-counts.ts'
import {
  MAX_SERVICES,
  MAX_SERVICES_PER_SOURCE,
  RECORD_FULL_SWEEP_MS,
  RECORD_SWEEP_MS,
} from '../wire/limits.ts'
import type { SignedService } from '../wire/service.ts'
import { decodeService, serviceExpiryMs, serviceTopic, verifyService } from '../wire/service.ts'
import { commonPrefixLength } from './distance.ts'
import { EvictionOrder } from './eviction-order.ts'
import type { StoreRefusal, StoreVerdict } from './store-verdict.ts'
import { refusal } from './store-verdict.ts'
import type { KeptService, ServiceOrigin } from './topic-set.ts'
import { TopicSet } from './topic-set.ts'

export interface ServiceStoreConfig {
  readonly suite: CryptoSuite
  readonly net: Uint8Array
  /** DHT id of this server. */
  readonly ownId: Uint8Array
  readonly maxServices?: number
}

export interface ServiceOffer extends ServiceOrigin {
  /** Whether this server is among those that should keep the topic. */
  readonly isNear: boolean
}

export class ServiceStore {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #ownId: Uint8Array
  readonly #max: number
  readonly #topics = new Map<string, TopicSet>()
  readonly #order = new EvictionOrder<KeptService>()
  readonly #sources = new ShareCounts<KeyId>(MAX_SERVICES_PER_SOURCE)
  readonly #networks = new ShareCounts<string>(MAX_SERVICES_PER_SOURCE)
  #size = 0
  #sweepAt: number | undefined
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor({ suite, net, ownId, maxServices = MAX_SERVICES }: ServiceStoreConfig) {
    this.#suite = suite
    this.#net = net
    this.#ownId = ownId
    this.#max = maxServices
  }

  /** Advertisements of all topics. */
  get size(): number {
    return this.#size
  }

  /** Topics that have one. */
  get topicCount(): number {
    return this.#topics.size
  }

  /** Takes an advertisement, or says why not. The cheap questions come first, the signature last. Never throws. */
  offer(time: Time, bytes: Uint8Array, offer: ServiceOffer): StoreVerdict {
    const signed = tryDecode(() => decodeService(bytes))
    if (signed === undefined) return refusal('INVALID_RECORD', 'the advertisement is malformed')
    const topicId = serviceTopic(this.#suite, signed.ad.name)
    const topic = mapKey(topicId)
    const kept = this.#topics.get(topic)?.get(keyIdOf(signed.ad.key))
    const known = kept === undefined ? undefined : compare(time, signed, kept)
    if (known !== undefined) return known
    const prefix = commonPrefixLength(this.#ownId, topicId)
    const notAdmitted = kept === undefined ? this.#admit(time, offer, topic, prefix) : undefined
    if (notAdmitted !== undefined) return notAdmitted
    const verdict = verifyService(this.#suite, signed, { unixMs: time.unixMs, net: this.#net })
    if (verdict !== 'valid') return refusal('INVALID_RECORD', verdict)
    if (kept === undefined) this.#makeRoom(topic, offer)
    else this.#drop(kept)
    const { source, network } = kept ?? offer
    this.#keep(time, signed, { topic, prefix, source, network })
    return 'stored'
  }

  /** The live advertisements of a topic id, the freshest first. */
  get(time: Time, topicId: Uint8Array): Uint8Array[] {
    const topic = this.#topics.get(mapKey(topicId))
    return topic === undefined ? [] : topic.freshestFirst(time.unixMs).map(({ bytes }) => bytes)
  }

  timeout(time: Time): void {
    if (this.#sweepAt !== undefined && time.now >= this.#sweepAt) this.#sweep(time)
  }

  nextTimeout(): number | undefined {
    return this.#sweepAt
  }

  /** Whether an advertiser that is not in the topic yet may have a place. */
  #admit(time: Time, offer: ServiceOffer, topic: string, prefix: number): StoreRefusal | undefined {
    if (!offer.isNear) return refusal('NOT_CLOSE', 'other servers are nearer to this topic')
    if (!this.#sources.hasRoom(offer.source)) {
      return refusal('QUOTA', `one peer may store ${MAX_SERVICES_PER_SOURCE} advertisements here`)
    }
    if (!this.#networks.hasRoom(offer.network)) {
      return refusal('QUOTA', `one network may store ${MAX_SERVICES_PER_SOURCE} of them here`)
    }
    this.#dropExpired(time, topic)
    if (this.#topics.get(topic)?.placeFor(offer).kind === 'none') {
      return refusal('QUOTA', 'others have as much right to a place in this topic')
    }
    if (this.#hasRoom(time, prefix)) return undefined
    return refusal('QUOTA', `the server keeps ${this.#max} advertisements, try again later`)
  }

  /** As for records: a full table is searched for expired ones seldom. */
  #hasRoom(time: Time, prefix: number): boolean {
    if (this.#size < this.#max) return true
    if (time.now >= this.#sweptAt + RECORD_FULL_SWEEP_MS) this.#sweep(time)
    return this.#size < this.#max || (this.#order.farthest() ?? Number.POSITIVE_INFINITY) <= prefix
  }

  /** Only once the newcomer is known to be valid. */
  #makeRoom(topic: string, offer: ServiceOffer): void {
    const place = this.#topics.get(topic)?.placeFor(offer)
    if (place?.kind === 'instead') this.#drop(place.of)
    if (this.#size < this.#max) return
    const farthest = this.#order.takeFarthest()
    if (farthest !== undefined) this.#drop(farthest)
  }

  #keep(
    time: Time,
    { ad, bytes }: SignedService,
    place: Pick<KeptService, 'topic' | 'prefix' | 'source' | 'network'>,
  ): void {
    const service: KeptService = {
      ...place,
      key: keyIdOf(ad.key),
      // A copy: the received bytes are a view into a larger network buffer.
      bytes: bytes.slice(),
      atMs: ad.atMs,
      expiresMs: serviceExpiryMs(ad),
    }
    let set = this.#topics.get(place.topic)
    if (set === undefined) {
      set = new TopicSet()
      this.#topics.set(place.topic, set)
    }
    set.set(service)
    this.#order.add(service, service.prefix)
    this.#sources.added(service.source)
    this.#networks.added(service.network)
    this.#size++
    this.#sweepAt ??= time.now + RECORD_SWEEP_MS
  }

  #drop(service: KeptService): void {
    const set = this.#topics.get(service.topic)
    set?.delete(service.key)
    if (set?.size === 0) this.#topics.delete(service.topic)
    this.#order.delete(service, service.prefix)
    this.#sources.removed(service.source)
    this.#networks.removed(service.network)
    this.#size--
  }

  #dropExpired({ unixMs }: Time, topic: string): void {
    for (const service of this.#topics.get(topic)?.values() ?? []) {
      if (service.expiresMs <= unixMs) this.#drop(service)
    }
  }

  #sweep(time: Time): void {
    this.#sweptAt = time.now
    for (const topic of this.#topics.keys()) this.#dropExpired(time, topic)
    this.#sweepAt = this.#size === 0 ? undefined : time.now + RECORD_SWEEP_MS
  }
}

/** Whether an advertisement takes the place of the kept one of its key: `undefined` when it does. */
function compare(
  { unixMs }: Time,
  { ad, bytes }: SignedService,
  kept: KeptService,
): StoreVerdict | undefined {
  if (ad.atMs > kept.atMs) return undefined
  if (ad.atMs < kept.atMs) return refusal('SEQ_TOO_LOW', 'a newer advertisement is kept')
  if (!equalBytes(bytes, kept.bytes)) {
    return refusal('SEQ_REUSED', 'another advertisement of this moment is kept')
  }
  return unixMs < kept.expiresMs ? 'known' : undefined
}
