// As session-resume.test.ts, over ten seeds and with disks of every kind.

import { describe, expect, it } from 'vitest'
import { runSessionResume } from './session-resume.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)

describe.each([0, 1, 12, 40])('restarts with up to %i writes lost', maxLostWrites => {
  it.each(TEN_SEEDS)('lose and repeat nothing that was saved (seed %i)', seed => {
    const report = runSessionResume(seed, { pairs: 10, restarts: 1_000, maxLostWrites })
    expect(report).toMatchObject({ lost: 0, shownTwice: 0, outOfOrder: 0, restarts: 1_000 })
    if (maxLostWrites === 0) expect(report).toMatchObject({ repeats: 0, lostByDisk: 0, revived: 0 })
  })
})
