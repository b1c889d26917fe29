import { describe, expect, it } from 'vitest'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { DHT_SIZE_SAMPLES } from '../wire/limits.ts'
import { commonPrefixLength, distanceFraction } from './distance.ts'
import { isCrowded, sweepTargets } from './region-sweep.ts'
import { SizeEstimate } from './size-estimate.ts'
import { randomContacts } from './testing/contacts.ts'

const K = 20

function kthDistance(random: ReturnType<typeof seededRandom>, servers: number): number {
  const target = random(32)
  const distances = randomContacts(random, servers).map(({ id }) => distanceFraction(target, id))
  return distances.sort((a, b) => a - b)[K - 1] ?? 1
}

describe('size estimate', () => {
  it('is the median of the last samples', () => {
    const size = new SizeEstimate()
    expect(size.region).toBeUndefined()
    size.add(0.2)
    expect(size.region).toEqual({ radius: 0.2 })
    size.add(0.4)
    expect(size.region?.radius).toBeCloseTo(0.3)
    size.add(1)
    expect(size.region).toEqual({ radius: 0.4 })
    for (let i = 0; i < DHT_SIZE_SAMPLES; i++) size.add(0.1)
    expect(size.region).toEqual({ radius: 0.1 })
  })

  it('is not moved far by fewer than half of the samples poisoned', () => {
    const size = new SizeEstimate()
    for (const radius of [0.1, 1e-9, 0.11, 1e-9, 0.09, 1e-9, 0.1, 1e-9, 0.12]) size.add(radius)
    expect(size.region?.radius).toBeGreaterThanOrEqual(0.09)
  })

  it('starts anew once outdated, with the next sample', () => {
    const size = new SizeEstimate()
    for (const radius of [1, 1, 1]) size.add(radius)
    size.outdated()
    expect(size.region).toEqual({ radius: 1 })
    size.add(0.1)
    expect(size.region).toEqual({ radius: 0.1 })
  })

  it('comes near the truth with the few samples of a join', () => {
    const random = seededRandom(1)
    for (const servers of [100, 400]) {
      const errors = Array.from({ length: 30 }, () => {
        const size = new SizeEstimate()
        for (let i = 0; i < 4; i++) size.add(kthDistance(random, servers))
        return Math.abs(Math.log(((size.region?.radius ?? 1) * servers) / K))
      }).sort((a, b) => a - b)
      expect(errors[15]).toBeLessThan(Math.log(1.2))
      expect(errors[29]).toBeLessThan(Math.log(1.6))
    }
  })
})

describe('region sweep', () => {
  it('begins for crowds, not for chance', () => {
    const random = seededRandom(2)
    const region = { radius: K / 300 }
    let crowded = 0
    for (let i = 0; i < 1000; i++) if (isCrowded(kthDistance(random, 300), region)) crowded++
    expect(crowded).toBe(0)
    // With an estimate that is off by half it still happens seldom.
    for (let i = 0; i < 1000; i++) {
      if (isCrowded(kthDistance(random, 450), region)) crowded++
    }
    expect(crowded).toBeLessThan(20)
    expect(isCrowded(region.radius / 20, region)).toBe(true)
    expect(isCrowded(1, { radius: 1 })).toBe(false)
  })

  it('has a target in every piece of the region', () => {
    const target = seededRandom(3)(32)
    const targets = sweepTargets(target, { radius: 0.1 }, K)
    expect(targets.map(one => commonPrefixLength(one, target))).toEqual([3, 4, 5, 6, 7, 8])
    for (const place of sweepTargets(target, { radius: 1 }, K)) {
      expect(place.length).toBe(32)
    }
    const whole = sweepTargets(target, { radius: 1 }, K)
    expect(whole.map(one => commonPrefixLength(one, target))[0]).toBe(0)
  })
})
