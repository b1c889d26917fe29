// Threat 2 over ten seeds: each key of the attacker dials a hundred of 300 servers.

import { describe, expect, it } from 'vitest'
import { formatTable, medianAndWorst, print } from '../../print/table.ts'
import type { OneNetworkReport } from './one-network.ts'
import { HIGH_IS_BEST, oneNetworkFigures, runOneNetwork } from './one-network.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)

describe('a thousand keys on one network', () => {
  const runs: OneNetworkReport[] = []

  it.each(TEN_SEEDS)('get ten places in a table, hide nothing (seed %i)', seed => {
    const options = { servers: 300, attackers: 1_000, records: 300, dialsPerKey: 100 }
    const run = runOneNetwork(seed, options)
    runs.push(run)
    expect(run.mostEntries).toBeLessThanOrEqual(10)
    expect([run.after.found, run.fresh.found]).toEqual([1, 1])
    expect(run.fewestCopies).toBeGreaterThanOrEqual(10)
  })

  it('as a table', () => {
    const rows = medianAndWorst(runs.map(oneNetworkFigures), HIGH_IS_BEST)
    print(formatTable('1,000 keys on one /24 against 300 servers, 10 seeds', rows))
  })
})
