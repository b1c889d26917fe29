import { existsSync, readFileSync } from 'node:fs'
import bs58 from 'bs58'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../bytes/hex.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { encodeKey, isKeyText, KeyTextError, parseKey } from './key-text.ts'

const vectors = process.env.KEYMESH_VECTORS ?? '../shared/vectors'
const haveVectors = process.env.CI === 'true' || existsSync(vectors)
const readVectors = <T>(name: string): T =>
  JSON.parse(readFileSync(`${vectors}/${name}`, 'utf8')) as T

const KEY = nobleSuite.signPublic(new Uint8Array(32).fill(1))
const TEXT = encodeKey(KEY)
const text = (bytes: Uint8Array): string => `key_${bs58.encode(bytes)}`

// The eight points of low order, in every encoding that a lenient decoder takes.
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
]

describe('key text', () => {
  it('is key_ and base58, and reads back', () => {
    expect(TEXT).toBe('key_AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9')
    expect(toHex(parseKey(TEXT))).toBe(toHex(KEY))
    expect(isKeyText(TEXT)).toBe(true)
  })

  it('round-trips every key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), seed => {
        const key = nobleSuite.signPublic(seed)
        expect(toHex(parseKey(encodeKey(key)))).toBe(toHex(key))
      }),
      { seed: 1, numRuns: 20 },
    )
  })

  it('encodes 32 bytes only', () => {
    expect(() => encodeKey(KEY.subarray(1))).toThrow(RangeError)
    expect(() => encodeKey(new Uint8Array(33))).toThrow(RangeError)
  })

  it.each([
    ['nothing', '', 'starts with'],
    ['no prefix', TEXT.slice(4), 'starts with'],
    ['an upper-case prefix', TEXT.replace('key_', 'KEY_'), 'starts with'],
    ['a space before', ` ${TEXT}`, 'starts with'],
    ['the prefix alone', 'key_', 'too short'],
    ['31 bytes', text(KEY.subarray(1)), 'instead of 32'],
    ['33 bytes', text(Uint8Array.of(1, ...KEY)), 'instead of 32'],
    ['33 bytes in 46 digits', text(Uint8Array.of(255, ...KEY)), 'too long'],
    ['33 bytes, the first zero', text(Uint8Array.of(0, ...KEY)), 'too long'],
    ['a leading 1 in place of a digit', `key_1${TEXT.slice(5)}`, 'instead of 32'],
    ['a 1 before the key', `key_1${TEXT.slice(4)}`, 'too long'],
    ['44 digits that make 33 bytes', `key_${'z'.repeat(44)}`, 'instead of 32'],
    ['32 digits that make fewer bytes', `key_${'2'.repeat(32)}`, 'instead of 32'],
    ['a zero', TEXT.replace('A', '0'), 'at place 5 that'],
    ['a capital O', TEXT.replace('A', 'O'), 'at place 5 that'],
    ['a capital I', TEXT.replace('A', 'I'), 'at place 5 that'],
    ['a small l', TEXT.replace('A', 'l'), 'at place 5 that'],
    ['a space after', `${TEXT} `.replace('A', ''), 'at place 48 that'],
    ['a letter of another script', TEXT.replace('A', '\u0410'), 'at place 5 that'],
    ['a full-width digit', TEXT.replace('A', '\uff11'), 'at place 5 that'],
    ['a novel', `key_${'A'.repeat(1_000_000)}`, 'too long'],
  ])('refuses %s with one clear sentence', (_, wrong, part) => {
    expect(() => parseKey(wrong)).toThrow(KeyTextError)
    expect(() => parseKey(wrong)).toThrow(part)
    expect(isKeyText(wrong)).toBe(false)
  })

  it.each(SMALL_ORDER)('refuses the point of low order %s', hex => {
    expect(() => parseKey(text(fromHex(hex)))).toThrow('no valid public key')
  })

  it('refuses bytes that are no point of the curve', () => {
    expect(isKeyText(text(Uint8Array.of(2, ...new Uint8Array(31))))).toBe(false)
  })

  it('notices most single typing errors', () => {
    const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
    let accepted = 0
    for (let i = 4; i < TEXT.length; i++) {
      const other = alphabet[(alphabet.indexOf(TEXT.charAt(i)) + 1) % alphabet.length] ?? ''
      if (isKeyText(TEXT.slice(0, i) + other + TEXT.slice(i + 1))) accepted++
    }
    // One in sixteen 32-byte strings is a valid key: no checksum, but rarely taken.
    expect(accepted).toBeLessThan(10)
  })

  it('only fails with its own error, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), rest => {
        for (const wrong of [rest, `key_${rest}`, TEXT.slice(0, 20) + rest]) {
          try {
            parseKey(wrong)
          } catch (error) {
            expect(error).toBeInstanceOf(KeyTextError)
          }
        }
      }),
      { seed: 2, numRuns: 500 },
    )
  })
})

describe.skipIf(!haveVectors)('public vectors (skipped where they are missing)', () => {
  it('base58: the codec agrees, and no text of another length is a key', () => {
    const cases = readVectors<[string, string][]>('base58_encode_decode.json')
    expect(cases).toHaveLength(21)
    for (const [hex, digits] of cases) {
      expect(bs58.encode(fromHex(hex))).toBe(digits)
      expect(toHex(bs58.decode(digits))).toBe(hex.toLowerCase())
      expect(isKeyText(`key_${digits}`)).toBe(false)
    }
  })

  it('speccheck: keys of low or mixed order, or not canonical, are refused', () => {
    const cases = readVectors<{ pub_key: string }[]>('ed25519_speccheck_cases.json')
    // In cases 6 and 7 only the signature is at fault.
    const accepted = cases.flatMap((one, i) => (isKeyText(text(fromHex(one.pub_key))) ? [i] : []))
    expect(cases).toHaveLength(12)
    expect(accepted).toEqual([6, 7])
  })
})
