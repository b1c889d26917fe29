import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanLine, cleanMessage, cleanName, isSameName } from './clean-text.ts'
import { MESSAGE_KEEP_MAX_CHARS, NAME_MAX_CODE_POINTS } from './limits.ts'

const BIDI = '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069'
const DANGEROUS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}|(?![\t\n])\p{Cc}/u

describe('cleanName', () => {
  it.each([
    ['Ada', 'Ada'],
    ['  Ada \n\t Lovelace  ', 'Ada Lovelace'],
    [`${BIDI}Ada${BIDI}`, 'Ada'],
    ['\u202egpj.exe', 'gpj.exe'],
    ['A\u0000d\u0007a\u007f', 'Ada'],
    ['A\u200bd\u2060a\ufeff', 'Ada'],
    ['Zoe\u0308', 'Zo\u00eb'],
    ['👩‍💻', '👩‍💻'],
    ['bad\ud800end', 'bad\ufffdend'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ])('%j becomes %j', (dirty, clean) => {
    expect(cleanName(dirty)).toBe(clean)
  })

  it.each(['', ' ', '\u200b', BIDI, '\u200d\u200c', '\n\t', '\u00ad'])(
    'nothing to see in %j is no name',
    text => {
      expect(cleanName(text)).toBeUndefined()
    },
  )

  it.each([
    [NAME_MAX_CODE_POINTS - 1, NAME_MAX_CODE_POINTS - 1],
    [NAME_MAX_CODE_POINTS, NAME_MAX_CODE_POINTS],
    [NAME_MAX_CODE_POINTS + 1, NAME_MAX_CODE_POINTS],
  ])('of %i code points it keeps %i', (length, kept) => {
    expect(Array.from(cleanName('x'.repeat(length)) ?? '')).toHaveLength(kept)
    expect(Array.from(cleanName('𝕏'.repeat(length)) ?? '')).toHaveLength(kept)
  })

  it('leaves nothing dangerous, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
        const name = cleanName(text) ?? ''
        expect(name).not.toMatch(DANGEROUS)
        expect(name).not.toMatch(/[\n\t]/)
        expect(Array.from(name).length).toBeLessThanOrEqual(NAME_MAX_CODE_POINTS)
        expect(cleanName(name) ?? '').toBe(name)
      }),
      { seed: 23 },
    )
  })

  it('does bounded work on a huge input', () => {
    expect(cleanLine('a '.repeat(1_000_000), 5)).toBe('a a a')
  })
})

describe('cleanMessage', () => {
  it.each([
    ['two\r\nlines\rand\u2028more', 'two\nlines\nand\nmore'],
    ['tab\there', 'tab\there'],
    [`a${BIDI}b`, 'ab'],
    ['bell\u0007', 'bell'],
    ['half \udc00', 'half \ufffd'],
    ['שלום', 'שלום'],
    ['<b>no markup</b> &amp;', '<b>no markup</b> &amp;'],
  ])('%j becomes %j', (dirty, clean) => {
    expect(cleanMessage(dirty)).toBe(clean)
  })

  it('keeps a text of the limit whole and says what it cuts beyond', () => {
    const whole = 'x'.repeat(MESSAGE_KEEP_MAX_CHARS)
    expect(cleanMessage(whole)).toBe(whole)
    expect(cleanMessage(`${whole}yz`)).toBe(`${whole}…\n(2 more characters were cut)`)
  })

  it('a cut through a character leaves no half of it', () => {
    const text = `${'x'.repeat(MESSAGE_KEEP_MAX_CHARS - 1)}😀`
    expect(cleanMessage(text)).not.toMatch(/\p{Cs}/u)
  })

  it('leaves nothing dangerous, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
        expect(cleanMessage(text)).not.toMatch(DANGEROUS)
      }),
      { seed: 23 },
    )
  })
})

describe('isSameName', () => {
  it.each([
    ['Ada', 'ada', true],
    ['Ada', 'Ａda', true],
    ['Ada L', 'Ada  L', true],
    ['Ada', 'Adam', false],
  ])('%j and %j: %j', (a, b, same) => {
    expect(isSameName(a, b)).toBe(same)
  })
})
