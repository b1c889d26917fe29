// R1: 1,000 servers of which 30 % are replaced in ten minutes, for one virtual hour, over ten seeds.

import { describe, expect, it } from 'vitest'
import { formatTable, medianAndWorst, print } from '../../print/table.ts'
import type { ChurnReport } from './churn.ts'
import { churnFigures, HIGH_IS_BEST, runChurn } from './churn.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)

describe('an hour of churn among a thousand servers', () => {
  const runs: ChurnReport[] = []

  it.each(TEN_SEEDS)('loses nothing (seed %i)', seed => {
    const run = runChurn(seed, { servers: 1_000, records: 2_000 })
    runs.push(run)
    expect(run).toMatchObject({ lost: 0, after: { found: 1 } })
    expect(run.during.found).toBeGreaterThanOrEqual(0.999)
    expect(run.during.finalMs.p95).toBeLessThan(1_000)
  })

  it('as a table', () => {
    const rows = medianAndWorst(runs.map(churnFigures), HIGH_IS_BEST)
    print(formatTable('churn, 1,000 servers, one hour, 10 seeds', rows))
  })
})
