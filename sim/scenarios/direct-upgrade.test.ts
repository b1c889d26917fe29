// Every pair of NATs: direct where physics allows, over the relay otherwise, never without a session.

import { describe, expect, it } from 'vitest'
import { formatTable, print } from '../print/table.ts'
import { NATS, runUpgrade } from './direct-upgrade.ts'

const PAIRS = NATS.flatMap((a, at) => NATS.slice(at).map(b => ({ a, b })))

describe('two clients behind NATs', () => {
  const rows: Record<string, string | number>[] = []

  it.each(PAIRS)('$a and $b', ({ a, b }) => {
    const report = runUpgrade(1, a, b)
    rows.push({ a, b, 'first message ms': report.firstMs, 'direct ms': report.directMs ?? 'relay' })
    expect(report).toMatchObject({ lost: 0, shownTwice: 0, downs: 0 })
    expect(report.directMs !== undefined).toBe(report.canBeDirect)
    expect(report.firstMs).toBeLessThan(1_000)
    if (report.directMs !== undefined) expect(report.directMs).toBeLessThan(5_000)
  })

  it('as a table', () => {
    print(formatTable('NAT pairs, links of 25 ms', rows))
  })
})
