// R2 over ten seeds: 1,000 servers fall into two halves for a minute.

import { describe, expect, it } from 'vitest'
import { formatTable, medianAndWorst, print } from '../../print/table.ts'
import type { PartitionReport } from './partition.ts'
import { HIGH_IS_BEST, partitionFigures, runPartition } from './partition.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)

describe('a thousand servers in two halves', () => {
  const runs: PartitionReport[] = []

  it.each(TEN_SEEDS)('go on and heal within thirty seconds (seed %i)', seed => {
    const run = runPartition(seed, { servers: 1_000, records: 1_000 })
    runs.push(run)
    expect(run).toMatchObject({ foundWhileCut: 1, newFoundWhileCut: 1, foundAfter30S: 1, lost: 0 })
  })

  it('as a table', () => {
    const rows = medianAndWorst(runs.map(partitionFigures), HIGH_IS_BEST)
    print(formatTable('partition of 60 s, 1,000 servers, 10 seeds', rows))
  })
})
