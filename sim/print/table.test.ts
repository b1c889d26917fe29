import { describe, expect, it } from 'vitest'
import { formatTable, medianAndWorst } from './table.ts'

describe('formatTable', () => {
  it('aligns names to the left and figures to the right', () => {
    const text = formatTable('costs', [
      { servers: 10, 'p50 ms': 99.96, share: 0.5 },
      { servers: 1_000, 'p50 ms': 123.4, note: 'slow' },
    ])
    expect(text).toBe(
      [
        '',
        'costs',
        'servers  p50 ms  share  note',
        '10        100.0  0.500',
        '1000        123         slow',
        '',
      ].join('\n'),
    )
  })
})

describe('medianAndWorst', () => {
  it('takes the highest for the worst, but for figures of which more is better', () => {
    const runs = [
      { ms: 3, found: 100 },
      { ms: 1, found: 90 },
      { ms: 2, found: 95 },
    ]
    expect(medianAndWorst(runs, ['found'])).toEqual([
      { figure: 'ms', median: 2, worst: 3 },
      { figure: 'found', median: 95, worst: 90 },
    ])
    expect(medianAndWorst([])).toEqual([])
  })
})
