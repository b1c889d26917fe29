import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CBOR_MAX_DEPTH, CBOR_MAX_ITEMS } from '../wire/limits.ts'
import type { CborValue } from './cbor.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import { concat } from './concat.ts'
import { DecodeError } from './decode-error.ts'
import { fromHex } from './hex.ts'

const vectorFile = `${process.env.KEYMESH_VECTORS ?? '../shared/vectors'}/cbor_rfc8949_appendix_f_not_well_formed.json`
const haveVectors = process.env.CI === 'true' || existsSync(vectorFile)

describe.skipIf(!haveVectors)(
  'RFC 8949 appendix F (skipped where the public vectors are missing)',
  () => {
    it('refuses every input that is not well-formed', () => {
      const { groups } = JSON.parse(readFileSync(vectorFile, 'utf8')) as {
        groups: Record<string, string[]>
      }
      const inputs = Object.values(groups).flat()
      expect(inputs).toHaveLength(94)
      for (const hex of inputs) {
        expect(() => decodeCbor(fromHex(hex)), hex).toThrow(DecodeError)
      }
    })
  },
)

describe('the dialect', () => {
  it.each([
    ['nothing', ''],
    ['a uint head too long, 1 byte', '1817'],
    ['a uint head too long, 2 bytes', '1900ff'],
    ['a uint head too long, 4 bytes', '1a0000ffff'],
    ['a uint head too long, 8 bytes', '1b00000000ffffffff'],
    ['a negative head too long', '3817'],
    ['a bytes head too long', '580101'],
    ['a text head too long', '780161'],
    ['an array head too long', '980100'],
    ['a map head too long', 'b801616100'],
    ['an integer above 2^53 - 1', '1b0020000000000000'],
    ['the greatest u64', '1bffffffffffffffff'],
    ['an integer below -(2^53 - 1)', '3b001fffffffffffff'],
    ['an indefinite byte string', '5f4101ff'],
    ['an indefinite text', '7f6161ff'],
    ['an indefinite array', '9f01ff'],
    ['an indefinite map', 'bf616101ff'],
    ['a tag', 'c100'],
    ['a bignum', 'c249010000000000000000'],
    ['a tagged self-description', 'd9d9f700'],
    ['a half float', 'f93c00'],
    ['a single float', 'fa3f800000'],
    ['a double float', 'fb3ff0000000000000'],
    ['NaN', 'f97e00'],
    ['undefined', 'f7'],
    ['simple value 0', 'e0'],
    ['simple value 19', 'f3'],
    ['simple value 24 in two bytes', 'f818'],
    ['false in two bytes', 'f814'],
    ['simple value 255', 'f8ff'],
    ['an integer key', 'a10101'],
    ['a bytes key', 'a1416101'],
    ['an array key', 'a1816101'],
    ['a duplicate key', 'a2616101616102'],
    ['three entries, one repeated', 'a3636261720363666f6f0163666f6f02'],
    ['keys out of order', 'a2616201616101'],
    ['a longer key before a shorter', 'a262616101616201'],
    ['ill-formed text', '61ff'],
    ['an ill-formed key', 'a161ff00'],
    ['text cut inside a character', '61c3'],
    ['a surrogate in text', '63eda080'],
    ['trailing bytes', '0000'],
    ['a trailing break', '80ff'],
  ])('refuses %s', (_, hex) => {
    expect(() => decodeCbor(fromHex(hex))).toThrow(DecodeError)
  })

  it('refuses every strict prefix of a valid item', () => {
    const item: CborValue = [
      1,
      'text',
      Uint8Array.of(1),
      new Map([['k', [true, null, -500]]]),
      2 ** 40,
    ]
    const bytes = encodeCbor(item)
    expect(() => decodeCbor(bytes)).not.toThrow()
    for (let n = 0; n < bytes.length; n++) {
      expect(() => decodeCbor(bytes.subarray(0, n))).toThrow(DecodeError)
    }
  })

  it.each(['5affffffff', '5b001fffffffffffff', '7affffffff', '9affffffff', '9b001fffffffffffff'])(
    'believes no length that the input cannot hold: %s',
    hex => {
      expect(() => decodeCbor(concat(fromHex(hex), new Uint8Array(100)))).toThrow(DecodeError)
    },
  )
})

describe('limits', () => {
  const nested = (depth: number): Uint8Array =>
    concat(new Uint8Array(depth).fill(0x81), fromHex('00'))
  const flat = (elements: number): Uint8Array => encodeCbor(new Array(elements).fill(0))

  it('takes a depth of the limit, and not one more', () => {
    expect(() => decodeCbor(nested(CBOR_MAX_DEPTH - 1))).not.toThrow()
    expect(() => decodeCbor(nested(CBOR_MAX_DEPTH))).not.toThrow()
    expect(() => decodeCbor(nested(CBOR_MAX_DEPTH + 1))).toThrow('too deep')
    expect(() => decodeCbor(nested(100_000))).toThrow('too deep')
  })

  it('counts depth, not the number of containers', () => {
    expect(() =>
      decodeCbor(encodeCbor(new Array(50).fill([[]])), { maxDepth: 3, maxItems: 500 }),
    ).not.toThrow()
  })

  it('takes as many items as the limit, and not one more', () => {
    // The array itself is one item.
    expect(() => decodeCbor(flat(CBOR_MAX_ITEMS - 2))).not.toThrow()
    expect(() => decodeCbor(flat(CBOR_MAX_ITEMS - 1))).not.toThrow()
    expect(() => decodeCbor(flat(CBOR_MAX_ITEMS))).toThrow('too many items')
  })

  it('counts keys and values', () => {
    const bytes = encodeCbor(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    )
    expect(() => decodeCbor(bytes, { maxDepth: 1, maxItems: 5 })).not.toThrow()
    expect(() => decodeCbor(bytes, { maxDepth: 1, maxItems: 4 })).toThrow(DecodeError)
    expect(() => decodeCbor(bytes, { maxDepth: 0, maxItems: 5 })).toThrow(DecodeError)
  })
})
