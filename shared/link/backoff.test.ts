import { describe, expect, it } from 'vitest'
import {
  BACKOFF_BASE_MS,
  BACKOFF_MAX_MS,
  BACKOFF_RESET_MS,
  RETRY_AFTER_MAX_MS,
} from '../wire/limits.ts'
import { Backoff } from './backoff.ts'
import { seededRandom } from './testing/seeded-random.ts'

const highest = () => new Backoff(length => new Uint8Array(length).fill(0xff))
const lowest = () => new Backoff(length => new Uint8Array(length))

describe('Backoff', () => {
  it('doubles its ceiling up to the maximum, and stays there for ever', () => {
    const backoff = highest()
    const ceilings = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    expect(ceilings.map(() => backoff.nextDelayMs() + 1)).toEqual(ceilings)
    for (let i = 0; i < 2_000; i++) expect(backoff.nextDelayMs()).toBe(BACKOFF_MAX_MS - 1)
  })

  it('may be nothing at all: the jitter is full', () => {
    const backoff = lowest()
    for (let i = 0; i < 20; i++) expect(backoff.nextDelayMs()).toBe(0)
  })

  it('spreads evenly', () => {
    const random = seededRandom(4)
    const delays = Array.from({ length: 4_000 }, () => new Backoff(random).nextDelayMs())
    for (const quarter of [0, 1, 2, 3]) {
      const share = delays.filter(ms => Math.floor((4 * ms) / BACKOFF_BASE_MS) === quarter).length
      expect(share).toBeGreaterThan(900)
      expect(share).toBeLessThan(1_100)
    }
  })

  it.each([
    [BACKOFF_RESET_MS - 1, 2_000],
    [BACKOFF_RESET_MS, 500],
    [BACKOFF_RESET_MS + 1, 500],
  ])('after %d ms up goes on at a ceiling of %d ms', (upMs, ceilingMs) => {
    const backoff = highest()
    backoff.nextDelayMs()
    backoff.nextDelayMs()
    backoff.up(100)
    backoff.down(100 + upMs)
    expect(backoff.nextDelayMs()).toBe(ceilingMs - 1)
  })

  it('does not count a failed dial as a link that was up', () => {
    const backoff = highest()
    backoff.up(0)
    backoff.down(1)
    backoff.nextDelayMs()
    backoff.down(BACKOFF_RESET_MS * 2)
    expect(backoff.nextDelayMs()).toBe(999)
  })

  it('obeys a server once, with jitter on top', () => {
    expect(
      [lowest(), highest()].map(backoff => {
        backoff.retryAfter(5_000)
        return [backoff.nextDelayMs(), backoff.nextDelayMs()]
      }),
    ).toEqual([
      [5_000, 0],
      [5_499, 999],
    ])
  })

  it.each([
    [RETRY_AFTER_MAX_MS - 1, RETRY_AFTER_MAX_MS - 1],
    [RETRY_AFTER_MAX_MS, RETRY_AFTER_MAX_MS],
    [RETRY_AFTER_MAX_MS + 1, RETRY_AFTER_MAX_MS],
    [Infinity, RETRY_AFTER_MAX_MS],
    [-5, 0],
  ])('takes a wish of %d ms as %d ms', (wishMs, floorMs) => {
    const backoff = lowest()
    backoff.retryAfter(wishMs)
    expect(backoff.nextDelayMs()).toBe(floorMs)
  })
})
