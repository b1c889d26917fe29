// 1,000 servers with 10,000 records over ten seeds, and the costs at 10 to 10,000 servers.

import { describe, expect, it } from 'vitest'
import { formatTable, medianAndWorst, print } from '../../print/table.ts'
import type { CalmRegistryReport } from './calm-registry.ts'
import { calmFigures, HIGH_IS_BEST, runCalmRegistry } from './calm-registry.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)
/** Of the largest network a part looks things up; what it costs them is what it costs all. */
const FEW_USERS = { records: 100, lookups: 300 } as const

describe('a thousand servers with ten thousand records', () => {
  const runs: CalmRegistryReport[] = []

  it.each(TEN_SEEDS)('find every record (seed %i)', seed => {
    const run = runCalmRegistry(seed, { servers: 1_000, records: 10_000 })
    runs.push(run)
    expect(run.lookups).toMatchObject({ lookups: 10_000, found: 1 })
    expect(run.lookups.finalMs.p95).toBeLessThan(1_000)
    expect(run.fewestCopies).toBeGreaterThanOrEqual(20)
  })

  it('as a table', () => {
    const rows = medianAndWorst(runs.map(calmFigures), HIGH_IS_BEST)
    print(formatTable('1,000 servers, 10,000 records, 10 seeds', rows))
  })
})

describe('costs by the number of servers', () => {
  it('grow with its logarithm', () => {
    const sizes = [10, 100, 1_000, 10_000]
    const runs = sizes.map(servers =>
      runCalmRegistry(1, { servers, ...FEW_USERS, active: Math.min(servers, 100) }),
    )
    const rows = runs.map((run, at) => ({ servers: sizes[at] ?? 0, ...calmFigures(run) }))
    print(formatTable('costs of a lookup', rows))
    for (const { lookups } of runs) expect(lookups.found).toBe(1)
    const [, hundred, thousand, tenThousand] = runs.map(run => run.lookups)
    if (hundred === undefined || thousand === undefined || tenThousand === undefined) return
    // A tenfold of servers adds about as many rounds and messages as the tenfold before it, and no factor.
    for (const figure of ['rounds', 'messages', 'finalMs'] as const) {
      const firstStep = thousand[figure].p50 - hundred[figure].p50
      const secondStep = tenThousand[figure].p50 - thousand[figure].p50
      expect(secondStep).toBeLessThanOrEqual(1.5 * firstStep + 0.2 * hundred[figure].p50)
    }
    expect(tenThousand.messages.p50).toBeLessThan(2 * thousand.messages.p50)
  })
})
