// Threat 2 with a thousand keys against 60 servers.

import { expect, it } from 'vitest'
import { formatTable, print } from '../../print/table.ts'
import { oneNetworkFigures, runOneNetwork } from './one-network.ts'

it('a thousand keys on one network get ten places in a table, and every record is found', () => {
  const options = { servers: 60, attackers: 1_000, records: 60, dialsPerKey: 2 }
  const run = runOneNetwork(1, options)
  print(formatTable('1,000 keys on one /24 against 60 servers', [oneNetworkFigures(run)]))
  expect(run.mostEntries).toBeGreaterThan(0)
  expect(run.mostEntries).toBeLessThanOrEqual(10)
  expect([run.after.found, run.fresh.found]).toEqual([1, 1])
  expect(run.fewestCopies).toBeGreaterThanOrEqual(10)
}, 60_000)
