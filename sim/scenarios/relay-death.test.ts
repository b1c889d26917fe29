// A relay dies in the middle of a transfer of 10 MB over links of 50 ms: nothing is lost, and the application
// sees one pause. A hundred seeds: relay-death.long.ts.

import { describe, expect, it } from 'vitest'
import { DEATHS, expectOneSwitch, stallsOf } from '../testing/expect-switch.ts'
import { runRelayDeath } from './relay-death.ts'

const SEEDS = [0, 1, 2, 3]
const TEN_MB = 10 * 2 ** 20

describe.each(DEATHS)('a relay that dies (servers $servers, relay $victim)', where => {
  it('with a word costs a transfer one pause of at most 1.5 s', () => {
    const reports = SEEDS.map(seed =>
      runRelayDeath(seed, { ...where, isSilent: false, bytes: TEN_MB }),
    )
    for (const report of reports) expectOneSwitch(report, { isSilent: false, bytes: TEN_MB })
    expect(stallsOf(reports).p95).toBeLessThanOrEqual(1_500)
  }, 60_000)

  it('without a word costs a transfer a pause or two of a few seconds', () => {
    const reports = SEEDS.map(seed =>
      runRelayDeath(seed, { ...where, isSilent: true, bytes: TEN_MB }),
    )
    for (const report of reports) expectOneSwitch(report, { isSilent: true, bytes: TEN_MB })
    expect(stallsOf(reports).p95).toBeLessThanOrEqual(5_000)
  }, 60_000)

  it.each([true, false])('is replaced in a session that nobody uses (silently: %s)', isSilent => {
    for (const seed of SEEDS) {
      const report = runRelayDeath(seed, { ...where, isSilent, bytes: 0 })
      expectOneSwitch(report, { isSilent, bytes: 0 })
      // The next message goes at once over the new way.
      expect(report.stallMs).toBeLessThan(300)
    }
  })
})

it('is the same twice for one seed', () => {
  const options = { servers: 'apart', victim: 1, isSilent: true, bytes: 2 ** 20 } as const
  const first = runRelayDeath('again', options)
  expect(runRelayDeath('again', options)).toEqual(first)
  expect(runRelayDeath('other', options).trace).not.toBe(first.trace)
})
