// Threat 1 over ten seeds, with controls that lack each of the defences.

import { describe, expect, it } from 'vitest'
import type { DhtParameters } from '../../../shared/dht/dht-parameters.ts'
import { formatTable, medianAndWorst, print } from '../../print/table.ts'
import type { Grinding } from './sybils.ts'
import { HIGH_IS_BEST, runSybils, SYBIL_CONTROL, sybilFigures } from './sybils.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)
const ATTACK = { servers: 200, targets: 5, lookupsPerTarget: 40 } as const
const ROWS: readonly (readonly [share: number, grinding: Grinding, atLeast: number])[] = [
  [0.1, 'packed', 0.999],
  [0.1, 'nearest', 0.999],
  [0.2, 'packed', 0.99],
  [0.2, 'nearest', 0.99],
  [0.33, 'packed', 0.95],
  [0.33, 'nearest', 0.95],
]

describe('sybils around a key', () => {
  it.each(ROWS)('a share of %f, %s: at least %f of all lookups find the record', (...row) => {
    const [sybilShare, grinding, atLeast] = row
    const runs = attack(sybilShare, grinding)
    expect(runs.reduce((sum, { found }) => sum + found, 0) / runs.length).toBeGreaterThanOrEqual(
      atLeast,
    )
  })

  it('a control with one path and no region fails', () => {
    const runs = attack(0.33, 'packed', SYBIL_CONTROL)
    for (const { found } of runs) expect(found).toBeLessThan(0.5)
  })
})

function attack(sybilShare: number, grinding: Grinding, parameters?: Partial<DhtParameters>) {
  const runs = TEN_SEEDS.map(seed =>
    runSybils(seed, { ...ATTACK, sybilShare, grinding, ...(parameters && { parameters }) }),
  )
  const defences = parameters === undefined ? '' : ', one path and no region'
  print(
    formatTable(
      `${sybilShare * 100} % sybils, ${grinding}${defences}, 10 seeds`,
      medianAndWorst(runs.map(sybilFigures), HIGH_IS_BEST),
    ),
  )
  return runs
}
