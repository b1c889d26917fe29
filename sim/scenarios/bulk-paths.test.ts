// Which way a long transfer takes: the wide one rather than the near one, and no other after that.

import { describe, expect, it } from 'vitest'
import type { BulkPathsReport } from './bulk-paths.ts'
import { runBulkPaths } from './bulk-paths.ts'

const MINUTE_MS = 60_000
const NARROW = 0
const WIDE = 1

function kilobytesPerS({ bytesPerS }: BulkPathsReport, server: number): number {
  return (bytesPerS[server] ?? Number.NaN) / 1_000
}

describe('a long transfer', () => {
  it('leaves a narrow line for a longer, wider one within seconds, for good', () => {
    const report = runBulkPaths(1, {
      lines: [
        { latencyMs: 5, bytesPerMs: 150 },
        { latencyMs: 20, bytesPerMs: 700 },
      ],
      forMs: MINUTE_MS,
    })
    expect(report.carriers.map(({ server }) => server)).toEqual([NARROW, WIDE])
    expect(report.carriers[1]?.fromMs).toBeLessThan(6_000)
    expect(report.failures).toBe(0)
    // What such a line carries in a minute, less the time until it was found.
    expect(report.deliveredBytes).toBeGreaterThan(0.85 * 700 * MINUTE_MS)
    expect(kilobytesPerS(report, NARROW)).toBeGreaterThan(110)
    expect(kilobytesPerS(report, NARROW)).toBeLessThan(155)
    expect(kilobytesPerS(report, WIDE)).toBeGreaterThan(660)
    expect(kilobytesPerS(report, WIDE)).toBeLessThan(720)
  })

  it('stays on the nearer of two wide lines, whatever queue it makes there itself', () => {
    const report = runBulkPaths(3, {
      lines: [
        { latencyMs: 5, bytesPerMs: 1_500 },
        { latencyMs: 20, bytesPerMs: 1_500 },
      ],
      forMs: MINUTE_MS / 2,
    })
    expect(report.carriers).toHaveLength(1)
    expect(report.failures).toBe(0)
  })

  it('tries each of two lines that are as narrow, and does not go on to and fro', () => {
    const line = { latencyMs: 10, bytesPerMs: 200 }
    const report = runBulkPaths(4, { lines: [line, line], forMs: 2 * MINUTE_MS })
    expect(report.carriers.length).toBeLessThanOrEqual(3)
    expect(report.failures).toBe(0)
  })
})
