// A rate limit with a burst. Instead of counting tokens it remembers the moment at which the bucket
// was (or, when overdrawn, will be) empty: one number, exact at any clock resolution, nothing to refill.

export interface BucketRate {
  readonly perSecond: number
  /** Most tokens the bucket holds; it starts full. */
  readonly burst: number
}

// Sums of fractions may be off by a rounding error; a thousandth of a millisecond is no gain to anyone.
const TOLERANCE_MS = 0.001

export class TokenBucket {
  readonly #msPerToken: number
  readonly #burstMs: number
  #emptyAtMs: number

  /** @throws RangeError unless rate and burst are positive. */
  constructor({ perSecond, burst }: BucketRate, now: number) {
    if (!(perSecond > 0) || !(burst > 0)) throw new RangeError('a rate limit must be positive')
    this.#msPerToken = 1000 / perSecond
    this.#burstMs = burst * this.#msPerToken
    this.#emptyAtMs = now - this.#burstMs
  }

  /** Takes `amount` tokens if they are there, else none. */
  take(now: number, amount = 1): boolean {
    const emptyAtMs = this.#emptyAfter(now, amount)
    if (emptyAtMs > now + TOLERANCE_MS) return false
    this.#emptyAtMs = emptyAtMs
    return true
  }

  /** Takes `amount` tokens whether or not they are there: the debt is paid before the next `take`. */
  force(now: number, amount: number): void {
    this.#emptyAtMs = this.#emptyAfter(now, amount)
  }

  /** Whole milliseconds until `take(…, amount)` succeeds, 0 = now, Infinity above the burst. */
  msUntil(now: number, amount: number): number {
    if (amount * this.#msPerToken > this.#burstMs) return Number.POSITIVE_INFINITY
    return Math.max(0, Math.ceil(this.#emptyAfter(now, amount) - now - TOLERANCE_MS))
  }

  #emptyAfter(now: number, amount: number): number {
    return Math.max(this.#emptyAtMs, now - this.#burstMs) + amount * this.#msPerToken
  }
}
