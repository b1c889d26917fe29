import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError } from './decode-error.ts'
import { fromHex, toHex } from './hex.ts'
import { isWellFormed, utf8Decode, utf8Encode } from './utf8.ts'

const platformDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function accepts(decode: () => unknown): boolean {
  try {
    decode()
    return true
  } catch {
    return false
  }
}

describe('utf8', () => {
  it.each([
    ['', ''],
    ['A', '41'],
    ['\u007f', '7f'],
    ['\u0080', 'c280'],
    ['\u07ff', 'dfbf'],
    ['\u0800', 'e0a080'],
    ['\ud7ff', 'ed9fbf'],
    ['\ue000', 'ee8080'],
    ['\ufeff', 'efbbbf'],
    ['\uffff', 'efbfbf'],
    ['\u{10000}', 'f0908080'],
    ['\u{10ffff}', 'f48fbfbf'],
  ])('%j is %s, both ways', (text, hex) => {
    expect(toHex(utf8Encode(text))).toBe(hex)
    expect(utf8Decode(fromHex(hex))).toBe(text)
  })

  it.each([
    ['a lone continuation byte', '80'],
    ['an overlong NUL', 'c080'],
    ['an overlong two-byte form', 'c1bf'],
    ['an overlong three-byte form', 'e09fbf'],
    ['an overlong four-byte form', 'f08fbfbf'],
    ['a surrogate', 'eda080'],
    ['a surrogate pair', 'eda080edb080'],
    ['a value above U+10FFFF', 'f4908080'],
    ['a lead byte of five', 'f888808080'],
    ['fe', 'fe'],
    ['a sequence cut short', 'e282'],
    ['a sequence broken by ASCII', 'e28241'],
    ['a sequence broken by a lead byte', 'f09f98c3a9'],
  ])('refuses %s', (_, hex) => {
    expect(() => utf8Decode(fromHex(hex))).toThrow(DecodeError)
  })

  it('judges every two bytes, and many longer strings, as the platform does', () => {
    const agrees = (bytes: Uint8Array): boolean => {
      const expected = accepts(() => platformDecoder.decode(bytes))
      return accepts(() => utf8Decode(bytes)) === expected
    }
    const disagreements: number[] = []
    for (let pair = 0; pair < 65_536; pair += 1) {
      if (!agrees(Uint8Array.of(pair >> 8, pair & 0xff))) disagreements.push(pair)
    }
    expect(disagreements).toEqual([])
    const lead = fc.constantFrom(0xe0, 0xe1, 0xec, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5)
    const tail = fc.constantFrom(0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff)
    fc.assert(
      fc.property(lead, fc.array(tail, { maxLength: 4 }), (first, rest) => {
        expect(agrees(Uint8Array.of(first, ...rest))).toBe(true)
      }),
      { numRuns: 5000, seed: 1 },
    )
  })

  it('does not read past the end of a view', () => {
    const bytes = fromHex('41e282ac')
    expect(() => utf8Decode(bytes.subarray(0, 3))).toThrow(DecodeError)
    expect(utf8Decode(bytes)).toBe('A\u20ac')
    expect(() => utf8Decode(bytes.subarray(2))).toThrow(DecodeError)
  })

  it('encodes any string as the platform does, lone surrogates as U+FFFD', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(0xd800, 0xdbff, 0xdc00, 0xdfff),
    )
    fc.assert(
      fc.property(fc.array(unit), units => {
        const text = String.fromCharCode(...units)
        const bytes = utf8Encode(text)
        expect(toHex(bytes)).toBe(toHex(new TextEncoder().encode(text)))
        expect(utf8Decode(bytes) === text).toBe(isWellFormed(text))
      }),
      { seed: 2 },
    )
  })
})
