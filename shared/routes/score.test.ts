import { describe, expect, it } from 'vitest'
import type { RouteMetrics } from './route.ts'
import {
  ASSUMED_BYTES_PER_S,
  FAILURE_COST_MS,
  MAX_THROUGHPUT_COST_MS,
  RELAY_COST_MS,
  scoreOf,
} from './score.ts'

const FLAWLESS: RouteMetrics = { hops: 0, latencyMs: 0, isMeasured: true, reliability: 1 }

describe('the score of a route', () => {
  it('is nothing where nothing is wrong', () => {
    const parts = { total: 0, latency: 0, hops: 0, reliability: 0, throughput: 0 }
    expect(scoreOf(FLAWLESS)).toEqual(parts)
  })

  it('is the sum of its parts', () => {
    const { total, ...parts } = scoreOf({
      hops: 2,
      latencyMs: 80,
      isMeasured: true,
      reliability: 0.5,
      bytesPerS: 262_144,
    })
    expect(parts).toEqual({
      latency: 80,
      hops: 2 * RELAY_COST_MS,
      reliability: expect.closeTo(FAILURE_COST_MS * Math.LN2, 8),
      throughput: 250 - 62.5,
    })
    expect(total).toBeCloseTo(
      Object.values(parts).reduce((sum, part) => sum + part, 0),
      8,
    )
  })

  it.each([
    ['latencyMs', { latencyMs: 10 }, { latencyMs: 11 }],
    ['hops', { hops: 1 }, { hops: 2 }],
    ['reliability', { reliability: 0.9 }, { reliability: 0.8 }],
    ['bytesPerS', { bytesPerS: 200_000 }, { bytesPerS: 190_000 }],
  ] as const)('rises with worse %s', (_, better, worse) => {
    expect(scoreOf({ ...FLAWLESS, ...worse }).total).toBeGreaterThan(
      scoreOf({ ...FLAWLESS, ...better }).total,
    )
  })

  it.each([-1, 0, 0.01, 1, 1.5])('is finite with a reliability of %d', reliability => {
    const cost = scoreOf({ ...FLAWLESS, reliability }).reliability
    expect(cost).toBeGreaterThanOrEqual(0)
    expect(cost).toBeLessThanOrEqual(FAILURE_COST_MS * Math.log(100) + 1e-9)
  })

  it.each([
    [undefined, 0],
    [ASSUMED_BYTES_PER_S - 1, expect.closeTo(0.00006, 4)],
    [ASSUMED_BYTES_PER_S, 0],
    [ASSUMED_BYTES_PER_S + 1, 0],
    [1e12, 0],
    [1, MAX_THROUGHPUT_COST_MS],
    [0, MAX_THROUGHPUT_COST_MS],
  ])('with %s bytes per second counts %s for throughput', (bytesPerS, cost) => {
    const metrics = bytesPerS === undefined ? FLAWLESS : { ...FLAWLESS, bytesPerS }
    expect(scoreOf(metrics).throughput).toEqual(cost)
  })

  it('prefers a relay that works to a direct link that often does not', () => {
    const direct = scoreOf({ ...FLAWLESS, latencyMs: 20, reliability: 0.6 })
    const relayed = scoreOf({ ...FLAWLESS, latencyMs: 45, hops: 1, reliability: 0.93 })
    expect(relayed.total).toBeLessThan(direct.total)
  })
})
