// Which servers we know to be there (docs/PROTOCOL.md 4.2): buckets by the number of leading bits shared
// with our own id. Only what our own dial reached comes in, few of any one network, those that have been
// here longest first; each entry is checked again on a deadline of its own, whoever else talks to us.

import type { KeyId } from '../identity/node-id.ts'
import { DeadlineHeap } from '../machine/deadline-heap.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { DHT_CONTACT_MAX_FAILURES, DHT_FAILURE_SPACING_MS, DHT_RECHECK_MS } from '../wire/limits.ts'
import type { BucketEntry } from './bucket.ts'
import { Bucket } from './bucket.ts'
import type { Contact, DhtId } from './contact.ts'
import type { DhtParameters } from './dht-parameters.ts'
import { commonPrefixLength, compareDistance, ID_BITS } from './distance.ts'
import { randomBelow } from './random-id.ts'

export type TableParameters = Pick<
  DhtParameters,
  'k' | 'maxPerNetworkInBucket' | 'maxPerNetworkInTable' | 'livenessIntervalMs'
>

/** `kept`: the table keeps whom it has; the newcomer may come in when one of them goes. */
export type Admission = 'added' | 'updated' | 'kept'

export class RoutingTable {
  readonly #ownId: DhtId
  readonly #parameters: TableParameters
  readonly #buckets = new Map<number, Bucket>()
  readonly #networks = new Map<string, number>()
  readonly #checks = new DeadlineHeap<KeyId>()
  readonly #bucketOf = new Map<KeyId, Bucket>()
  #deepest = -1

  constructor(ownId: DhtId, parameters: TableParameters) {
    this.#ownId = ownId
    this.#parameters = parameters
  }

  get size(): number {
    return this.#bucketOf.size
  }

  /** The highest number of leading bits that an entry has ever shared with our id, -1 before the first. */
  get deepestBucket(): number {
    return this.#deepest
  }

  /** How many buckets lie in front of those that hold the k nearest to us. */
  get farBuckets(): number {
    let depth = this.#deepest
    for (let nearer = 0; depth >= 0; depth--) {
      if (nearer >= this.#parameters.k) break
      nearer += this.#buckets.get(depth)?.size ?? 0
    }
    return depth + 1
  }

  has(key: KeyId): boolean {
    return this.#bucketOf.has(key)
  }

  get(key: KeyId): Contact | undefined {
    return this.#bucketOf.get(key)?.get(key)?.contact
  }

  *entries(): IterableIterator<BucketEntry> {
    for (const bucket of this.#buckets.values()) yield* bucket.entries()
  }

  /**
   * Our own dial has just reached it. Never called for what others told.
   * @param network where the dial arrived; `undefined` counts toward no cap
   * @param record the server's signed record
   */
  verified(
    now: number,
    contact: Contact,
    network: string | undefined,
    record: Uint8Array | undefined,
  ): Admission {
    const prefix = commonPrefixLength(this.#ownId, contact.id)
    if (prefix === ID_BITS) return 'kept'
    const bucket = this.#bucket(prefix)
    const entry = { contact, network, record, failures: 0, failedAtMs: Number.NEGATIVE_INFINITY }
    const known = bucket.get(contact.key)
    if (known !== undefined && known.network === network) {
      bucket.set({ ...entry, record: record ?? known.record })
      this.#scheduleCheck(now, contact)
      return 'updated'
    }
    // One that moved to another network counts there, and must find room there like everybody.
    if (known !== undefined) this.#remove(bucket, known)
    if (!bucket.hasRoomFor(network) || !this.#isUnderTableCap(network)) {
      bucket.keepReplacement(entry)
      if (known !== undefined) this.#promote(now, bucket)
      return 'kept'
    }
    this.#insert(bucket, entry)
    this.#scheduleCheck(now, contact)
    return known === undefined ? 'added' : 'updated'
  }

  /** It answered a request: alive, though its address is not proven anew. */
  answered(key: KeyId): void {
    const bucket = this.#bucketOf.get(key)
    const entry = bucket?.get(key)
    if (entry !== undefined && entry.failures > 0) bucket?.set({ ...entry, failures: 0 })
  }

  /** It could not be reached, or did not answer. @returns the contact, if it has made way */
  failed(now: number, key: KeyId): Contact | undefined {
    const bucket = this.#bucketOf.get(key)
    const entry = bucket?.get(key)
    if (bucket === undefined || entry === undefined) return undefined
    // What failed at one moment failed once, however many requests were under way.
    if (now < entry.failedAtMs + DHT_FAILURE_SPACING_MS) return undefined
    const failures = entry.failures + 1
    if (failures >= DHT_CONTACT_MAX_FAILURES) {
      this.#remove(bucket, entry)
      this.#promote(now, bucket)
      return entry.contact
    }
    bucket.set({ ...entry, failures, failedAtMs: now })
    this.#checks.set(key, now + DHT_RECHECK_MS)
    return undefined
  }

  /** Whether it failed lately and is not known to be back. */
  isDoubtful(key: KeyId): boolean {
    return (this.#bucketOf.get(key)?.get(key)?.failures ?? 0) > 0
  }

  /** Whether a server with that id would find room if it were verified, as far as its network allows. */
  wouldAdmit(id: DhtId): boolean {
    const prefix = commonPrefixLength(this.#ownId, id)
    return prefix !== ID_BITS && this.#buckets.get(prefix)?.isFull !== true
  }

  /** Whether an id is, or would be, among the k nearest to our own. */
  isNeighbour(id: DhtId): boolean {
    const prefix = commonPrefixLength(this.#ownId, id)
    let nearer = 0
    for (const [depth, bucket] of this.#buckets) if (depth > prefix) nearer += bucket.size
    return nearer < this.#parameters.k
  }

  /** The `count` entries nearest to `target`, nearest first. */
  closest(target: DhtId, count: number): Contact[] {
    return this.#closest(target, count, () => true)
  }

  /** The same without those in doubt: what others are told. */
  closestSure(target: DhtId, count: number): Contact[] {
    return this.#closest(target, count, entry => entry.failures === 0)
  }

  /** Signed records of up to `count` servers: half of those nearest to `near`, half of any. */
  sample(random: RandomBytes, near: DhtId, count: number): Uint8Array[] {
    const pool = [...this.entries()].filter(
      entry => entry.record !== undefined && entry.failures === 0,
    )
    pool.sort((a, b) => compareDistance(near, a.contact.id, b.contact.id))
    const sampled = pool.splice(0, Math.ceil(count / 2))
    while (sampled.length < count && pool.length > 0) {
      sampled.push(...pool.splice(randomBelow(random, pool.length), 1))
    }
    return sampled.flatMap(({ record }) => record ?? [])
  }

  /** One entry whose check is due. Its result comes as `verified` or `failed`; without one it is due again later. */
  dueForCheck(now: number): Contact | undefined {
    const key = this.#checks.takeExpired(now)
    if (key === undefined) return undefined
    const contact = this.get(key)
    if (contact !== undefined) this.#scheduleCheck(now, contact)
    return contact
  }

  nextCheck(): number | undefined {
    return this.#checks.next()
  }

  #closest(target: DhtId, count: number, isFit: (entry: BucketEntry) => boolean): Contact[] {
    const found: Contact[] = []
    for (const group of this.#groups(commonPrefixLength(this.#ownId, target))) {
      const start = found.length
      for (const bucket of group) {
        for (const entry of bucket.entries()) if (isFit(entry)) found.push(entry.contact)
      }
      if (found.length - start > 1) sortTail(found, start, target)
      if (found.length >= count) break
    }
    if (found.length > count) found.length = count
    return found
  }

  /**
   * Buckets in the order of their distance from a target that shares `prefix` bits with us: its own bucket;
   * then all deeper ones, which are equally far in their leading bits; then the shallower ones one by one.
   */
  *#groups(prefix: number): IterableIterator<Bucket[]> {
    const own = this.#buckets.get(prefix)
    if (own !== undefined) yield [own]
    const deeper: Bucket[] = []
    for (const [depth, bucket] of this.#buckets) if (depth > prefix) deeper.push(bucket)
    if (deeper.length > 0) yield deeper
    for (let depth = Math.min(prefix - 1, this.#deepest); depth >= 0; depth--) {
      const bucket = this.#buckets.get(depth)
      if (bucket !== undefined) yield [bucket]
    }
  }

  #bucket(prefix: number): Bucket {
    const known = this.#buckets.get(prefix)
    if (known !== undefined) return known
    const { k, maxPerNetworkInBucket } = this.#parameters
    const bucket = new Bucket(k, maxPerNetworkInBucket)
    this.#buckets.set(prefix, bucket)
    return bucket
  }

  #insert(bucket: Bucket, entry: BucketEntry): void {
    bucket.set(entry)
    this.#bucketOf.set(entry.contact.key, bucket)
    this.#count(entry.network, 1)
    this.#deepest = Math.max(this.#deepest, commonPrefixLength(this.#ownId, entry.contact.id))
  }

  #remove(bucket: Bucket, { contact, network }: BucketEntry): void {
    bucket.remove(contact.key)
    this.#bucketOf.delete(contact.key)
    this.#checks.delete(contact.key)
    this.#count(network, -1)
  }

  /** A replacement moves up. It was reached long ago: it is checked at once. */
  #promote(now: number, bucket: Bucket): void {
    const entry = bucket.takeReplacement(network => this.#isUnderTableCap(network))
    if (entry === undefined) return
    this.#insert(bucket, entry)
    this.#checks.set(entry.contact.key, now)
  }

  #isUnderTableCap(network: string | undefined): boolean {
    if (network === undefined) return true
    return (this.#networks.get(network) ?? 0) < this.#parameters.maxPerNetworkInTable
  }

  #count(network: string | undefined, change: number): void {
    if (network === undefined) return
    const count = (this.#networks.get(network) ?? 0) + change
    if (count === 0) this.#networks.delete(network)
    else this.#networks.set(network, count)
  }

  /** Between three and five quarters of the interval, by a byte of the id, so that checks do not march in step. */
  #scheduleCheck(now: number, { key, id }: Contact): void {
    const share = 0.75 + (id[ID_BITS / 8 - 1] as number) / 512
    this.#checks.set(key, now + Math.round(share * this.#parameters.livenessIntervalMs))
  }
}

/** Sorts what follows `start` by its distance from `target`. */
function sortTail(contacts: Contact[], start: number, target: DhtId): void {
  const tail = contacts.splice(start).sort((a, b) => compareDistance(target, a.id, b.id))
  contacts.push(...tail)
}
