import { describe, expect, it } from 'vitest'
import { BEACON_MAX_ADDRESSES } from '../../wire/limits.ts'
import { FairBudget } from './fair-budget.ts'

const RATES = { share: { perSecond: 10, burst: 20 }, firstFew: { perSecond: 0.1, burst: 2 } }

/** How many of `count` get through that come evenly over `ms`. */
function through(budget: FairBudget, count: number, ms: number, sourceOf: (n: number) => string) {
  let passed = 0
  for (let n = 0; n < count; n++) if (budget.take((n * ms) / count, sourceOf(n))) passed += 1
  return passed
}

describe('a fair budget', () => {
  it('gives one source its first few and one share', () => {
    // 2 + 0.1/s of the first, 20 + 10/s of the second.
    const passed = through(new FairBudget(RATES, 0), 100_000, 10_000, () => 'a')
    expect(passed).toBeGreaterThan(20 + 100)
    expect(passed).toBeLessThanOrEqual(3 + 20 + 100)
  })

  it('gives all of them together no more than two shares', () => {
    const passed = through(new FairBudget(RATES, 0), 100_000, 10_000, n => `a${n}`)
    expect(passed).toBeLessThanOrEqual(2 * (20 + 100))
  })

  it.each([1, 50])('keeps who comes now and then apart from %i that come always', sources => {
    const budget = new FairBudget(RATES, 0)
    for (let n = 0; n < 60_000; n++) {
      const now = n
      if (n > 20_000 && n % 20_000 === 1) expect(budget.take(now, 'now and then')).toBe(true)
      budget.take(now, `always ${n % sources}`)
    }
  })

  it('forgets the source silent longest when there are too many', () => {
    const budget = new FairBudget({ ...RATES, share: { perSecond: 1, burst: 1 } }, 0)
    for (let n = 0; n < 3; n++) budget.take(0, 'a')
    for (let n = 0; n < BEACON_MAX_ADDRESSES; n++) budget.take(0, `b${n}`)
    // Both shares have one again; only for a source with few does the first one count.
    expect(budget.take(1_000, 'a')).toBe(true)
    expect(budget.take(1_000, `b${BEACON_MAX_ADDRESSES - 1}`)).toBe(false)
  })
})
