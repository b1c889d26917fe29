import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../link/testing/seeded-random.ts'
import {
  commonPrefixLength,
  compareDistance,
  distanceFraction,
  flipBit,
  xorDistance,
} from './distance.ts'
import { randomIdSharing } from './random-id.ts'
import { idOf, toBigInt } from './testing/contacts.ts'

const id = fc.uint8Array({ minLength: 32, maxLength: 32 })
const RUNS = { seed: 1, numRuns: 500 }

describe('distance', () => {
  it('is known for a few ids', () => {
    expect(commonPrefixLength(idOf('101'), idOf('101'))).toBe(256)
    expect(commonPrefixLength(idOf('1'), idOf('0'))).toBe(0)
    expect(commonPrefixLength(idOf('00000000001'), idOf(''))).toBe(10)
    expect(distanceFraction(idOf('1'), idOf(''))).toBe(0.5)
    expect(distanceFraction(idOf('001'), idOf('011'))).toBe(0.25)
    expect(distanceFraction(idOf('1'), idOf('1'))).toBe(0)
    expect(flipBit(idOf('1'), 0)).toEqual(idOf('0'))
    expect(flipBit(idOf('1'), 9)).toEqual(idOf('1000000001'))
    expect(xorDistance(idOf('1100'), idOf('1010'))).toEqual(idOf('0110'))
  })

  it('orders as arithmetic does', () => {
    fc.assert(
      fc.property(id, id, id, (target, a, b) => {
        const at = toBigInt(target)
        const difference = (toBigInt(a) ^ at) - (toBigInt(b) ^ at)
        const sign = difference < 0n ? -1 : difference > 0n ? 1 : 0
        expect(Math.sign(compareDistance(target, a, b))).toBe(sign)
        expect(toBigInt(xorDistance(a, target))).toBe(toBigInt(a) ^ at)
      }),
      RUNS,
    )
  })

  it('has prefixes and fractions that agree with it', () => {
    fc.assert(
      fc.property(id, fc.integer({ min: 0, max: 255 }), id, (a, bit, rest) => {
        const other = randomIdSharing(() => rest, a, bit)
        expect(commonPrefixLength(a, other)).toBe(bit)
        expect(commonPrefixLength(a, flipBit(a, bit))).toBe(bit)
        const fraction = distanceFraction(a, other)
        expect(fraction).toBeLessThanOrEqual(2 ** -bit)
        if (bit < 48) expect(fraction).toBeGreaterThanOrEqual(2 ** -(bit + 1))
        expect(fraction).toBe(Number((toBigInt(a) ^ toBigInt(other)) >> 208n) / 2 ** 48)
      }),
      RUNS,
    )
  })

  it('is 0 only between equal ids, and random ids spread evenly', () => {
    const random = seededRandom(1)
    const own = random(32)
    let sum = 0
    for (let i = 0; i < 2000; i++) sum += distanceFraction(own, randomIdSharing(random, own, 1))
    expect(sum / 2000).toBeCloseTo(0.375, 2)
    expect(compareDistance(own, own, own)).toBe(0)
  })
})
