// A thousand pairs that dial each other at once: one session each, and no first message is lost or shown twice.
// KEYMESH_SIM=full, as `npm test` sets it, tries more ways to meet.

import { describe, expect, it } from 'vitest'
import type { SimultaneousDialsOptions } from './simultaneous-dials.ts'
import { runSimultaneousDials } from './simultaneous-dials.ts'

const THOUSAND: SimultaneousDialsOptions = {
  servers: 5,
  clients: 100,
  dialsEach: 20,
  apartMs: 0,
  everyMs: 0,
}
/** How far the two of a pair are apart, and the pairs. */
const MEETINGS =
  process.env.KEYMESH_SIM === 'full'
    ? ([
        [0, 0],
        [100, 0],
        [300, 5],
      ] as const)
    : ([[100, 0]] as const)

const ON_TRIAL_SHARE = 0.02

function expectOneSessionEach(options: SimultaneousDialsOptions, seed: string | number): void {
  const report = runSimultaneousDials(seed, options)
  const sides = 2 * report.pairs
  expect(report.failures).toEqual([])
  expect(report.delivery).toMatchObject({
    sent: sides,
    received: sides,
    confirmed: sides,
    lost: 0,
    duplicates: 0,
    forged: 0,
  })
  expect(report).toMatchObject({ peersUp: sides, peersDown: 0, sidesUpOnce: sides })
  expect(report.dialMs.count).toBe(sides)
  // One path of a session is in use, and one may be spare; each has two ends. Few have a better one on trial as well.
  expect(report.circuits).toBeGreaterThanOrEqual(sides)
  expect(report.circuits).toBeLessThanOrEqual(2 * sides * (1 + ON_TRIAL_SHARE))
  expect(report.leftovers).toEqual({ events: 0, timers: 0, channels: 0, links: 0 })
}

describe('a thousand simultaneous dials', () => {
  it.each(MEETINGS)(
    'make one session each (%i ms apart, one pair each %i ms)',
    (apartMs, everyMs) => {
      expectOneSessionEach({ ...THOUSAND, apartMs, everyMs }, `${apartMs}/${everyMs}`)
    },
    120_000,
  )

  it('are the same twice for one seed', () => {
    const options = { ...THOUSAND, clients: 20, dialsEach: 4 }
    const first = runSimultaneousDials('again', options)
    expect(runSimultaneousDials('again', options)).toEqual(first)
  })
})
