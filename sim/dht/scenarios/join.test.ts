// R21: getting in through one living seed, through an old table, and all through one.

import { describe, expect, it } from 'vitest'
import { formatTable, medianAndWorst, print } from '../../print/table.ts'
import { allJoinFigures, oneJoinFigures, runAllJoin, runOneJoin } from './join.ts'

const TIMEOUT_MS = 60_000

describe('joining', () => {
  it(
    'through the one seed of five that lives takes less than five seconds',
    () => {
      const runs = [1, 2, 3].map(seed =>
        runOneJoin(seed, { servers: 40, contacts: 5, living: 1, way: 'seeds' }),
      )
      print(formatTable('one seed of five lives', medianAndWorst(runs.map(oneJoinFigures))))
      for (const { tableMs, foundMs } of runs) {
        expect(tableMs).toBeLessThan(5_000)
        expect(foundMs).toBeLessThan(5_000)
      }
    },
    TIMEOUT_MS,
  )

  it(
    'through a cached table of mostly dead contacts takes less than ten seconds',
    () => {
      const runs = [1, 2, 3].map(seed =>
        runOneJoin(seed, { servers: 30, contacts: 30, living: 2, way: 'cached' }),
      )
      print(formatTable('2 of 30 saved live', medianAndWorst(runs.map(oneJoinFigures))))
      for (const { foundMs } of runs) expect(foundMs).toBeLessThan(10_000)
    },
    TIMEOUT_MS,
  )

  it(
    'of everybody through one seed makes a network that finds everything',
    () => {
      const run = runAllJoin(1, { servers: 60, records: 60, everyMs: 200 })
      print(formatTable('60 join through one', [allJoinFigures(run)]))
      expect(run.joinMs).toMatchObject({ count: 39 })
      expect(run.joinMs.max).toBeLessThan(5_000)
      expect(run.lookups.found).toBe(1)
    },
    TIMEOUT_MS,
  )
})
