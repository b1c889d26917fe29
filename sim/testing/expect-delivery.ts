// What a run must have reached, for the quick tests and the long ones.

import { expect } from 'vitest'
import type { OneServerReport } from '../scenarios/one-server.ts'
import type { RouteFailuresReport } from '../scenarios/route-failures.ts'

const NOTHING_LEFT = { events: 0, timers: 0, channels: 0, links: 0 }

/** Every message of every client arrived once, in order, and was confirmed; nothing is left in the world. */
export function expectAllOnceInOrder(report: OneServerReport, clients: number, messages: number) {
  const sent = clients * messages
  expect(report.failures).toEqual({})
  expect(report.delivery).toMatchObject({
    sent,
    received: sent,
    confirmed: sent,
    lost: 0,
    duplicates: 0,
    outOfOrder: 0,
    forged: 0,
  })
  expect(report.dialMs.count).toBe(clients / 2)
  expect(report.leftovers).toEqual(NOTHING_LEFT)
}

/** Every message arrived once, in order, and was confirmed, whatever failed on the way. */
export function expectWeathered(report: RouteFailuresReport, sent: number) {
  expect(report.failures).toEqual({})
  expect(report.delivery).toMatchObject({
    sent,
    received: sent,
    confirmed: sent,
    lost: 0,
    duplicates: 0,
    outOfOrder: 0,
    forged: 0,
  })
  expect(report.leftovers).toEqual(NOTHING_LEFT)
}
