// One rate limit for each of many owners (peers, networks), the latest remembered: who makes others forgotten by
// being many gains bursts only, and pays for each with an owner.

import { LruMap } from './lru-map.ts'
import type { BucketRate } from './token-bucket.ts'
import { TokenBucket } from './token-bucket.ts'

export class TokenBuckets<Owner> {
  readonly #rate: BucketRate
  readonly #buckets: LruMap<Owner, TokenBucket>

  /** @param max owners that are remembered */
  constructor(rate: BucketRate, max: number) {
    this.#rate = rate
    this.#buckets = new LruMap(max)
  }

  /** Takes `amount` tokens of that owner if they are there, else none. Nothing is counted without an owner. */
  take(now: number, owner: Owner | undefined, amount = 1): boolean {
    return owner === undefined || this.#of(now, owner).take(now, amount)
  }

  /** Whether `take` would succeed. */
  has(now: number, owner: Owner | undefined, amount = 1): boolean {
    return owner === undefined || this.#of(now, owner).msUntil(now, amount) === 0
  }

  #of(now: number, owner: Owner): TokenBucket {
    let bucket = this.#buckets.get(owner)
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#rate, now)
      this.#buckets.set(owner, bucket)
    }
    return bucket
  }
}
