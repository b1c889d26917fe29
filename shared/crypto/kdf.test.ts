import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import { hkdf, noiseHkdf } from './kdf.ts'
import { nobleSuite as suite } from './noble-suite.ts'

const ikm = Uint8Array.of(1, 2, 3)
const salt = Uint8Array.of(4)
const info = Uint8Array.of(5, 6)

describe('hkdf', () => {
  it.each([0, 1, 31, 32, 33, 96, 144, 8159, 8160])(
    'gives %i bytes, a prefix of any longer',
    length => {
      const longest = hkdf(suite, { ikm, salt, info, length: 8160 })
      expect(hkdf(suite, { ikm, salt, info, length })).toEqual(longest.slice(0, length))
    },
  )

  it.each([-1, 8161, 1.5, Number.NaN])('refuses a length of %d', length => {
    expect(() => hkdf(suite, { ikm, salt, info, length })).toThrow(RangeError)
  })

  it('leaves its inputs alone', () => {
    hkdf(suite, { ikm, salt, info, length: 100 })
    expect([ikm, salt, info]).toEqual([
      Uint8Array.of(1, 2, 3),
      Uint8Array.of(4),
      Uint8Array.of(5, 6),
    ])
  })
})

describe('noiseHkdf', () => {
  it('is HKDF with the chaining key as salt and no info, cut in two', () => {
    const [first, second] = noiseHkdf(suite, salt, ikm)
    const expected = hkdf(suite, { ikm, salt, info: new Uint8Array(0), length: 64 })
    expect(concat(first, second)).toEqual(expected)
    expect(first.buffer).not.toBe(second.buffer)
  })
})
