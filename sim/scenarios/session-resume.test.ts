// Clients that are restarted in the middle of what they do, a thousand times (docs/PROTOCOL.md 7.7). What their disks
// held arrives; nobody has anything twice, or in another order.

import { describe, expect, it } from 'vitest'
import { runSessionResume } from './session-resume.ts'

const WHOLE = { lost: 0, shownTwice: 0, outOfOrder: 0 } as const

describe('clients that are restarted in the middle of traffic', () => {
  it('lose and repeat nothing over a thousand restarts when their disks hold what was written', () => {
    const report = runSessionResume('restarts', { pairs: 10, restarts: 1_000, maxLostWrites: 0 })
    expect(report).toMatchObject({
      ...WHOLE,
      restarts: 1_000,
      repeats: 0,
      lostByDisk: 0,
      revived: 0,
    })
    expect(report.kept).toBeGreaterThan(6_000)
  }, 120_000)

  it('lose and repeat nothing that was saved when their disks lose the newest writes', () => {
    const report = runSessionResume('lossy', { pairs: 10, restarts: 300, maxLostWrites: 12 })
    expect(report).toMatchObject({ ...WHOLE, restarts: 300 })
    expect(report.lostByDisk).toBeGreaterThan(0)
  }, 120_000)

  it('run the same twice for one seed', () => {
    const options = { pairs: 2, restarts: 20, maxLostWrites: 4 }
    const first = runSessionResume(1, options)
    expect(runSessionResume(1, options)).toEqual(first)
  })
})
