// A rate limit on what strangers can make a node do (docs/PROTOCOL.md 12.2), in two equal shares: one for the first
// few of each source, and one for all the rest. Who makes much of it, under many names too, uses up the second, and
// keeps nobody waiting who is there for the first time.

import { LruMap } from '../../machine/lru-map.ts'
import type { BucketRate } from '../../machine/token-bucket.ts'
import { TokenBucket } from '../../machine/token-bucket.ts'
import { BEACON_MAX_ADDRESSES } from '../../wire/limits.ts'

export interface FairRates {
  /** Of each of the two shares. */
  readonly share: BucketRate
  /** What of one source counts as its first few. */
  readonly firstFew: BucketRate
}

export class FairBudget {
  readonly #rates: FairRates
  readonly #first: TokenBucket
  readonly #rest: TokenBucket
  readonly #bySource = new LruMap<string, TokenBucket>(BEACON_MAX_ADDRESSES)

  constructor(rates: FairRates, now: number) {
    this.#rates = rates
    this.#first = new TokenBucket(rates.share, now)
    this.#rest = new TokenBucket(rates.share, now)
  }

  /** @returns whether `source` may have one more */
  take(now: number, source: string): boolean {
    const share = this.#bucketOf(now, source).take(now) ? this.#first : this.#rest
    return share.take(now)
  }

  #bucketOf(now: number, source: string): TokenBucket {
    const known = this.#bySource.get(source)
    if (known !== undefined) return known
    const bucket = new TokenBucket(this.#rates.firstFew, now)
    this.#bySource.set(source, bucket)
    return bucket
  }
}
