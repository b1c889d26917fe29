// R2 over ten seeds: 1,000 servers fall into two halves for a minute, 300 for a quarter of an hour.

import { describe, expect, it } from 'vitest'
import { formatTable, medianAndWorst, print } from '../../print/table.ts'
import type { PartitionReport } from './partition.ts'
import { HIGH_IS_BEST, partitionFigures, runPartition } from './partition.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)

describe.each([
  { servers: 1_000, cutMs: 60_000 },
  { servers: 300, cutMs: 900_000 },
])('$servers servers in two halves for $cutMs ms', ({ servers, cutMs }) => {
  const runs: PartitionReport[] = []

  it.each(TEN_SEEDS)('go on and heal within thirty seconds (seed %i)', seed => {
    const run = runPartition(seed, { servers, records: servers, cutMs })
    runs.push(run)
    expect(run).toMatchObject({ foundWhileCut: 1, newFoundWhileCut: 1, foundAfter30S: 1, lost: 0 })
  })

  it('as a table', () => {
    const rows = medianAndWorst(runs.map(partitionFigures), HIGH_IS_BEST)
    print(formatTable(`partition of ${cutMs / 1_000} s, ${servers} servers, 10 seeds`, rows))
  })
})
