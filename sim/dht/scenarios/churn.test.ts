// An hour of churn among 50 servers; the hour with 1,000 servers is in churn.long.ts.

import { expect, it } from 'vitest'
import { formatTable, print } from '../../print/table.ts'
import { churnFigures, runChurn } from './churn.ts'

it('churn of 30 % in ten minutes loses no record and no lookup', () => {
  const run = runChurn(1, { servers: 50, records: 60, lookupsPerS: 0.2 })
  print(formatTable('churn, 50 servers, one hour', [churnFigures(run)]))
  expect(run.replaced).toBeGreaterThan(85)
  expect(run).toMatchObject({ lost: 0, after: { found: 1 } })
  expect(run.fewestCopies).toBeGreaterThan(10)
  expect(run.during.found).toBeGreaterThanOrEqual(0.999)
  expect(run.during.finalMs.p95).toBeLessThan(1_000)
}, 60_000)
