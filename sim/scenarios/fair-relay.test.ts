// A relay between many (R8, threat 17): greedy circuits get the same, whatever cells they use; who says a word
// now and then waits for one cell of each other; and ends that read nothing cost others nothing.

import { describe, expect, it } from 'vitest'
import { MAX_CIRCUITS_PER_LINK } from '../../shared/wire/limits.ts'
import type { FairRelayOptions, FairRelayReport } from './fair-relay.ts'
import { jainIndex, runFairRelay } from './fair-relay.ts'

const NOBODY: FairRelayOptions = {
  greedySmall: 0,
  greedyLarge: 0,
  quiet: 0,
  stuck: 0,
  durationMs: 10_000,
}
const NOTHING_LEFT = { events: 0, timers: 0, channels: 0, links: 0 }

function expectAllServed(report: FairRelayReport): void {
  expect(report.closed).toEqual({ small: 0, large: 0, quiet: 0, stuck: 0 })
  expect(report.wordsLost).toBe(0)
  expect(report.leftovers).toEqual(NOTHING_LEFT)
}

describe('greedy circuits over one link', () => {
  it('get the same, a hundred of them', () => {
    const report = runFairRelay(1, { ...NOBODY, greedySmall: 100 })
    expectAllServed(report)
    expect(jainIndex(report.smallBytes)).toBeGreaterThan(0.999)
  }, 60_000)

  it('get about the same with small cells as with large ones', () => {
    const report = runFairRelay(1, {
      ...NOBODY,
      greedySmall: 25,
      greedyLarge: 25,
      durationMs: 20_000,
    })
    expectAllServed(report)
    expect(jainIndex([...report.smallBytes, ...report.largeBytes])).toBeGreaterThan(0.99)
  }, 60_000)
})

describe('a word now and then', () => {
  it.each([
    { greedySmall: 40, greedyLarge: 0 },
    { greedySmall: 0, greedyLarge: 40 },
  ])(
    'passes among greedy circuits ($greedySmall small, $greedyLarge large)',
    greedy => {
      const report = runFairRelay(1, { ...NOBODY, ...greedy, quiet: 20 })
      expectAllServed(report)
      // Forty backlogs wait in the relay: five seconds of that link.
      expect(report.peakQueuedBytes).toBeGreaterThan(4 * 2 ** 20)
      expect(report.wordMs.p95).toBeLessThan(400)
    },
    60_000,
  )

  it('does not notice ends that read nothing (p99 + 10 %), and the budget holds', () => {
    const alone = runFairRelay(1, { ...NOBODY, quiet: 20 })
    const maxQueuedBytes = 4 * 2 ** 20
    const among = runFairRelay(1, { ...NOBODY, quiet: 20, stuck: 60, maxQueuedBytes })
    expect(among.wordsLost).toBe(0)
    expect(among.wordMs.p99).toBeLessThan(1.1 * alone.wordMs.p99)
    expect(among.peakQueuedBytes).toBeLessThanOrEqual(maxQueuedBytes)
    expect(among.closed).toMatchObject({ quiet: 0 })
    expect(among.closed.stuck).toBeGreaterThan(20)
    expect(among.leftovers).toEqual(NOTHING_LEFT)
  }, 60_000)
})

it('a neighbour that throws setups at the relay holds few circuits and slows no word', () => {
  const alone = runFairRelay(1, { ...NOBODY, quiet: 20 })
  const among = runFairRelay(1, { ...NOBODY, quiet: 20, setups: 2_000 })
  expectAllServed(among)
  expect(among.wordMs.p99).toBeLessThan(1.1 * alone.wordMs.p99)
  expect(among.peakCircuits).toBeLessThanOrEqual(20 + MAX_CIRCUITS_PER_LINK)
}, 60_000)

it('a run is the same twice for one seed', () => {
  const options = { ...NOBODY, greedySmall: 5, quiet: 5, stuck: 2, durationMs: 1_000 }
  expect(runFairRelay('again', options)).toEqual(runFairRelay('again', options))
})
