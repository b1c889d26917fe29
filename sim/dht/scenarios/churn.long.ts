// R1: 30 % of all servers are replaced in ten minutes, for one virtual hour: 300 servers over ten seeds, and a
// thousand over two.

import { describe, expect, it } from 'vitest'
import { formatTable, medianAndWorst, print } from '../../print/table.ts'
import type { ChurnReport } from './churn.ts'
import { churnFigures, HIGH_IS_BEST, runChurn } from './churn.ts'

describe.each([
  { servers: 300, seeds: 10 },
  { servers: 1_000, seeds: 2 },
])('an hour of churn among $servers servers', ({ servers, seeds }) => {
  const runs: ChurnReport[] = []

  it.each(Array.from({ length: seeds }, (_, seed) => seed))('loses nothing (seed %i)', seed => {
    const run = runChurn(seed, { servers, records: 2 * servers })
    runs.push(run)
    expect(run).toMatchObject({ lost: 0, after: { found: 1 } })
    expect(run.fewestCopies).toBeGreaterThanOrEqual(8)
    expect(run.during.found).toBeGreaterThanOrEqual(0.999)
    expect(run.during.finalMs.p95).toBeLessThan(1_000)
  })

  it('as a table', () => {
    const rows = medianAndWorst(runs.map(churnFigures), HIGH_IS_BEST)
    print(formatTable(`churn, ${servers} servers, one hour, ${seeds} seeds`, rows))
  })
})
