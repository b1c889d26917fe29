// A million messages over routes that fail in every way: minutes, not seconds.

import { describe, expect, it } from 'vitest'
import { expectWeathered } from '../testing/expect-delivery.ts'
import { FAULT_KINDS, runRouteFailures } from './route-failures.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)
/** Of each client to each of two others: ten seeds make a million of them. */
const MESSAGES = 2_500
const CLIENTS = 20

describe('a hundred thousand messages over routes that fail in every way', () => {
  it.each(TEN_SEEDS)('arrive once and in order (seed %i)', seed => {
    const report = runRouteFailures(`long/${seed}`, {
      servers: 8,
      clients: CLIENTS,
      homes: 3,
      messages: MESSAGES,
      sendEveryMs: 100,
      faultEveryMs: 1_000,
      withinMs: 600_000,
    })
    expectWeathered(report, 2 * CLIENTS * MESSAGES)
    expect(report.peersDown).toBe(0)
    for (const kind of FAULT_KINDS) expect(report.faults[kind]).toBeGreaterThan(5)
  })
})
