import { describe, expect, it } from 'vitest'
import { jittered, sampled, unitInterval } from './jitter.ts'
import { seededRandom } from './testing/seeded-random.ts'

const zeros = (length: number) => new Uint8Array(length)
const ones = (length: number) => new Uint8Array(length).fill(0xff)
const middle = (length: number) => new Uint8Array(length).fill(0x80, 0, 1)

describe('jitter', () => {
  it.each([
    [zeros, 0],
    [middle, 1 / 2],
    [ones, 1 - 2 ** -32],
  ])('is uniform from 0 to below 1', (random, expected) => {
    expect(unitInterval(random)).toBe(expected)
  })

  it.each([
    [zeros, 900],
    [middle, 1_000],
    [ones, 1_100],
  ])('is as much more as less', (random, expected) => {
    expect(jittered(random, 1_000, 1 / 10)).toBe(expected)
  })
})

describe('a sample', () => {
  const items = Array.from({ length: 20 }, (_, index) => index)

  it.each([0, 1, 19, 20, 21])('of %i has each at most once, and as many as there are', count => {
    const sample = sampled(seededRandom(1), items, count)
    expect(sample).toHaveLength(Math.min(count, items.length))
    expect(new Set(sample).size).toBe(sample.length)
    expect(items).toEqual(expect.arrayContaining(sample))
  })

  it('is of all alike', () => {
    const random = seededRandom(2)
    const times = new Array<number>(items.length).fill(0)
    for (let round = 0; round < 2_000; round++) {
      for (const item of sampled(random, items, 2)) times[item] = (times[item] ?? 0) + 1
    }
    for (const count of times) expect(Math.abs(count - 200)).toBeLessThan(60)
  })

  it('costs no more than what it takes', () => {
    let draws = 0
    const counted = (length: number) => {
      draws += 1
      return zeros(length)
    }
    expect(sampled(counted, items, 3)).toEqual([0, 19, 18])
    expect(draws).toBe(3)
  })
})
