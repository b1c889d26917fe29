// The check value that catalogues of CRCs give for "123456789", and what a CRC is for: it finds every changed bit.

import { describe, expect, it } from 'vitest'
import { crc32 } from './crc32.ts'
import { utf8Encode } from './utf8.ts'

describe('crc32', () => {
  it.each([
    ['', 0],
    ['123456789', 0xcbf43926],
    ['The quick brown fox jumps over the lazy dog', 0x414fa339],
  ])('of %o is as published', (text, expected) => {
    expect(crc32(utf8Encode(text))).toBe(expected)
  })

  it('is another one for every changed bit', () => {
    const bytes = utf8Encode('123456789')
    const seen = new Set([crc32(bytes)])
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = bytes.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      seen.add(crc32(changed))
    }
    expect(seen.size).toBe(1 + 8 * bytes.length)
  })
})
