import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACK_MAX_RANGES } from '../wire/limits.ts'
import { AckRanges } from './ack-ranges.ts'

function rangesOf(counters: readonly number[]): number[] {
  const ranges = new AckRanges()
  for (const counter of counters) ranges.add(counter)
  return [...ranges.ranges]
}

describe('AckRanges', () => {
  it.each([
    [[0], [0, 0]],
    [
      [0, 1, 2],
      [0, 2],
    ],
    [
      [2, 1, 0],
      [0, 2],
    ],
    [
      [0, 2],
      [2, 2, 0, 0],
    ],
    [
      [0, 2, 1],
      [0, 2],
    ],
    [
      [0, 1, 5, 6, 3],
      [5, 6, 3, 3, 0, 1],
    ],
    [
      [0, 1, 5, 6, 3, 4],
      [3, 6, 0, 1],
    ],
    [
      [0, 1, 5, 6, 3, 4, 2],
      [0, 6],
    ],
    [
      [9, 5, 1, 6],
      [9, 9, 5, 6, 1, 1],
    ],
    [
      [9, 5, 1, 4],
      [9, 9, 4, 5, 1, 1],
    ],
  ])('%j makes %j', (counters, expected) => {
    expect(rangesOf(counters)).toEqual(expected)
  })

  it('keeps the newest ranges', () => {
    const odd = Array.from({ length: ACK_MAX_RANGES + 3 }, (_, i) => 2 * i)
    const ranges = rangesOf(odd)
    expect(ranges).toHaveLength(2 * ACK_MAX_RANGES)
    expect(ranges.at(-1)).toBe(6)
  })

  it.each([
    [-1, [5, 8, 0, 2]],
    [0, [5, 8, 1, 2]],
    [2, [5, 8]],
    [4, [5, 8]],
    [6, [7, 8]],
    [8, []],
  ])('forgets up to %i', (counter, expected) => {
    const ranges = new AckRanges()
    for (const seen of [0, 1, 2, 5, 6, 7, 8]) ranges.add(seen)
    ranges.forgetUpTo(counter)
    expect([...ranges.ranges]).toEqual(expected)
    expect(ranges.isEmpty).toBe(expected.length === 0)
  })

  it('names exactly what arrived, in any order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60), { maxLength: 60 }), counters => {
        const ranges = rangesOf(counters)
        const named: number[] = []
        for (let i = 0; i < ranges.length; i += 2) {
          for (let c = ranges[i + 1] as number; c >= (ranges[i] as number); c--) named.push(c)
        }
        expect(named).toEqual([...counters].sort((a, b) => b - a))
      }),
      { seed: 3 },
    )
  })
})
