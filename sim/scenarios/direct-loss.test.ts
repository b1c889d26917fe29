// R19: a direct connection that breaks costs a short stall and nothing else, and comes back.

import { describe, expect, it } from 'vitest'
import { runDirectLoss } from './direct-loss.ts'

const BREAKS = 3

describe.each([
  { isSilent: false, stallMs: 1_000 },
  { isSilent: true, stallMs: 5_000 },
])('a direct connection that breaks (silent: $isSilent)', ({ isSilent, stallMs }) => {
  it.each([0, 1, 2])('loses nothing, and is made again (seed %i)', seed => {
    const report = runDirectLoss(seed, { isSilent, breaks: BREAKS })
    expect(report.delivery).toMatchObject({ lost: 0, duplicates: 0, outOfOrder: 0, forged: 0 })
    expect(report).toMatchObject({ failures: 0, downs: 0 })
    expect(report.delivery.latencyMs.max).toBeLessThan(stallMs)
    expect(report.returns).toBe(BREAKS)
  })
})
