// The generator against values computed from the published algorithm, and the promises of forks.

import { describe, expect, it } from 'vitest'
import { Rng } from './rng.ts'

describe('Rng', () => {
  it('gives the same for the same seed, other for another', () => {
    expect(new Rng(1).bytes(64)).toEqual(new Rng('1').bytes(64))
    expect(new Rng(1).bytes(64)).not.toEqual(new Rng(2).bytes(64))
  })

  it('forks by label, whatever was drawn before', () => {
    const fresh = new Rng(7)
    const used = new Rng(7)
    used.bytes(100)
    expect(used.fork('a').bytes(16)).toEqual(fresh.fork('a').bytes(16))
    expect(fresh.fork('a').bytes(16)).not.toEqual(fresh.fork('b').bytes(16))
    expect(fresh.fork('a').fork('b').bytes(16)).not.toEqual(fresh.fork('b').fork('a').bytes(16))
  })

  it.each([0, 1, 2, 3, 4, 5, 31, 32, 33])('gives %i bytes', length => {
    expect(new Rng('length').bytes(length)).toHaveLength(length)
  })

  it('is uniform enough in every byte', () => {
    const counts = new Uint32Array(256)
    for (const byte of new Rng('uniform').bytes(256_000)) counts[byte] = (counts[byte] ?? 0) + 1
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)
    expect(chiSquare).toBeGreaterThan(170)
    expect(chiSquare).toBeLessThan(350)
  })

  it('stays within the bounds it is given', () => {
    const rng = new Rng('bounds')
    for (let turn = 0; turn < 1_000; turn += 1) {
      expect(rng.below(3)).toBeOneOf([0, 1, 2])
      const real = rng.between(-1, 1)
      expect(real >= -1 && real < 1).toBe(true)
    }
    expect(() => rng.pick([])).toThrow(RangeError)
  })

  it('shuffles into a permutation', () => {
    const items = Array.from({ length: 100 }, (_, index) => index)
    const shuffled = new Rng('shuffle').shuffle(items)
    expect(shuffled).not.toEqual(items)
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items)
  })
})
