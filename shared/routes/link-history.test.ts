import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { LINK_HISTORY_MAX } from '../wire/limits.ts'
import {
  LinkHistory,
  linkName,
  MEASURE_KEEP_MS,
  MEMORY_HALF_LIFE_MS,
  NEUTRAL_RELIABILITY,
  OUTAGE_FRESH_MS,
  routeName,
  SAME_OUTAGE_MS,
} from './link-history.ts'
import { failureCost } from './score.ts'
import { keysOf } from './testing/keys.ts'

const [A, B, C] = keysOf(3) as [KeyId, KeyId, KeyId]

describe('names', () => {
  it('of a link are the same from both ends, and no two things have the same', () => {
    expect(linkName(A, B)).toBe(linkName(B, A))
    const names = [
      A,
      linkName(A, B),
      linkName(A, C),
      routeName([], A),
      routeName([A], B),
      routeName([B], A),
      routeName([A, B], C),
    ]
    expect(new Set<string>(names).size).toBe(names.length)
  })
})

/** What one failure leaves of what nothing was known of. */
const ONCE = 0.7125
/** What is left while an outage goes on, however often it was met with. */
const DOWN = ONCE * 0.75 ** 2

function failedAt(...times: number[]): LinkHistory {
  const history = new LinkHistory()
  for (const now of times) history.failed(now, 'x')
  return history
}

describe('an outage', () => {
  /** Every five seconds, and as a search for a spare path goes on. */
  const retried = Array.from({ length: 120 }, (_, n) => n * 5_000)
  const sought = [0, 15_000, 45_000, 105_000, 225_000, 465_000]
  it.each([retried, sought])('counts once when it is over, however often it was tried', (...at) => {
    const last = Math.max(...at)
    const history = failedAt(...at)
    expect(history.of(last + OUTAGE_FRESH_MS, 'x').reliability).toBeGreaterThan(ONCE)
    history.succeeded(last, 'x')
    expect(history.of(last, 'x').reliability).toBeCloseTo(ONCE + 0.25 * (1 - ONCE), 10)
  })

  it.each([
    [1, ONCE],
    [2, ONCE * 0.75],
    [3, DOWN],
    [4, DOWN],
    [100, DOWN],
  ])('of %i failures so far makes it look worse while it goes on', (count, reliability) => {
    const history = failedAt(...Array.from({ length: count }, (_, n) => n))
    expect(history.of(count - 1, 'x').reliability).toBeCloseTo(reliability, 10)
  })

  it.each([
    [OUTAGE_FRESH_MS - 1, DOWN],
    [OUTAGE_FRESH_MS, ONCE],
    [OUTAGE_FRESH_MS + 1, ONCE],
  ])('is held to go on for a while after the last failure (%i ms)', (passed, reliability) => {
    expect(failedAt(0, 0, 0).of(passed, 'x').reliability).toBeCloseTo(reliability, 1)
  })

  it.each([
    [SAME_OUTAGE_MS - 1, 1],
    [SAME_OUTAGE_MS, 2],
    [SAME_OUTAGE_MS + 1, 2],
  ])('is another one after %i ms', (passed, count) => {
    const known = failedAt(0, passed).of(passed + OUTAGE_FRESH_MS, 'x').reliability
    expect(known < ONCE).toBe(count === 2)
  })

  it('is another one after a success: what fails every other time is soon worth less than what never does', () => {
    const history = new LinkHistory()
    for (let n = 0; n < 6; n++) {
      history.failed(n * 1_000, 'x')
      history.succeeded(n * 1_000 + 500, 'x')
      history.succeeded(n * 1_000 + 500, 'steady')
      const [cost, steady] = ['x', 'steady'].map(name =>
        failureCost(history.of(n * 1_000 + 500, name).reliability),
      ) as [number, number]
      expect(cost).toBeGreaterThan(steady + 45)
      if (n === 5) expect(cost).toBeGreaterThan(steady + 120)
    }
  })
})

describe('what goes on working', () => {
  it('counts as a success, once in a while, and its measures count always', () => {
    const history = new LinkHistory()
    for (let now = 0; now < 3 * OUTAGE_FRESH_MS; now += 1_000) {
      history.worked(now, 'x', { rttMs: 40 })
    }
    const often = new LinkHistory()
    for (const n of [0, 1, 2]) often.succeeded(n * OUTAGE_FRESH_MS, 'x')
    const now = 3 * OUTAGE_FRESH_MS - 1
    expect(history.of(now, 'x').reliability).toBe(often.of(now, 'x').reliability)
    history.worked(now, 'x', { rttMs: 80 })
    expect(history.of(now, 'x').rttMs).toBeCloseTo(50)
  })

  it.each([
    [OUTAGE_FRESH_MS - 1, false],
    [OUTAGE_FRESH_MS, true],
    [OUTAGE_FRESH_MS + 1, true],
  ])('is a success %i ms after a failure: %s', (passed, counts) => {
    const history = failedAt(0)
    const before = history.of(passed, 'x').reliability
    history.worked(passed, 'x')
    expect(history.of(passed, 'x').reliability > before).toBe(counts)
  })
})

describe('LinkHistory', () => {
  it('knows nothing of strangers, and expects a little less than the best of them', () => {
    expect(new LinkHistory().of(5, 'x')).toEqual({ reliability: NEUTRAL_RELIABILITY })
  })

  it('follows successes and failures, the newest most', () => {
    const history = new LinkHistory()
    for (let i = 0; i < 20; i++) history.succeeded(i, 'good')
    expect(history.of(20, 'good').reliability).toBeGreaterThan(0.99)
    history.failed(20, 'good')
    expect(history.of(20, 'good').reliability).toBeCloseTo(0.75, 2)
    for (let i = 0; i < 2; i++) history.failed(20, 'good')
    expect(history.of(20, 'good').reliability).toBeLessThan(0.45)
    for (let i = 0; i < 100; i++) history.failed(20, 'good')
    expect(history.of(20, 'good').reliability).toBeGreaterThanOrEqual(0)
  })

  it.each([
    ['failures', (history: LinkHistory) => history.failed(0, 'x'), 0.7125],
    ['successes', (history: LinkHistory) => history.succeeded(0, 'x'), 0.9625],
  ] as const)('forgets %s by half in each half-life', (_, happen, after) => {
    const history = new LinkHistory()
    happen(history)
    const distances = [0, 1, 2, 20].map(
      times => history.of(times * MEMORY_HALF_LIFE_MS, 'x').reliability - NEUTRAL_RELIABILITY,
    )
    const [first = 0, second = 0, third = 0, last = 1] = distances
    expect(first).toBeCloseTo(after - NEUTRAL_RELIABILITY, 10)
    expect(second).toBeCloseTo(first / 2, 10)
    expect(third).toBeCloseTo(first / 4, 10)
    expect(Math.abs(last)).toBeLessThan(1e-5)
  })

  it('averages round trips, and takes the first as it is', () => {
    const history = new LinkHistory()
    history.succeeded(0, 'x', { rttMs: 100 })
    expect(history.of(0, 'x').rttMs).toBe(100)
    history.succeeded(1, 'x', { rttMs: 20 })
    expect(history.of(1, 'x').rttMs).toBe(80)
    history.failed(2, 'x')
    history.succeeded(3, 'x')
    expect(history.of(3, 'x').rttMs).toBe(80)
  })

  it('believes more throughput at once, less only by and by', () => {
    const history = new LinkHistory()
    history.succeeded(0, 'x', { bytesPerS: 1_000 })
    history.succeeded(0, 'x', { bytesPerS: 9_000 })
    expect(history.of(0, 'x').bytesPerS).toBe(9_000)
    history.succeeded(0, 'x', { bytesPerS: 1_000 })
    expect(history.of(0, 'x').bytesPerS).toBe(7_000)
  })

  it.each([
    [MEASURE_KEEP_MS - 1, 40],
    [MEASURE_KEEP_MS, undefined],
    [MEASURE_KEEP_MS + 1, undefined],
  ])('after %i ms its round trip is %s', (now, rttMs) => {
    const history = new LinkHistory()
    history.succeeded(0, 'x', { rttMs: 40 })
    expect(history.of(now, 'x').rttMs).toBe(rttMs)
  })

  it('begins measuring anew after that', () => {
    const history = new LinkHistory()
    history.succeeded(0, 'x', { rttMs: 40, bytesPerS: 5_000 })
    history.succeeded(MEASURE_KEEP_MS, 'x', { rttMs: 400, bytesPerS: 50 })
    expect(history.of(MEASURE_KEEP_MS, 'x')).toMatchObject({ rttMs: 400, bytesPerS: 50 })
  })

  it.each([-1, Number.NaN, Infinity, -Infinity])('takes no measure of %s', value => {
    const history = new LinkHistory()
    history.succeeded(0, 'x', { rttMs: value, bytesPerS: value })
    expect(history.of(0, 'x')).toEqual({ reliability: expect.closeTo(0.9625, 10) })
  })

  it('remembers a round trip of nothing, which a clock of whole milliseconds measures', () => {
    const history = new LinkHistory()
    history.succeeded(0, 'x', { rttMs: 0 })
    expect(history.of(0, 'x').rttMs).toBe(0)
  })

  it.each([
    [LINK_HISTORY_MAX - 1, LINK_HISTORY_MAX - 1, true],
    [LINK_HISTORY_MAX, LINK_HISTORY_MAX, true],
    [LINK_HISTORY_MAX + 1, LINK_HISTORY_MAX, false],
  ])('of %i names keeps %i, those used last', (count, kept, isFirstKept) => {
    const history = new LinkHistory()
    for (let i = 0; i < count; i++) {
      history.failed(0, String(i))
      // Asking is no use.
      history.of(0, '0')
    }
    expect(history.size).toBe(kept)
    expect(history.of(0, '0').reliability < NEUTRAL_RELIABILITY).toBe(isFirstKept)
    expect(history.of(0, String(count - 1)).reliability).toBeLessThan(NEUTRAL_RELIABILITY)
  })
})
