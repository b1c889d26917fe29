// Messages over routes that fail in every way, one kind at a time and all together: exactly once, in order,
// none lost. Two hundred times as many messages: route-failures.long.ts.

import { describe, expect, it } from 'vitest'
import { expectWeathered } from '../testing/expect-delivery.ts'
import type { FaultKind, RouteFailuresOptions } from './route-failures.ts'
import { FAULT_KINDS, runRouteFailures } from './route-failures.ts'

const SEEDS = [0, 1]
const STORM: RouteFailuresOptions = {
  servers: 8,
  clients: 20,
  homes: 3,
  messages: 250,
  sendEveryMs: 100,
  faultEveryMs: 1_000,
  withinMs: 120_000,
}
/** Of one kind of fault: as often as two at once allow. */
const SHOWER = { ...STORM, messages: 50, faultEveryMs: 500 }

describe('ten thousand messages over routes that fail in every way', () => {
  it.each(SEEDS)(
    'arrive once and in order (seed %i)',
    seed => {
      const report = runRouteFailures(seed, STORM)
      expectWeathered(report, 10_000)
      expect(report.peersDown).toBe(0)
      for (const kind of FAULT_KINDS) expect(report.faults[kind]).toBeGreaterThan(0)
    },
    60_000,
  )

  it('do so the same way twice for one seed', () => {
    const options = { ...STORM, messages: 25, clients: 10 }
    const first = runRouteFailures('again', options)
    expect(runRouteFailures('again', options)).toEqual(first)
    expect(runRouteFailures('other', options).trace).not.toBe(first.trace)
  }, 60_000)
})

describe('messages arrive once and in order', () => {
  it.each(FAULT_KINDS.filter(kind => kind !== 'stall'))(
    'through nothing but %s',
    kind => {
      const report = runRouteFailures(kind, { ...SHOWER, faults: [kind] })
      expectWeathered(report, 2_000)
      expect(report.faults[kind]).toBeGreaterThan(1)
    },
    60_000,
  )

  it('through event loops that stall for up to two seconds, and no link or session ends (R24)', () => {
    const report = runRouteFailures('stall', { ...SHOWER, faults: ['stall'] })
    expectWeathered(report, 2_000)
    expect(report.faults.stall).toBeGreaterThan(5)
    expect(report.linksKept).toBe(report.linksAtFirst)
    expect(report.peersDown).toBe(0)
  }, 60_000)
})

it('where there is no way for too long, each message is delivered or failed, and none twice', () => {
  const faults: readonly FaultKind[] = ['powerCut', 'silence', 'partition']
  const report = runRouteFailures(3, {
    ...SHOWER,
    faults,
    homes: 1,
    faultsAtOnce: 12,
    faultEveryMs: 200,
  })
  const { sent, received, confirmed, lost } = report.delivery
  const failed = Object.values(report.failures).reduce((sum, count) => sum + count, 0)
  expect(report.delivery).toMatchObject({ duplicates: 0, outOfOrder: 0, forged: 0 })
  expect(sent).toBe(2_000)
  expect(confirmed + failed).toBe(sent)
  expect(failed).toBeGreaterThan(0)
  // What failed may have arrived without its sender hearing of it; what was confirmed has arrived.
  expect(lost).toBeLessThanOrEqual(failed)
  expect(received).toBeGreaterThanOrEqual(confirmed)
  expect(report.leftovers).toEqual({ events: 0, timers: 0, channels: 0, links: 0 })
}, 60_000)
