import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from './hex.ts'

describe('hex', () => {
  it('writes lower case, two digits a byte', () => {
    expect(toHex(Uint8Array.of(0x00, 0x0f, 0xa0, 0xff))).toBe('000fa0ff')
    expect(toHex(new Uint8Array())).toBe('')
  })

  it('reads either case', () => {
    expect(fromHex('000fa0FF')).toEqual(Uint8Array.of(0x00, 0x0f, 0xa0, 0xff))
  })

  it.each(['0', 'abc', '0g', 'G0', '0x', ' 00 ', '-1', '@a', '`a', '0\u0141', '\u{ff11}0'])(
    'refuses %j',
    text => {
      expect(() => fromHex(text)).toThrow(RangeError)
    },
  )

  it('round-trips every byte string', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        expect(fromHex(toHex(bytes))).toEqual(bytes)
      }),
    )
  })
})
