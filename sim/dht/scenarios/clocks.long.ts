// R7 over ten seeds and 300 servers.

import { describe, expect, it } from 'vitest'
import { formatTable, medianAndWorst, print } from '../../print/table.ts'
import type { ClocksOptions, ClocksReport } from './clocks.ts'
import { clockFigures, HIGH_IS_BEST, runClocks } from './clocks.ts'

const TEN_MINUTES_MS = 600_000
/** A record lives a day, and ten minutes of slack. */
const DAY_MS = 25 * 3_600_000

describe('a third of all clocks wrong', () => {
  it('by up to ten minutes: everything works', () => {
    for (const run of runAll('ten minutes', { skewMs: TEN_MINUTES_MS })) {
      expect(run).toMatchObject({ right: { found: 1 }, wrong: { found: 1 }, accepted: 1 })
    }
  })

  it('by a day: their own records are refused, the others do not notice', () => {
    for (const run of runAll('a day', { skewMs: DAY_MS, isExact: true })) {
      expect(run).toMatchObject({ right: { found: 1 }, accepted: 0 })
      expect(run.wakesWrong).toBeLessThan(2 * run.wakesRight)
    }
  })

  it('by a day from one moment to the next: the same', () => {
    for (const run of runAll('a day at once', { skewMs: DAY_MS, isExact: true, isJump: true })) {
      expect(run).toMatchObject({ right: { found: 1 }, accepted: 0 })
      expect(run.wakesWrong).toBeLessThan(2 * run.wakesRight)
    }
  })
})

function runAll(title: string, wrong: Pick<ClocksOptions, 'skewMs' | 'isExact' | 'isJump'>) {
  const runs: ClocksReport[] = []
  for (let seed = 0; seed < 10; seed += 1) {
    runs.push(runClocks(seed, { servers: 300, records: 300, ...wrong }))
  }
  const rows = medianAndWorst(runs.map(clockFigures), HIGH_IS_BEST)
  print(formatTable(`clocks wrong by ${title}, 10 seeds`, rows))
  return runs
}
