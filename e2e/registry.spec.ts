// Twenty server processes on loopback are one registry: six of them are killed, and every record is still found
// at every survivor. The killed come back with the network they knew. Printed as a table by `npm run demo:registry`.

import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Fleet } from '../demo/registry/fleet.ts'
import { startFleet } from '../demo/registry/fleet.ts'
import { runRegistry } from '../demo/registry/run.ts'
import { seededUnit } from './fixtures/seeded-unit.ts'

const SERVERS = 20
let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet(SERVERS)
}, 120_000)

afterAll(() => fleet?.close())

it('records outlive their servers', async () => {
  const options = { records: 500, kills: 6, random: seededUnit(7) }
  const report = await runRegistry(fleet, options, () => {})
  expect(report.missing).toEqual([])
  expect(report.lookups).toBe(500 * (SERVERS - 6))
  expect(Math.min(...report.backWith)).toBeGreaterThanOrEqual(SERVERS / 2)
}, 180_000)
