// Threat 1 with one target; ten seeds with many targets are in sybils.long.ts.

import { describe, expect, it } from 'vitest'
import { formatTable, print } from '../../print/table.ts'
import type { Grinding } from './sybils.ts'
import { runSybils, SYBIL_CONTROL, sybilFigures } from './sybils.ts'

const ATTACK = { servers: 100, targets: 1, lookupsPerTarget: 20 } as const
const WAYS: readonly Grinding[] = ['packed', 'nearest']

const TIMEOUT_MS = 60_000

describe('sybils around a key', () => {
  it.each(WAYS)(
    'a third of all servers, %s, do not hide its record',
    grinding => {
      const run = runSybils(1, { ...ATTACK, sybilShare: 0.33, grinding })
      print(formatTable(`33 % sybils, ${grinding}, 100 servers`, [sybilFigures(run)]))
      expect(run.found).toBe(1)
    },
    TIMEOUT_MS,
  )

  it(
    'hide it from lookups over one path that look at the nearest only',
    () => {
      const run = runSybils(1, {
        ...ATTACK,
        sybilShare: 0.33,
        grinding: 'packed',
        parameters: SYBIL_CONTROL,
      })
      expect(run.found).toBeLessThan(0.5)
    },
    TIMEOUT_MS,
  )
})
