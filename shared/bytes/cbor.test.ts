import { decode as decodeElsewhere, encode as encodeElsewhere } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborValue } from './cbor.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import { DecodeError } from './decode-error.ts'
import { fromHex, toHex } from './hex.ts'

const MAX = Number.MAX_SAFE_INTEGER
const map = (entries: Record<string, CborValue>): Map<string, CborValue> =>
  new Map(Object.entries(entries))

const nest = (depth: number): CborValue => (depth === 0 ? 0 : [nest(depth - 1)])

/** Any value of the dialect, a few levels deep. */
const anyValue = fc.letrec<{ value: CborValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.maxSafeInteger().map(n => n + 0),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 40 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 30 }), tie('value')), {
        maxLength: 5,
      })
      .map(entries => new Map(entries)),
  ),
})).value

describe('deterministic encoding', () => {
  it.each<[string, CborValue]>([
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['18ff', 255],
    ['190100', 256],
    ['19ffff', 65_535],
    ['1a00010000', 65_536],
    ['1affffffff', 4_294_967_295],
    ['1b0000000100000000', 4_294_967_296],
    ['1b001fffffffffffff', MAX],
    ['20', -1],
    ['37', -24],
    ['3818', -25],
    ['3b001ffffffffffffe', -MAX],
    ['40', new Uint8Array()],
    ['4401020304', Uint8Array.of(1, 2, 3, 4)],
    ['60', ''],
    ['6449455446', 'IETF'],
    ['62c3bc', '\u00fc'],
    ['64f0908591', '\u{10151}'],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['80', []],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['a0', new Map()],
    ['a26161016162820203', map({ a: 1, b: [2, 3] })],
  ])('writes and reads %s', (hex, value) => {
    expect(toHex(encodeCbor(value))).toBe(hex)
    expect(decodeCbor(fromHex(hex))).toEqual(value)
  })

  it('sorts map keys bytewise by their encoding: shorter first, then by bytes', () => {
    const bytes = encodeCbor(map({ bb: 1, a: 2, '': 3, z: 4, '\u00e9': 5, aaa: 6 }))
    expect(toHex(bytes)).toBe('a66003616102617a046262620162c3a9056361616106')
  })

  it('does not depend on the order in which a map was filled', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ maxLength: 300 }), { maxLength: 20 }), keys => {
        const forward = new Map(keys.map(key => [key, 1]))
        const backward = new Map([...keys].reverse().map(key => [key, 1]))
        expect(encodeCbor(backward)).toEqual(encodeCbor(forward))
        expect(decodeCbor(encodeCbor(forward))).toEqual(forward)
      }),
      { seed: 3 },
    )
  })

  it.each<[string, unknown]>([
    ['a fraction', 0.5],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['an unsafe integer', MAX + 1],
    ['negative zero', -0],
    ['undefined', undefined],
    ['a bigint', 1n],
    ['a plain object', { a: 1 }],
    ['a date', new Date(0)],
    ['a number array', Float64Array.of(1)],
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate in a key', new Map([['\udc00', 1]])],
    ['undefined inside', [1, undefined]],
    ['a number as key', new Map([[1, 1]])],
    ['nesting of nine', nest(9)],
  ])('refuses %s', (_, value) => {
    expect(() => encodeCbor(value as CborValue)).toThrow(RangeError)
  })
})

describe('decode(encode(x))', () => {
  it('is x, and encodes to the same bytes', () => {
    fc.assert(
      fc.property(anyValue, value => {
        const bytes = encodeCbor(value)
        const decoded = decodeCbor(bytes)
        expect(decoded).toEqual(value)
        expect(toHex(encodeCbor(decoded))).toBe(toHex(bytes))
      }),
      { seed: 4, numRuns: 1000 },
    )
  })

  it('copies byte strings out of the input', () => {
    const input = encodeCbor([Uint8Array.of(1, 2, 3)])
    const decoded = decodeCbor(input)
    input.fill(0)
    expect(decoded).toEqual([Uint8Array.of(1, 2, 3)])
  })

  it('copies byte strings out of a Node Buffer, as plain arrays', () => {
    const input = Buffer.from(encodeCbor(Uint8Array.of(1, 2, 3)))
    const decoded = decodeCbor(input)
    input.fill(0)
    expect(decoded).toStrictEqual(Uint8Array.of(1, 2, 3))
  })

  it('reads from a view into a larger buffer', () => {
    const shared = new Uint8Array(64).fill(0xff)
    const bytes = encodeCbor(['text', Uint8Array.of(9)])
    shared.set(bytes, 7)
    expect(decodeCbor(shared.subarray(7, 7 + bytes.length))).toEqual(['text', Uint8Array.of(9)])
  })
})

describe('another codec (cborg)', () => {
  it('writes the same bytes and reads the same values', () => {
    fc.assert(
      fc.property(anyValue, value => {
        const bytes = encodeCbor(value)
        expect(toHex(encodeElsewhere(value))).toBe(toHex(bytes))
        expect(decodeElsewhere(bytes, { strict: true, useMaps: true })).toEqual(value)
      }),
      { seed: 6, numRuns: 1000 },
    )
  })

  it('reads what is accepted here as the same value, whatever the bytes', () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), bytes => {
        let value: CborValue
        try {
          value = decodeCbor(bytes)
        } catch {
          return
        }
        accepted++
        expect(decodeElsewhere(bytes, { strict: true, useMaps: true })).toEqual(value)
      }),
      { seed: 7, numRuns: 20_000 },
    )
    expect(accepted).toBeGreaterThan(300)
  })
})

describe('prototype pollution', () => {
  it('leaves Object.prototype as it was', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
      const payload = new Map([[key, new Map<string, CborValue>([['polluted', true]])]])
      const decoded = decodeCbor(encodeCbor(payload))
      expect(decoded).toEqual(payload)
      expect(decoded).toBeInstanceOf(Map)
      expect(Object.getPrototypeOf(decoded)).toBe(Map.prototype)
    }
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
    expect('polluted' in {}).toBe(false)
  })
})

describe('hostile input', () => {
  it('ends in a value that encodes back to it, or in a DecodeError, and fast', () => {
    const seeds = fc.sample(anyValue, { seed: 5, numRuns: 100 }).map(encodeCbor)
    let state = 0x9e3779b9
    const random = (bound: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * bound)
    }
    let accepted = 0
    let wrong = 0
    for (let i = 0; i < 100_000; i++) {
      const bytes = Uint8Array.from(seeds[random(seeds.length)] ?? [])
      for (let k = random(3); k >= 0; k--) bytes[random(bytes.length)] = random(256)
      const input = random(8) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes
      try {
        const value = decodeCbor(input)
        accepted++
        if (toHex(encodeCbor(value)) !== toHex(input)) wrong++
      } catch (error) {
        if (!(error instanceof DecodeError)) wrong++
      }
    }
    expect(wrong).toBe(0)
    expect(accepted).toBeGreaterThan(1000)
  })
})
