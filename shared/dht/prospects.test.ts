import { describe, expect, it } from 'vitest'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { DHT_FORMER_CHECK_MAX_MS, DHT_PARTITION_SPREAD_MS } from '../wire/limits.ts'
import type { Contact } from './contact.ts'
import { Prospects } from './prospects.ts'
import { randomContacts } from './testing/contacts.ts'

const [A, B, C, D] = randomContacts(seededRandom(1), 4) as [Contact, Contact, Contact, Contact]
const MIN_MS = 5_000

describe('prospects', () => {
  it('are due when they were said to be, once', () => {
    const prospects = new Prospects({ max: 3, minPauseMs: MIN_MS })
    expect([prospects.nextCheck(), prospects.takeDue(1e9)]).toEqual([undefined, undefined])
    prospects.add(0, A, 100)
    prospects.add(0, B, 50)
    expect(prospects.nextCheck()).toBe(50)
    expect(prospects.takeDue(49)).toBeUndefined()
    expect([prospects.takeDue(100), prospects.takeDue(100)]).toEqual([B, A])
    expect(prospects.takeDue(1e9)).toBeUndefined()
    expect(prospects.has(A.key)).toBe(true)
  })

  it('are tried again after a fourth of their absence, within bounds', () => {
    const prospects = new Prospects({ max: 3, minPauseMs: MIN_MS })
    prospects.add(1_000, A, 0)
    const pauseAfter = (now: number): number => {
      prospects.failed(now, A.key)
      return (prospects.nextCheck() ?? 0) - now
    }
    expect(pauseAfter(1_000)).toBe(MIN_MS)
    expect(pauseAfter(1_000 + 4 * MIN_MS)).toBe(MIN_MS)
    expect(pauseAfter(1_000 + 4 * MIN_MS + 4)).toBe(MIN_MS + 1)
    expect(pauseAfter(61_000)).toBe(15_000)
    expect(pauseAfter(1_000 + 4 * DHT_FORMER_CHECK_MAX_MS)).toBe(DHT_FORMER_CHECK_MAX_MS)
    expect(pauseAfter(1e9)).toBe(DHT_FORMER_CHECK_MAX_MS)
    prospects.failed(0, B.key)
    expect(prospects.size).toBe(1)
  })

  it('are noticed within thirty seconds of the end of a minute, and within a third of any outage', () => {
    for (const outageMs of [60_000, 600_000, 1_800_000]) {
      const prospects = new Prospects({ max: 1, minPauseMs: MIN_MS })
      prospects.add(0, A, MIN_MS)
      let now = 0
      while (now < outageMs) {
        now = prospects.nextCheck() ?? 0
        prospects.takeDue(now)
        prospects.failed(now, A.key)
      }
      expect(now - outageMs).toBeLessThanOrEqual(outageMs === 60_000 ? 30_000 : outageMs / 3)
    }
  })

  it('are checked at their rate, all together, but for those in a hurry', () => {
    const rate = { perSecond: 0.5, burst: 2 }
    const prospects = new Prospects({ max: 4, minPauseMs: MIN_MS, rate })
    for (const one of [A, B, C, D]) prospects.add(0, one, 0)
    const take = (now: number): (Contact | undefined)[] =>
      [1, 2, 3].map(() => prospects.takeDue(now))
    expect(take(0)).toEqual([A, B, undefined])
    expect(prospects.nextCheck()).toBe(2_000)
    expect(take(1_999)).toEqual([undefined, undefined, undefined])
    expect(take(2_000)).toEqual([C, undefined, undefined])
    prospects.hurry(2_000)
    expect(prospects.nextCheck()).toBe(2_000)
    expect(take(2_000)).toEqual([A, B, C])
    prospects.delete(D.key)
    expect([...take(1e6), prospects.nextCheck()]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('make way, least recently used first, and say so', () => {
    const prospects = new Prospects({ max: 2, minPauseMs: MIN_MS })
    expect(prospects.add(0, A, 0)).toBeUndefined()
    expect(prospects.add(0, B, 0)).toBeUndefined()
    expect(prospects.add(0, A, 7)).toBeUndefined()
    expect(prospects.add(0, C, 0)).toBe(A)
    expect([prospects.size, prospects.takeDue(0), prospects.takeDue(0)]).toEqual([2, B, C])
    expect([prospects.delete(B.key), prospects.delete(B.key)]).toEqual([true, false])
  })

  it('hurry all together, or those that went together', () => {
    const prospects = new Prospects({ max: 4, minPauseMs: MIN_MS })
    prospects.add(0, A, 1e6)
    prospects.add(DHT_PARTITION_SPREAD_MS, B, 1e6)
    prospects.add(DHT_PARTITION_SPREAD_MS + 1, C, 1e6)
    prospects.hurryCompanions(200_000, A.key)
    const due = [prospects.takeDue(200_000), prospects.takeDue(200_000), prospects.takeDue(200_000)]
    expect(due).toEqual([A, B, undefined])
    prospects.add(200_000, D, 1e6)
    prospects.hurry(300_000)
    const all = [1, 2, 3, 4].map(() => prospects.takeDue(300_000))
    expect(new Set(all)).toEqual(new Set([A, B, C, D]))
  })
})
