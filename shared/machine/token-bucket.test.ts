import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

describe('TokenBucket', () => {
  it('gives the burst at once, then one token at a time', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 1000)
    expect([1, 2, 3, 4].map(() => bucket.take(1000))).toEqual([true, true, true, false])
    expect(bucket.msUntil(1000, 1)).toBe(100)
    expect(bucket.take(1099)).toBe(false)
    expect(bucket.take(1100)).toBe(true)
    expect(bucket.take(1100)).toBe(false)
  })

  it('never holds more than the burst', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0)
    expect(bucket.take(1_000_000, 4)).toBe(false)
    expect(bucket.take(1_000_000, 3)).toBe(true)
    expect(bucket.take(1_000_000, 1)).toBe(false)
  })

  it('takes nothing when it refuses', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 5 }, 0)
    expect(bucket.take(0, 6)).toBe(false)
    expect(bucket.take(0, 5)).toBe(true)
  })

  it('lets a forced amount run into debt, which time pays', () => {
    const bucket = new TokenBucket({ perSecond: 1000, burst: 100 }, 0)
    bucket.force(0, 300)
    expect(bucket.take(0)).toBe(false)
    expect(bucket.msUntil(0, 1)).toBe(201)
    expect(bucket.take(200)).toBe(false)
    expect(bucket.take(201)).toBe(true)
  })

  it('says Infinity for more than the burst and 0 for what is there', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 5 }, 0)
    expect(bucket.msUntil(0, 5)).toBe(0)
    expect(bucket.msUntil(0, 6)).toBe(Number.POSITIVE_INFINITY)
  })

  it('refuses a rate that means nothing', () => {
    expect(() => new TokenBucket({ perSecond: 0, burst: 1 }, 0)).toThrow(RangeError)
    expect(() => new TokenBucket({ perSecond: 1, burst: Number.NaN }, 0)).toThrow(RangeError)
  })

  it('after waiting msUntil a take succeeds, one millisecond earlier it does not', () => {
    const rate = fc.record({
      perSecond: fc.integer({ min: 1, max: 10_000_000 }),
      burst: fc.integer({ min: 1, max: 1_000_000 }),
    })
    const amounts = fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(rate, amounts, fc.integer({ min: 0, max: 1e9 }), (limits, takes, start) => {
        let now = start + 0.1
        const bucket = new TokenBucket(limits, now)
        for (const amount of takes) {
          const waitMs = bucket.msUntil(now, amount)
          if (waitMs === Number.POSITIVE_INFINITY) continue
          if (waitMs > 0) expect(bucket.take(now + waitMs - 1, amount)).toBe(false)
          now += waitMs
          expect(bucket.take(now, amount)).toBe(true)
        }
      }),
      { seed: 1, numRuns: 2000 },
    )
  })

  it('never gives more than burst + rate * time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 }), gaps => {
        const bucket = new TokenBucket({ perSecond: 70, burst: 9 }, 0)
        let now = 0
        let taken = 0
        for (const gap of gaps) {
          now += gap
          while (bucket.take(now)) taken++
          expect(taken).toBeLessThanOrEqual(9 + (70 * now) / 1000 + 0.01)
        }
      }),
      { seed: 2 },
    )
  })
})
