// Simultaneous dials with ten seeds, a thousand pairs each: minutes, not seconds.

import { describe, expect, it } from 'vitest'
import { runSimultaneousDials } from './simultaneous-dials.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)

describe('a thousand simultaneous dials', () => {
  it.each(TEN_SEEDS)('make one session each (seed %i)', seed => {
    const report = runSimultaneousDials(`long/${seed}`, {
      servers: 5,
      clients: 100,
      dialsEach: 20,
      apartMs: seed * 50,
      everyMs: seed % 2,
    })
    expect(report.failures).toEqual([])
    expect(report.delivery).toMatchObject({ received: 2_000, lost: 0, duplicates: 0 })
    expect(report).toMatchObject({ peersUp: 2_000, peersDown: 0, sidesUpOnce: 2_000 })
  })
})
