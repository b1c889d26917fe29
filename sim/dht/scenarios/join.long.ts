// R21 over ten seeds, and networks of a thousand servers that all join through one.

import { describe, expect, it } from 'vitest'
import { formatTable, medianAndWorst, print } from '../../print/table.ts'
import type { AllJoinReport, OneJoinOptions } from './join.ts'
import { allJoinFigures, oneJoinFigures, runAllJoin, runOneJoin } from './join.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)

describe('joining', () => {
  it('through the one seed of five that lives takes less than five seconds', () => {
    for (const { foundMs } of joinAll({ servers: 300, contacts: 5, living: 1, way: 'seeds' })) {
      expect(foundMs).toBeLessThan(5_000)
    }
  })

  it('through a cached table of mostly dead contacts takes less than ten seconds', () => {
    for (const { foundMs } of joinAll({ servers: 300, contacts: 150, living: 5, way: 'cached' })) {
      expect(foundMs).toBeLessThan(10_000)
    }
  })

  describe('of a thousand through one seed', () => {
    const runs: AllJoinReport[] = []

    it.each(TEN_SEEDS)('makes a network that finds everything (seed %i)', seed => {
      const run = runAllJoin(seed, { servers: 1_000, records: 1_000, everyMs: 100 })
      runs.push(run)
      expect(run.joinMs).toMatchObject({ count: 979 })
      expect(run.joinMs.max).toBeLessThan(5_000)
      expect(run.lookups.found).toBe(1)
    })

    it('as a table', () => {
      const rows = medianAndWorst(runs.map(allJoinFigures))
      print(formatTable('1,000 join through one, 10 seeds', rows))
    })
  })
})

function joinAll(options: OneJoinOptions) {
  const runs = TEN_SEEDS.map(seed => runOneJoin(seed, options))
  const title = `${options.living} of ${options.contacts} ${options.way} live, 10 seeds`
  print(formatTable(title, medianAndWorst(runs.map(oneJoinFigures))))
  return runs
}
