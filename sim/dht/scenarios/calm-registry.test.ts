// What a lookup costs when nothing goes wrong, and that one seed gives one run. More seeds and 10,000 records
// are in calm-registry.long.ts.

import { describe, expect, it } from 'vitest'
import { formatTable, print } from '../../print/table.ts'
import { calmFigures, runCalmRegistry } from './calm-registry.ts'

const TIMEOUT_MS = 60_000

describe('a calm registry', () => {
  it(
    'finds every record of 100 servers',
    () => {
      const run = runCalmRegistry(1, { servers: 100, records: 100 })
      print(formatTable('a lookup among 100 servers', [calmFigures(run)]))
      expect(run.lookups).toMatchObject({ lookups: 100, found: 1 })
      expect(run.lookups.finalMs.p95).toBeLessThan(1_000)
      expect(run.fewestCopies).toBeGreaterThanOrEqual(20)
    },
    TIMEOUT_MS,
  )

  it(
    'is the same twice for one seed',
    () => {
      const options = { servers: 30, records: 30 }
      const first = runCalmRegistry('again', options)
      expect(runCalmRegistry('again', options)).toEqual(first)
      expect(runCalmRegistry('other', options).trace).not.toBe(first.trace)
    },
    TIMEOUT_MS,
  )
})
