// The lookups that a server makes for itself (docs/PROTOCOL.md 4.2): of its own place when it joins and when
// much has changed around it, and of a random place in every far bucket, again every hour. The random ones
// also say how large the network is. Decides when; the owner runs them.

import { DeadlineHeap } from '../machine/deadline-heap.ts'
import { earliest } from '../machine/earliest.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { DHT_SELF_LOOKUP_PAUSE_MS } from '../wire/limits.ts'
import type { DhtId } from './contact.ts'
import type { DhtParameters } from './dht-parameters.ts'
import { randomBelow, randomIdSharing } from './random-id.ts'
import type { RoutingTable } from './routing-table.ts'
import type { SizeEstimate } from './size-estimate.ts'

export type UpkeepLookup =
  | { readonly kind: 'self'; readonly target: DhtId }
  | { readonly kind: 'bucket'; readonly target: DhtId; readonly bucket: number }

// Lookups of random places that the size of the network is measured by, however few far buckets there are.
const MIN_FAR_BUCKETS = 3
// Entries among the k nearest, as a share of k, that came or went since we last looked.
const MUCH_CHANGED_SHARE = 4
// The table has grown or shrunk by this factor: what we think of the network's size is outdated.
const RESIZED_FACTOR = 2

export class Upkeep {
  readonly #random: RandomBytes
  readonly #ownId: DhtId
  readonly #table: RoutingTable
  readonly #size: SizeEstimate
  readonly #parameters: DhtParameters
  /** The far buckets, each with the time of its next lookup. */
  readonly #buckets = new DeadlineHeap<number>()
  #selfAt: number | undefined
  #lastSelfAt = Number.NEGATIVE_INFINITY
  #changes = 0
  #measuredSize = 0
  #isSelfRunning = false

  constructor(
    random: RandomBytes,
    ownId: DhtId,
    table: RoutingTable,
    size: SizeEstimate,
    parameters: DhtParameters,
  ) {
    this.#random = random
    this.#ownId = ownId
    this.#table = table
    this.#size = size
    this.#parameters = parameters
  }

  /** Looks at our own place as soon as may be, then at all far buckets. */
  begin(now: number): void {
    this.#lookAtSelf(now)
    this.#measure(now)
  }

  /** Somebody has come into the table. @param isBack after it had been away */
  arrived(now: number, id: DhtId, isBack: boolean): void {
    if (this.#table.size === 1) this.begin(now)
    this.#changed(now, id)
    if (isBack) this.#lookAtSelf(now)
    if (this.#table.size > RESIZED_FACTOR * (this.#measuredSize + 1)) this.#measure(now)
  }

  /** Somebody has left the table. */
  gone(now: number, id: DhtId): void {
    this.#changed(now, id)
    if (this.#table.size * RESIZED_FACTOR < this.#measuredSize) this.#measure(now)
  }

  /** The next lookup that is due. Our own place first: it tells which buckets are far. */
  next(now: number): UpkeepLookup | undefined {
    if (this.#table.size === 0 || this.#isSelfRunning) return undefined
    if (this.#selfAt !== undefined && now >= this.#selfAt) {
      this.#selfAt = undefined
      this.#lastSelfAt = now
      this.#changes = 0
      this.#isSelfRunning = true
      return { kind: 'self', target: this.#ownId }
    }
    const bucket = this.#buckets.takeExpired(now)
    if (bucket === undefined) return undefined
    this.#scheduleBucket(now, bucket)
    return {
      kind: 'bucket',
      bucket,
      target: randomIdSharing(this.#random, this.#ownId, bucket),
    }
  }

  /** @param kthDistance as a share of the id space; `undefined` when it could not run */
  finished(now: number, lookup: UpkeepLookup, kthDistance: number | undefined): void {
    if (lookup.kind === 'self') {
      this.#isSelfRunning = false
      this.#findFarBuckets(now)
    } else if (kthDistance !== undefined) this.#size.add(kthDistance)
  }

  /** Before that nothing is due; with an empty table there is nobody to ask. */
  nextTimeout(): number | undefined {
    if (this.#table.size === 0 || this.#isSelfRunning) return undefined
    return earliest(this.#selfAt, this.#buckets.next())
  }

  #changed(now: number, id: DhtId): void {
    if (!this.#table.isNeighbour(id)) return
    this.#changes++
    if (this.#changes >= this.#parameters.k / MUCH_CHANGED_SHARE) this.#lookAtSelf(now)
  }

  #lookAtSelf(now: number): void {
    this.#selfAt ??= Math.max(now, this.#lastSelfAt + DHT_SELF_LOOKUP_PAUSE_MS)
  }

  /** All far buckets at once: what was measured before is outdated. */
  #measure(now: number): void {
    this.#measuredSize = this.#table.size
    this.#size.outdated()
    this.#findFarBuckets(now)
    for (let bucket = 0; bucket < this.#farBuckets(); bucket++) this.#buckets.set(bucket, now)
  }

  /** Buckets that have become far are looked at now; those that are no longer far no more. */
  #findFarBuckets(now: number): void {
    const far = this.#farBuckets()
    for (let bucket = 0; bucket <= Math.max(far, this.#table.deepestBucket); bucket++) {
      if (bucket >= far) this.#buckets.delete(bucket)
      else if (!this.#buckets.has(bucket)) this.#buckets.set(bucket, now)
    }
  }

  /** Buckets in front of those that hold the k nearest to us. */
  #farBuckets(): number {
    return Math.max(MIN_FAR_BUCKETS, this.#table.farBuckets)
  }

  /** With a tenth more or less, so that the lookups of a network do not march in step. */
  #scheduleBucket(now: number, bucket: number): void {
    const { refreshIntervalMs } = this.#parameters
    const jitterMs = randomBelow(this.#random, refreshIntervalMs / 5) - refreshIntervalMs / 10
    this.#buckets.set(bucket, now + refreshIntervalMs + jitterMs)
  }
}
