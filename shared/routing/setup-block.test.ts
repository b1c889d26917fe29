import { describe, expect, it } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { BLOCK, SETUP_DATA_MAX } from './onion-layout.ts'
import { decodeBlock, decodeDataField, encodeBlock, encodeDataField } from './setup-block.ts'

const next = {
  id: new Uint8Array(32).fill(0xaa),
  ephemeral: new Uint8Array(32).fill(0xbb),
  mac: new Uint8Array(16).fill(0xcc),
}

describe('setup blocks', () => {
  it('is byte exact for a relay and for the end', () => {
    const relay = encodeBlock({ isLarge: true, expiryS: 0x6955_b980, next })
    // cmd 1 | flag large | 0 | expiry | next id, X, mac | zero 8
    expect(toHex(relay)).toBe(
      `010100006955b980${'aa'.repeat(32)}${'bb'.repeat(32)}${'cc'.repeat(16)}${'00'.repeat(8)}`,
    )
    const end = encodeBlock({ isLarge: false, expiryS: 0xffff_ffff, next: undefined })
    expect(toHex(end)).toBe(`02000000ffffffff${'00'.repeat(88)}`)
  })

  it('reads back what it wrote', () => {
    for (const block of [
      { isLarge: true, expiryS: 1, next },
      { isLarge: false, expiryS: 0xffff_ffff, next: undefined },
    ]) {
      expect(decodeBlock(encodeBlock(block))).toEqual(block)
      // Also as a view into a larger buffer.
      const framed = new Uint8Array(BLOCK + 10)
      framed.set(encodeBlock(block), 7)
      expect(decodeBlock(framed.subarray(7, 7 + BLOCK))).toEqual(block)
    }
  })

  it('refuses every strict prefix, unknown commands and flags, and bytes that must be zero', () => {
    const relay = encodeBlock({ isLarge: false, expiryS: 1, next })
    const end = encodeBlock({ isLarge: false, expiryS: 1, next: undefined })
    for (let length = 0; length < BLOCK; length++) {
      expect(decodeBlock(relay.subarray(0, length))).toBeUndefined()
    }
    for (const [block, index, value] of [
      [relay, 0, 0],
      [relay, 0, 3],
      [relay, 0, 2],
      [relay, 1, 2],
      [relay, 1, 0x80],
      [relay, 2, 1],
      [relay, 3, 1],
      [relay, 88, 1],
      [relay, 95, 1],
      [end, 8, 1],
      [end, 87, 1],
    ] as const) {
      const wrong = block.slice()
      wrong[index] = value
      expect(decodeBlock(wrong)).toBeUndefined()
    }
  })
})

describe('data fields', () => {
  it.each([0, 1, 255, 256, SETUP_DATA_MAX - 1, SETUP_DATA_MAX])('carries %i bytes', length => {
    const field = encodeDataField(new Uint8Array(length).fill(5), SETUP_DATA_MAX + 2)
    expect(field).toHaveLength(SETUP_DATA_MAX + 2)
    expect(decodeDataField(field)).toEqual(new Uint8Array(length).fill(5))
  })

  it('refuses one byte more, and a length past the end', () => {
    const long = new Uint8Array(SETUP_DATA_MAX + 1)
    expect(() => encodeDataField(long, SETUP_DATA_MAX + 2)).toThrow(RangeError)
    const field = encodeDataField(new Uint8Array(SETUP_DATA_MAX), SETUP_DATA_MAX + 2)
    field[1] = (field[1] as number) + 1
    expect(decodeDataField(field)).toBeUndefined()
    expect(decodeDataField(new Uint8Array(0))).toBeUndefined()
  })
})
