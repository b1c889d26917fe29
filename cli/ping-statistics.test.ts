import { describe, expect, it } from 'vitest'
import { PingStatistics, roundMs } from './ping-statistics.ts'

function summaryOf(rttsMs: readonly number[], lost = 0) {
  const statistics = new PingStatistics()
  for (const rttMs of rttsMs) statistics.received(rttMs)
  for (let i = 0; i < lost; i += 1) statistics.lost()
  return statistics.summary
}

describe('PingStatistics', () => {
  it.each([
    [[], 0, { sent: 0, received: 0 }],
    [[], 3, { sent: 3, received: 0 }],
    [[5], 0, { sent: 1, received: 1, minMs: 5, medianMs: 5, maxMs: 5 }],
    [[1, 2], 0, { sent: 2, received: 2, minMs: 1, medianMs: 1.5, maxMs: 2 }],
    [[10, 9, 2], 1, { sent: 4, received: 3, minMs: 2, medianMs: 9, maxMs: 10 }],
  ])('sums up %j with %i lost', (rttsMs, lost, summary) => {
    expect(summaryOf(rttsMs, lost)).toEqual(summary)
  })

  it('rounds to a tenth of a millisecond', () => {
    expect(roundMs(1.25456)).toBe(1.3)
    expect(summaryOf([0.1, 0.2]).medianMs).toBe(0.2)
  })
})
