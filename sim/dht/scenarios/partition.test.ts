// R2 among 60 servers; 1,000 of them over ten seeds are in partition.long.ts.

import { expect, it } from 'vitest'
import { formatTable, print } from '../../print/table.ts'
import { partitionFigures, runPartition } from './partition.ts'

it.each([60_000, 900_000])(
  'halves cut for %i ms go on, and heal within thirty seconds',
  cutMs => {
    const run = runPartition(1, { servers: 60, records: 60, cutMs })
    print(formatTable(`partition of ${cutMs / 1_000} s, 60 servers`, [partitionFigures(run)]))
    expect(run).toMatchObject({ foundWhileCut: 1, newFoundWhileCut: 1, foundAfter30S: 1, lost: 0 })
  },
  60_000,
)
