import { describe, expect, it } from 'vitest'
import { SAMPLE_KEYS } from '../testing/fake-node.ts'
import {
  keyGroups,
  keyHue,
  OWN_KEY_PROBLEM,
  readKeyInput,
  shareLink,
  shortKey,
} from './key-link.ts'
import { KEY_INPUT_MAX_CHARS } from './limits.ts'

const { ada, me } = SAMPLE_KEYS

describe('readKeyInput', () => {
  it.each([
    ['the key', ada],
    ['with space around', `  ${ada}\n`],
    ['as a hash', `#${ada}`],
    ['as a link', `https://one.example/#${ada}`],
    ['as a link with a port and a path', `http://localhost:8080/web/index.html?x=1#${ada}`],
    ['broken by mail', `${ada.slice(0, 20)}\r\n  ${ada.slice(20)}`],
    ['with invisible characters', `\ufeff${ada.slice(0, 9)}\u200b${ada.slice(9)}\u202c`],
  ])('takes %s', (_, text) => {
    expect(readKeyInput(text, me)).toEqual({ kind: 'key', key: ada })
  })

  it.each(['', '   ', '#', '\u200b'])('%j is empty', text => {
    expect(readKeyInput(text, me)).toEqual({ kind: 'empty' })
  })

  it.each([
    ['hello', /starts with "key_"/],
    [ada.toLowerCase(), /never contain|valid/],
    [ada.slice(0, 20), /too short/],
    [`${ada}1111`, /too long/],
    [ada.replace('9', '0'), /place 5/],
    ['https://one.example/', /carries no key/],
    [`https://one.example/#${ada.slice(0, 30)}`, /too short/],
    ['x'.repeat(KEY_INPUT_MAX_CHARS * 100), /starts with/],
  ])('%.60s: one sentence says what is wrong', (text, sentence) => {
    const input = readKeyInput(text, me)
    if (input.kind !== 'wrong') throw new Error(`taken as ${input.kind}`)
    expect(input.problem.sentence).toMatch(sentence)
    expect(input.problem.sentence).toMatch(/^[A-Z].*\.$/)
    expect(input.problem.hint).toBeDefined()
  })

  it('never takes our own key for a friend', () => {
    expect(readKeyInput(me, me)).toEqual({ kind: 'wrong', problem: OWN_KEY_PROBLEM })
    expect(readKeyInput(shareLink('https://one.example/', me), me)).toEqual({
      kind: 'wrong',
      problem: OWN_KEY_PROBLEM,
    })
  })
})

describe('shareLink', () => {
  it.each([
    ['https://one.example/', `https://one.example/#${me}`],
    ['https://one.example/?utm=x#key_other', `https://one.example/#${me}`],
    ['http://localhost:8080/web/', `http://localhost:8080/web/#${me}`],
  ])('from %s', (page, link) => {
    expect(shareLink(page, me)).toBe(link)
    expect(readKeyInput(link, undefined)).toEqual({ kind: 'key', key: me })
  })
})

describe('a key for the eye', () => {
  it('is short with both ends', () => {
    expect(shortKey(ada)).toBe('key_9hSR6S…sUGWBu')
    expect(shortKey('key_short')).toBe('key_short')
  })

  it('comes in groups that join to the whole', () => {
    expect(keyGroups(ada).join('')).toBe(ada)
    expect(keyGroups(ada)[1]).toBe('9hSR')
  })

  it('has one colour, another than other keys', () => {
    const hues = Object.values(SAMPLE_KEYS).map(keyHue)
    expect(new Set(hues).size).toBe(hues.length)
    expect(hues.every(hue => Number.isInteger(hue) && hue >= 0 && hue < 360)).toBe(true)
    expect(keyHue(ada)).toBe(keyHue(ada))
  })
})
