// R7: clocks that are wrong by ten minutes, by a day, and from one moment to the next.

import { describe, expect, it } from 'vitest'
import { formatTable, print } from '../../print/table.ts'
import { clockFigures, runClocks } from './clocks.ts'

const TEN_MINUTES_MS = 600_000
/** A record lives a day, and ten minutes of slack. */
const DAY_MS = 25 * 3_600_000
const SIZE = { servers: 45, records: 45 } as const

const TIMEOUT_MS = 60_000

describe('a third of all clocks wrong', () => {
  it(
    'by up to ten minutes: everything works',
    () => {
      const run = runClocks(1, { ...SIZE, skewMs: TEN_MINUTES_MS })
      print(formatTable('clocks wrong by up to ten minutes', [clockFigures(run)]))
      expect(run).toMatchObject({ right: { found: 1 }, wrong: { found: 1 }, accepted: 1 })
      expect(run.wakesWrong).toBeLessThan(2 * run.wakesRight)
    },
    TIMEOUT_MS,
  )

  it.each([false, true])(
    'by a day, suddenly %s: their own records are refused',
    isJump => {
      const run = runClocks(1, { ...SIZE, skewMs: DAY_MS, isExact: true, isJump })
      print(formatTable('clocks wrong by a day', [clockFigures(run)]))
      expect(run).toMatchObject({ right: { found: 1 }, accepted: 0 })
      expect(run.refusals).toEqual(['INVALID_RECORD: expired', 'INVALID_RECORD: future'])
      expect(run.wakesWrong).toBeLessThan(2 * run.wakesRight)
    },
    TIMEOUT_MS,
  )
})
