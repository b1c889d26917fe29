import { scryptSync } from 'node:crypto'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import { toHex } from '../bytes/hex.ts'
import { nobleSuite as suite } from '../crypto/noble-suite.ts'
import { BACKUP_COST, createBackup, openBackup } from './backup.ts'
import { armorBackup, dearmorBackup } from './backup-armor.ts'
import type { BackupErrorCode } from './backup-error.ts'
import { BackupError } from './backup-error.ts'

const seed = Uint8Array.from({ length: 32 }, (_, i) => i)
// The cheapest that may be written: the tests derive a key a dozen times.
const cost = { log2N: 14, r: 8, p: 1 }
const random = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => 0xa0 + i)
const passphrase = 'correct horse battery st\u00e4ple'

const text = createBackup({ seed, passphrase, nacl, suite, random, cost })
const bytes = dearmorBackup(suite, text)
const open = (from: string, phrase = passphrase): Uint8Array =>
  openBackup({ text: from, passphrase: phrase, nacl, suite })

function codeOf(action: () => unknown): BackupErrorCode | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (error instanceof BackupError) return error.code
    throw error
  }
}

describe('backup', () => {
  it('is this text', () => {
    expect(toHex(bytes)).toBe(
      [
        '0101', // version, scrypt
        '0e0801', // N = 2^14, r, p
        toHex(random(16)), // salt
        toHex(random(24)), // nonce
        '5763ca16d16ad259af8227022c9ff1cb15f57b6fb6f83e6aab4fc573d8daedb7',
        '8a321aa4446dfde502610abc422be06d', // secretbox
      ].join(''),
    )
    expect(text.split('\n')[0]).toBe('-----BEGIN KEYMESH BACKUP-----')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(40)
  })

  it('opens with any scrypt and NaCl', () => {
    const password = Buffer.from(passphrase, 'utf8')
    const key = scryptSync(password, bytes.subarray(0, 21), 32, { N: 2 ** 14, r: 8, p: 1 })
    const box = bytes.subarray(45)
    expect(nacl.secretbox.open(box, bytes.subarray(21, 45), Uint8Array.from(key))).toEqual(seed)
  })

  it('gives the seed back, with the default cost too', () => {
    expect(open(text)).toEqual(seed)
    const strong = createBackup({ seed, passphrase, nacl, suite, random })
    expect(dearmorBackup(suite, strong)[2]).toBe(BACKUP_COST.log2N)
    expect(open(strong)).toEqual(seed)
  })

  it('says when the passphrase is wrong', () => {
    expect(codeOf(() => open(text, 'correct horse'))).toBe('WRONG_PASSPHRASE')
    expect(codeOf(() => open(text, ''))).toBe('WRONG_PASSPHRASE')
  })

  it('takes a passphrase however its letters are composed', () => {
    expect(open(text, passphrase.normalize('NFD'))).toEqual(seed)
  })

  it('forgives white space and words around it', () => {
    expect(open(`Dear me,\r\n${text.replaceAll('\n', '\r\n   ')}\r\nbye`)).toEqual(seed)
    expect(open(text.replaceAll('\n', ''))).toEqual(seed)
  })

  it('notices every mistyped character', () => {
    const start = text.indexOf('\n') + 1
    const end = text.indexOf('\n-----END')
    for (let i = start; i < end; i++) {
      const digit = text.charAt(i)
      if (digit === '\n') continue
      const wrong = text.slice(0, i) + (digit === '2' ? '3' : '2') + text.slice(i + 1)
      expect(
        codeOf(() => open(wrong)),
        `place ${i}`,
      ).toBe('MALFORMED')
      expect(codeOf(() => open(text.slice(0, i) + text.slice(i + 1)))).toBe('MALFORMED')
    }
  })

  it.each([
    ['nothing', ''],
    ['no begin', text.slice(5)],
    ['no end', text.slice(0, -10)],
    ['the end before the begin', `-----END KEYMESH BACKUP-----\n${text.slice(0, -30)}`],
    ['nothing inside', '-----BEGIN KEYMESH BACKUP----------END KEYMESH BACKUP-----'],
    ['letters outside base58', text.replace('\n', '\n0OIl')],
    ['a novel', text.replace('\n', `\n${'1'.repeat(5000)}`)],
    ['a byte too few', armorBackup(suite, bytes.subarray(0, -1))],
    ['a byte too many', armorBackup(suite, concat(bytes, new Uint8Array(1)))],
    ['the header alone', armorBackup(suite, bytes.subarray(0, 4))],
  ])('refuses %s as malformed', (_, wrong) => {
    expect(codeOf(() => open(wrong))).toBe('MALFORMED')
  })

  it.each([
    ['a newer version', 0, 2],
    ['another key derivation', 1, 2],
    ['N = 1', 2, 0],
    ['a gigabyte of memory', 2, 20],
    ['N = 2^255', 2, 255],
    ['r = 0', 3, 0],
    ['r = 255', 3, 255],
    ['p = 0', 4, 0],
    ['p = 255', 4, 255],
  ])('refuses %s before any work', (_, index, value) => {
    const wrong = Uint8Array.from(bytes)
    wrong[index] = value
    expect(codeOf(() => open(armorBackup(suite, wrong)))).toBe('UNSUPPORTED')
  })

  it('refuses what scrypt itself does not define', () => {
    const wrong = Uint8Array.from(bytes)
    wrong.set([17, 1, 1], 2)
    expect(codeOf(() => open(armorBackup(suite, wrong)))).toBe('UNSUPPORTED')
  })

  it('does not open when header, salt, nonce or box were changed by someone who fixed the checksum', () => {
    for (const index of [4, 5, 20, 21, 44, 45, bytes.length - 1]) {
      const wrong = Uint8Array.from(bytes)
      wrong[index] = (wrong[index] as number) ^ 0x02
      if (index === 4) wrong[index] = 2
      expect(
        codeOf(() => open(armorBackup(suite, wrong))),
        `byte ${index}`,
      ).toBe('WRONG_PASSPHRASE')
    }
  })

  it('only fails with its own error, whatever the text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), fc.string(), (noise, words) => {
        expect(codeOf(() => open(words))).toBe('MALFORMED')
        expect(codeOf(() => open(armorBackup(suite, noise)))).toMatch(/MALFORMED|UNSUPPORTED/)
      }),
      { seed: 1 },
    )
  })

  it('is not made without a seed, a passphrase or a decent cost', () => {
    const make = (over: object) => () =>
      createBackup({ seed, passphrase, nacl, suite, random, cost, ...over })
    expect(make({ seed: new Uint8Array(31) })).toThrow(RangeError)
    expect(make({ passphrase: '' })).toThrow(RangeError)
    expect(make({ cost: { log2N: 13, r: 8, p: 1 } })).toThrow(RangeError)
    expect(make({ cost: { log2N: 20, r: 8, p: 1 } })).toThrow(RangeError)
    expect(make({ cost: { log2N: 17, r: 8, p: 5 } })).toThrow(RangeError)
  })
})
