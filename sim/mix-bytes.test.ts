import { describe, expect, it } from 'vitest'
import { toHex } from '../shared/bytes/hex.ts'
import { mixBytes } from './mix-bytes.ts'
import { Rng } from './rng.ts'

const rng = new Rng('mix')

describe('mixBytes', () => {
  it('is as long as asked for and the same for the same input', () => {
    for (const length of [0, 1, 16, 31, 32, 33, 64, 200]) {
      const input = rng.bytes(length)
      expect(mixBytes(length, input)).toHaveLength(length)
      expect(mixBytes(length, input)).toEqual(mixBytes(length, input.slice()))
    }
  })

  it('stays what it is: digests of recorded runs depend on it', () => {
    expect(toHex(mixBytes(8, Uint8Array.of(1, 2, 3, 4, 5)))).toBe('e66fed9a10eff3f8')
  })

  it('depends on the length of its input', () => {
    const texts = Array.from({ length: 40 }, (_, size) => toHex(mixBytes(32, new Uint8Array(size))))
    expect(new Set(texts).size).toBe(40)
  })

  it('flips about half of the output bits for each flipped bit of input', () => {
    for (const length of [1, 4, 32, 33, 250]) {
      const input = rng.bytes(length)
      const plain = mixBytes(32, input)
      for (let bit = 0; bit < length * 8; bit += 1) {
        const changed = input.slice()
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const flipped = bitsOf(mixBytes(32, changed).map((byte, at) => byte ^ (plain[at] ?? 0)))
        expect(flipped).toBeGreaterThan(80)
        expect(flipped).toBeLessThan(176)
      }
    }
  })

  it('spreads counters evenly over the first byte', () => {
    const counts = new Array<number>(256).fill(0)
    for (let number = 0; number < 25_600; number += 1) {
      const [first = 0] = mixBytes(32, Uint8Array.of(number >> 16, number >> 8, number))
      counts[first] = (counts[first] ?? 0) + 1
    }
    expect(Math.min(...counts)).toBeGreaterThan(60)
    expect(Math.max(...counts)).toBeLessThan(145)
  })
})

function bitsOf(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1
  return count
}
