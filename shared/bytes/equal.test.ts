import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from './concat.ts'
import { compareBytes, equalBytes, isAllZero } from './equal.ts'
import { toHex } from './hex.ts'
import { wipe } from './wipe.ts'

const b = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)

describe('concat', () => {
  it('joins in order into a new array', () => {
    const part = b(2, 3)
    const joined = concat(b(1), part, b(), b(4))
    expect(joined).toEqual(b(1, 2, 3, 4))
    part[0] = 9
    expect(joined).toEqual(b(1, 2, 3, 4))
    expect(concat()).toEqual(b())
  })
})

describe('wipe', () => {
  it('zeroes every array it is given, views included', () => {
    const whole = b(1, 2, 3, 4)
    const other = b(5)
    wipe(whole.subarray(1, 3), other)
    expect(whole).toEqual(b(1, 0, 0, 4))
    expect(other).toEqual(b(0))
  })
})

describe('equalBytes', () => {
  it('is true only for the same bytes', () => {
    expect(equalBytes(b(), b())).toBe(true)
    expect(equalBytes(b(1, 2), b(1, 2))).toBe(true)
    expect(equalBytes(b(1, 2), b(1, 2, 0))).toBe(false)
  })

  it('sees one flipped bit anywhere', () => {
    const a = new Uint8Array(32)
    for (let bit = 0; bit < 256; bit++) {
      const other = Uint8Array.from(a)
      other[bit >> 3] = 1 << (bit & 7)
      expect(equalBytes(a, other)).toBe(false)
      expect(isAllZero(other)).toBe(false)
    }
    expect(isAllZero(a)).toBe(true)
  })
})

describe('compareBytes', () => {
  it('orders as hex text does, a prefix first', () => {
    const some = fc.uint8Array({ maxLength: 4 })
    fc.assert(
      fc.property(some, some, (x, y) => {
        const [hexX, hexY] = [toHex(x), toHex(y)]
        const expected = hexX < hexY ? -1 : hexX > hexY ? 1 : 0
        expect(Math.sign(compareBytes(x, y))).toBe(expected)
      }),
    )
    expect(compareBytes(b(0x7f), b(0x80))).toBeLessThan(0)
    expect(compareBytes(b(1), b(1, 0))).toBeLessThan(0)
  })
})
