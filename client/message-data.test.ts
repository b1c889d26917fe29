import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../shared/bytes/hex.ts'
import { decodeMessageData, encodeMessageData } from './message-data.ts'

describe('message data', () => {
  it.each([
    ['text', 'hé', '0168c3a9'],
    ['empty text', '', '01'],
    ['bytes', Uint8Array.of(0, 255), '0000ff'],
    ['no bytes', new Uint8Array(), '00'],
  ])('encodes %s', (_, data, hex) => {
    expect(toHex(encodeMessageData(data))).toBe(hex)
    expect(decodeMessageData(fromHex(hex))).toEqual(data)
  })

  it('brings back whatever was sent', () => {
    const data = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array())
    fc.assert(
      fc.property(data, one => {
        expect(decodeMessageData(encodeMessageData(one))).toEqual(one)
      }),
    )
  })

  it('shows as bytes what it cannot read: an unknown kind, or text that is not UTF-8', () => {
    expect(decodeMessageData(fromHex('07aabb'))).toEqual(fromHex('aabb'))
    expect(decodeMessageData(fromHex('01ff'))).toEqual(fromHex('ff'))
    expect(decodeMessageData(new Uint8Array())).toEqual(new Uint8Array())
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), bytes => void decodeMessageData(bytes)))
  })

  it.each([
    [1_048_575, true],
    [1_048_576, true],
    [1_048_577, false],
  ])('%i bytes fit: %s', (length, fits) => {
    const encode = () => encodeMessageData(new Uint8Array(length))
    if (fits) expect(encode()).toHaveLength(length + 1)
    else expect(encode).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
  })

  it('counts bytes of UTF-8, not characters', () => {
    expect(() => encodeMessageData('é'.repeat(1_048_576 / 2 + 1))).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    )
  })

  it.each([[undefined], [null], [5], [[1, 2]], [new ArrayBuffer(2)]])('refuses %j', data => {
    expect(() => encodeMessageData(data as never)).toThrow(TypeError)
  })
})
