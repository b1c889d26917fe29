// One reader that takes a kilobyte a second (R8): nobody else notices, the server lets go of its link, nothing is
// shown twice, what failed was said to have failed, and it is reached again when it reads as usual.
// KEYMESH_SIM=full, as `npm test` sets it, has a hundred readers.

import { describe, expect, it } from 'vitest'
import { runSlowReader } from './slow-reader.ts'

const READERS = process.env.KEYMESH_SIM === 'full' ? 100 : 30
const OPTIONS = { readers: READERS, backlogBytes: 2 ** 20, messages: 60 } as const
const TO_OTHERS = (READERS - 1) * OPTIONS.messages

describe(`one slow reader among ${READERS}`, () => {
  it('costs the others less than a tenth of their p99, and hears what is sent later', () => {
    const before = runSlowReader(1, { ...OPTIONS, isSlow: false })
    const report = runSlowReader(1, { ...OPTIONS, isSlow: true })
    for (const { othersMs, othersCut, confirmedAfter, leftovers } of [before, report]) {
      expect(othersMs.count).toBe(TO_OTHERS)
      expect(othersCut).toBe(0)
      expect(confirmedAfter).toBe(10)
      expect(leftovers).toEqual({ events: 0, timers: 0, channels: 0, links: 0 })
    }
    expect(before.failures).toEqual([])
    expect(report.othersMs.p99).toBeLessThan(1.1 * before.othersMs.p99)
    expect(report.linksCut).toBeGreaterThan(0)
    const { delivery, failures } = report
    expect(delivery).toMatchObject({ duplicates: 0, outOfOrder: 0, forged: 0 })
    expect(delivery.lost).toBeLessThanOrEqual(failures.length)
    expect(new Set(failures)).toEqual(new Set(['TIMEOUT']))
  }, 120_000)
})
