// The death of a relay during a transfer of 10 MB over links of 50 ms, a hundred times for each place.

import { describe, expect, it } from 'vitest'
import { DEATHS, expectOneSwitch, stallsOf } from '../testing/expect-switch.ts'
import { runRelayDeath } from './relay-death.ts'

const HUNDRED_SEEDS = Array.from({ length: 100 }, (_, seed) => `long/${seed}`)
const TEN_MB = 10 * 2 ** 20

describe.each(DEATHS)('a relay that dies (servers $servers, relay $victim)', where => {
  it.each([false, true])('costs a transfer a pause (silently: %s)', isSilent => {
    const reports = HUNDRED_SEEDS.map(seed =>
      runRelayDeath(seed, { ...where, isSilent, bytes: TEN_MB }),
    )
    for (const report of reports) expectOneSwitch(report, { isSilent, bytes: TEN_MB })
    expect(stallsOf(reports).p95).toBeLessThanOrEqual(isSilent ? 5_000 : 1_500)
  })
})
