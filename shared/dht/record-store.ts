// What a server keeps for the network (docs/PROTOCOL.md 2.3, 4): the newest record of a key, or its revocation,
// which is final. Which value wins, who makes way when the table is full, what must not come back. In memory,
// written through to the host's store. Whether a key is near enough to be kept here is for the caller to say.

import { toHex } from '../bytes/hex.ts'
import { tryDecode } from '../bytes/try-decode.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { dhtIdOf, keyIdOf, publicKeyOf } from '../identity/node-id.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import { LruMap } from '../machine/lru-map.ts'
import type { Time } from '../machine/machine.ts'
import { ShareCounts } from '../machine/share-counts.ts'
import {
  MAX_DROPPED_SEQUENCES,
  MAX_RECORDS,
  MAX_RECORDS_PER_NETWORK,
  MAX_RECORDS_PER_SOURCE,
  RECORD_FULL_SWEEP_MS,
  RECORD_SWEEP_MS,
} from '../wire/limits.ts'
import type { RecordExpectation } from '../wire/record.ts'
import type { RegistryValue, ValueBytes, ValueKind } from '../wire/registry-value.ts'
import { decodeValue, keyOfValue, verifyValue } from '../wire/registry-value.ts'
import { commonPrefixLength } from './distance.ts'
import { EvictionOrder } from './eviction-order.ts'
import type { KeptValue, Origin } from './kept-value.ts'
import { bytesOf, isExpired, packValue, renew, unpackValue } from './kept-value.ts'
import { OpenLinks } from './open-links.ts'
import type { Offer, StoreRefusal, StoreVerdict } from './store-verdict.ts'
import { refusal } from './store-verdict.ts'
import { compareWithKept, compareWithPast } from './value-contest.ts'

const STORE_PREFIX = { record: 'record/', revocation: 'revoke/' } as const

export interface RecordStoreConfig {
  readonly suite: CryptoSuite
  readonly net: Uint8Array
  /** DHT id of this server. */
  readonly ownId: Uint8Array
  readonly maxRecords?: number
}

export type RecordStoreEffect =
  | { readonly kind: 'save'; readonly key: string; readonly value: Uint8Array | undefined }
  | { readonly kind: 'changed'; readonly key: KeyId; readonly value: RegistryValue }
  /** Nothing is kept of this key any more. */
  | { readonly kind: 'dropped'; readonly key: KeyId }

export class RecordStore {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #ownId: Uint8Array
  readonly #max: number
  readonly #kept = new Map<KeyId, KeptValue>()
  /** The kept keys without an open link. */
  readonly #order = new EvictionOrder<KeyId>()
  readonly #links = new OpenLinks()
  readonly #sources = new ShareCounts<KeyId>(MAX_RECORDS_PER_SOURCE)
  readonly #networks = new ShareCounts<string>(MAX_RECORDS_PER_NETWORK)
  /** The highest sequence of keys that were kept once: an older record must not come back for want of it. */
  readonly #past = new LruMap<KeyId, number>(MAX_DROPPED_SEQUENCES)
  readonly #effects = new EffectQueue<RecordStoreEffect>()
  #isStorageWorking = true
  #sweepAt: number | undefined
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor({ suite, net, ownId, maxRecords = MAX_RECORDS }: RecordStoreConfig) {
    this.#suite = suite
    this.#net = net
    this.#ownId = ownId
    this.#max = maxRecords
  }

  get size(): number {
    return this.#kept.size
  }

  /**
   * Takes back what an earlier life saved. A damaged, expired or overtaken value is dropped from the store; one
   * of the future only waits there, as it is our clock that is wrong after a start without one. To be called
   * before anything is offered.
   * @returns the key of what is kept now
   */
  restore(time: Time, storeKey: string, bytes: Uint8Array): KeyId | undefined {
    const kind = storeKey.startsWith(STORE_PREFIX.revocation) ? 'revocation' : 'record'
    const value = tryDecode(() => decodeValue({ kind, bytes }))
    const verdict = value === undefined ? 'damaged' : this.#restoreVerdict(time, storeKey, value)
    if (value !== undefined && verdict === 'valid') {
      const key = keyIdOf(keyOfValue(value))
      const origin = { prefix: this.#prefixOf(key), source: undefined, network: undefined }
      this.#replace(time, key, value, origin)
      return key
    }
    if (verdict !== 'future') this.#save(storeKey, undefined)
    return undefined
  }

  /** Takes a value, or says why not. The cheap questions come first, the signature last. Never throws. */
  offer(time: Time, bytes: Uint8Array, kind: ValueKind, offer: Offer): StoreVerdict {
    // A copy: the received bytes are a view into a larger network buffer, and the effects live on.
    const value = tryDecode(() => decodeValue({ kind, bytes: bytes.slice() }))
    if (value === undefined) return refusal('INVALID_RECORD', `the ${kind} is malformed`)
    const key = keyIdOf(keyOfValue(value))
    if (offer.isHome && key !== offer.source) {
      return refusal('INVALID_RECORD', `a link publishes its own ${kind} only`)
    }
    const kept = this.#kept.get(key)
    const known = this.#compare(time, key, value)
    if (known !== undefined) return known
    if (!this.#isStorageWorking) return refusal('QUOTA', 'the disk of this server takes no writes')
    const origin = kept ?? this.#originOf(key, offer)
    const notAdmitted = kept === undefined ? this.#admit(time, offer, origin) : undefined
    if (notAdmitted !== undefined) return notAdmitted
    const verdict = verifyValue(this.#suite, value, this.#expectation(time))
    if (verdict !== 'valid') return refusal('INVALID_RECORD', verdict)
    this.#replace(time, key, value, origin)
    this.#save(storeKeyOf(kind, key), value.signed.bytes)
    this.#effects.push({ kind: 'changed', key, value })
    return 'stored'
  }

  /** The live value of a key, in memory of its own. */
  get(time: Time, key: KeyId): RegistryValue | undefined {
    const kept = this.#live(time, key)
    return kept === undefined ? undefined : unpackValue(kept)
  }

  /** As `get` without reading the fields: ten times cheaper. */
  bytes(time: Time, key: KeyId): ValueBytes | undefined {
    const kept = this.#live(time, key)
    return kept === undefined ? undefined : bytesOf(kept)
  }

  /** Kept keys in no order. Stays good while values come and go. */
  keys(): IterableIterator<KeyId> {
    return this.#kept.keys()
  }

  /** A link of this key is open: what is kept of it makes way for nobody. */
  attached(key: KeyId): void {
    this.#links.opened(key)
    const kept = this.#kept.get(key)
    if (kept !== undefined) this.#order.delete(key, kept.prefix)
  }

  /** A link of this key has closed. */
  detached(key: KeyId): void {
    const kept = this.#kept.get(key)
    if (this.#links.closed(key) && kept !== undefined) this.#order.add(key, kept.prefix)
  }

  /** While storage fails nothing new is promised; what is kept is served on. */
  storageChanged(isWorking: boolean): void {
    this.#isStorageWorking = isWorking
  }

  timeout(time: Time): void {
    if (this.#sweepAt !== undefined && time.now >= this.#sweepAt) this.#sweep(time)
  }

  nextTimeout(): number | undefined {
    return this.#sweepAt
  }

  poll(): RecordStoreEffect | undefined {
    return this.#effects.shift()
  }

  #live(time: Time, key: KeyId): KeptValue | undefined {
    const kept = this.#kept.get(key)
    return kept === undefined || isExpired(time, kept) ? undefined : kept
  }

  #compare(time: Time, key: KeyId, value: RegistryValue): StoreVerdict | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined) return compareWithPast(value, this.#past.peek(key) ?? 0)
    const verdict = compareWithKept(time, value, kept)
    if (verdict === 'known') renew(time, kept)
    return verdict
  }

  #restoreVerdict(time: Time, storeKey: string, value: RegistryValue): string {
    const key = keyIdOf(keyOfValue(value))
    if (storeKey !== storeKeyOf(value.kind, key)) return 'misplaced'
    const kept = this.#kept.get(key)
    if (kept !== undefined && compareWithKept(time, value, kept) !== undefined) return 'overtaken'
    const verdict = verifyValue(this.#suite, value, this.#expectation(time))
    if (verdict !== 'valid') return verdict
    return kept !== undefined || this.#hasRoom(time, this.#prefixOf(key)) ? 'valid' : 'full'
  }

  /** Whether a key that is not kept yet may have a place. */
  #admit(
    time: Time,
    { isHome, isNear }: Offer,
    { prefix, source, network }: Origin,
  ): StoreRefusal | undefined {
    if (!isHome && !isNear) return refusal('NOT_CLOSE', 'other servers are nearer to this key')
    if (!this.#sources.hasRoom(source)) {
      return refusal('QUOTA', `one peer may store ${MAX_RECORDS_PER_SOURCE} values here`)
    }
    if (!this.#networks.hasRoom(network)) {
      return refusal('QUOTA', `one network may store ${MAX_RECORDS_PER_NETWORK} values here`)
    }
    if (this.#hasRoom(time, isHome ? Number.POSITIVE_INFINITY : prefix)) return undefined
    return refusal('QUOTA', `the server keeps ${this.#max} records, try again later`)
  }

  /**
   * Whether there is room for one more at this distance, or can be made. A full table is searched for expired
   * values seldom: that costs more than what a stranger pays for it.
   */
  #hasRoom(time: Time, prefix: number): boolean {
    if (this.#kept.size < this.#max) return true
    if (time.now >= this.#sweptAt + RECORD_FULL_SWEEP_MS) this.#sweep(time)
    if (this.#kept.size < this.#max) return true
    const farthest = this.#order.farthest()
    return farthest !== undefined && farthest <= prefix
  }

  /** Keeps a value that is known to be valid and to have room, in place of what was kept of its key. */
  #replace(time: Time, key: KeyId, value: RegistryValue, origin: Origin): void {
    const old = this.#kept.get(key)
    if (old === undefined) this.#makeRoom()
    else if (old.kind !== value.kind) this.#save(storeKeyOf(old.kind, key), undefined)
    if (old === undefined) {
      this.#sources.added(origin.source)
      this.#networks.added(origin.network)
    }
    const kept = packValue(time, value, origin)
    this.#kept.set(key, kept)
    this.#past.delete(key)
    if (!this.#links.has(key)) this.#order.add(key, kept.prefix)
    this.#sweepAt ??= time.now + RECORD_SWEEP_MS
  }

  /** Only once the newcomer is known to be valid. */
  #makeRoom(): void {
    if (this.#kept.size < this.#max) return
    const farthest = this.#order.takeFarthest()
    const kept = farthest === undefined ? undefined : this.#kept.get(farthest)
    if (farthest !== undefined && kept !== undefined) this.#drop(farthest, kept)
  }

  #drop(key: KeyId, { kind, seq, prefix, source, network }: KeptValue): void {
    this.#kept.delete(key)
    this.#order.delete(key, prefix)
    this.#sources.removed(source)
    this.#networks.removed(network)
    this.#past.set(key, seq)
    this.#save(storeKeyOf(kind, key), undefined)
    this.#effects.push({ kind: 'dropped', key })
  }

  #sweep(time: Time): void {
    this.#sweptAt = time.now
    for (const [key, kept] of this.#kept) {
      if (isExpired(time, kept)) this.#drop(key, kept)
    }
    this.#sweepAt = this.#kept.size === 0 ? undefined : time.now + RECORD_SWEEP_MS
  }

  #save(key: string, value: Uint8Array | undefined): void {
    this.#effects.push({ kind: 'save', key, value })
  }

  #expectation({ unixMs }: Time): RecordExpectation {
    return { unixMs, net: this.#net }
  }

  /** Nobody but the key itself accounts for what it publishes, of each key one value, and its network for all. */
  #originOf(key: KeyId, { isHome, source, network }: Offer): Origin {
    return { prefix: this.#prefixOf(key), source: isHome ? undefined : source, network }
  }

  #prefixOf(key: KeyId): number {
    return commonPrefixLength(this.#ownId, this.#idOf(key))
  }

  #idOf(key: KeyId): Uint8Array {
    return dhtIdOf(this.#suite, publicKeyOf(key))
  }
}

function storeKeyOf(kind: ValueKind, key: KeyId): string {
  return STORE_PREFIX[kind] + toHex(publicKeyOf(key))
}
