import { describe, expect, it } from 'vitest'
import { toHex } from './hex.ts'
import { varintLength, Writer } from './writer.ts'

const MAX = Number.MAX_SAFE_INTEGER

describe('Writer', () => {
  it('writes big-endian integers, bytes and zeros in order', () => {
    const bytes = new Writer(1)
      .u8(0x7f)
      .u16(0x0102)
      .u32(0xffeeddcc)
      .u64(MAX)
      .bytes(Uint8Array.of(0xaa, 0xbb))
      .zeros(3)
      .u8(1)
      .finish()
    expect(toHex(bytes)).toBe('7f0102ffeeddcc001fffffffffffffaabb00000001')
  })

  it('finishes right-sized, whatever the capacity', () => {
    for (const capacity of [0, 1, 3, 4, 5, 1000]) {
      const bytes = new Writer(capacity).u32(7).finish()
      expect(toHex(bytes)).toBe('00000007')
      expect(bytes.buffer.byteLength).toBe(4)
    }
    expect(new Writer().finish()).toHaveLength(0)
  })

  it('grows over many writes', () => {
    const writer = new Writer(0)
    for (let i = 0; i < 1000; i++) writer.u16(i)
    const bytes = writer.finish()
    expect(bytes).toHaveLength(2000)
    expect(bytes[1999]).toBe(999 & 0xff)
  })

  it.each([
    ['u8', 0xff],
    ['u16', 0xffff],
    ['u32', 0xffff_ffff],
    ['u64', MAX],
    ['varint', MAX],
  ] as const)('%s takes its greatest value and refuses what does not fit', (method, max) => {
    expect(() => new Writer()[method](max)).not.toThrow()
    for (const value of [max + 1, -1, 0.5, Number.NaN]) {
      expect(() => new Writer()[method](value)).toThrow(RangeError)
    }
  })

  it('refuses what varintLength cannot measure', () => {
    for (const value of [-1, 0.5, MAX + 1, Number.NaN]) {
      expect(() => varintLength(value)).toThrow(RangeError)
    }
  })
})
