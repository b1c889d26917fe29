import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError } from './decode-error.ts'
import { fromHex, toHex } from './hex.ts'
import { Reader } from './reader.ts'
import { varintLength, Writer } from './writer.ts'

const MAX = Number.MAX_SAFE_INTEGER

describe('Reader', () => {
  it('reads big-endian integers and views in order', () => {
    const bytes = fromHex(
      [
        '7f', // u8
        '0102', // u16
        'ffeeddcc', // u32
        '001fffffffffffff', // u64: 2^53 - 1
        'aabb', // bytes(2)
        'cc', // rest
      ].join(''),
    )
    const reader = new Reader(bytes)
    expect(reader.u8()).toBe(0x7f)
    expect(reader.u16()).toBe(0x0102)
    expect(reader.u32()).toBe(0xffeeddcc)
    expect(reader.u64()).toBe(MAX)
    const view = reader.bytes(2)
    expect(toHex(view)).toBe('aabb')
    expect(view.buffer).toBe(bytes.buffer)
    expect(reader.remaining).toBe(1)
    expect(() => reader.end()).toThrow(DecodeError)
    expect(toHex(reader.rest())).toBe('cc')
    expect(reader.rest()).toHaveLength(0)
    reader.end()
  })

  it.each([
    ['u8', 1],
    ['u16', 2],
    ['u32', 4],
    ['u64', 8],
  ] as const)('%s fails on every strict prefix', (method, length) => {
    for (let n = 0; n < length; n++) {
      expect(() => new Reader(new Uint8Array(n))[method]()).toThrow(DecodeError)
    }
    expect(new Reader(new Uint8Array(length))[method]()).toBe(0)
  })

  it('does not move when it fails', () => {
    const reader = new Reader(Uint8Array.of(1, 2, 3))
    expect(() => reader.bytes(4)).toThrow(DecodeError)
    expect(() => reader.u32()).toThrow(DecodeError)
    expect(reader.bytes(3)).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('refuses a u64 above 2^53 - 1', () => {
    expect(() => new Reader(fromHex('0020000000000000')).u64()).toThrow(DecodeError)
    expect(() => new Reader(fromHex('ffffffffffffffff')).u64()).toThrow(DecodeError)
  })
})

describe('varint', () => {
  // The examples of RFC 9000 A.1 that a number can hold and that are in shortest form.
  it.each([
    ['9d7f3e7d', 494_878_333],
    ['7bbd', 15_293],
    ['25', 37],
    ['00', 0],
    ['3f', 63],
    ['4040', 64],
    ['7fff', 16_383],
    ['80004000', 16_384],
    ['bfffffff', 2 ** 30 - 1],
    ['c000000040000000', 2 ** 30],
    ['c01fffffffffffff', MAX],
  ])('%s is %i, both ways', (hex, value) => {
    const bytes = fromHex(hex)
    expect(new Reader(bytes).varint()).toBe(value)
    expect(toHex(new Writer().varint(value).finish())).toBe(hex)
    expect(varintLength(value)).toBe(bytes.length)
    for (let n = 0; n < bytes.length; n++) {
      expect(() => new Reader(bytes.subarray(0, n)).varint()).toThrow(DecodeError)
    }
  })

  it.each(['4025', '403f', '80000000', '80003fff', 'c000000000000000', 'c00000003fffffff'])(
    'refuses %s, which is not the shortest form',
    hex => {
      expect(() => new Reader(fromHex(hex)).varint()).toThrow(DecodeError)
    },
  )

  it('refuses values above 2^53 - 1', () => {
    expect(() => new Reader(fromHex('c020000000000000')).varint()).toThrow(DecodeError)
    expect(() => new Reader(fromHex('ffffffffffffffff')).varint()).toThrow(DecodeError)
  })

  it('round-trips and only fails with its own error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX }), value => {
        expect(new Reader(new Writer().varint(value).finish()).varint()).toBe(value)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9 }), bytes => {
        const reader = new Reader(bytes)
        try {
          const value = reader.varint()
          expect(varintLength(value)).toBe(bytes.length - reader.remaining)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })
})
