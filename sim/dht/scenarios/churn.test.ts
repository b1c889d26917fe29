// Half an hour of churn among 60 servers; the hour with 1,000 servers is in churn.long.ts.

import { expect, it } from 'vitest'
import { formatTable, print } from '../../print/table.ts'
import { churnFigures, runChurn } from './churn.ts'

it('churn of 30 % in ten minutes loses no record and no lookup', () => {
  const run = runChurn(1, { servers: 60, records: 60, durationMs: 1_800_000, lookupsPerS: 0.3 })
  print(formatTable('churn, 60 servers', [churnFigures(run)]))
  expect(run.replaced).toBeGreaterThan(50)
  expect(run).toMatchObject({ lost: 0, after: { found: 1 } })
  expect(run.during.found).toBeGreaterThanOrEqual(0.999)
  expect(run.during.finalMs.p95).toBeLessThan(1_000)
})
