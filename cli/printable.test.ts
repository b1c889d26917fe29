import { describe, expect, it } from 'vitest'
import { printable, printableLine } from './printable.ts'

describe('printable', () => {
  it.each([
    ['plain text', 'Grüße 👩‍💻 → key_…'],
    ['line breaks and tabs', 'a\n\tb'],
  ])('leaves %s alone', (_, text) => expect(printable(text)).toBe(text))

  it.each([
    ['colours', '\u001b[31mred', '\\u001b[31mred'],
    ['the one-character form of an escape', '\u009b2J', '\\u009b2J'],
    ['a carriage return', 'yes\rno', 'yes\\u000dno'],
    ['a backspace and a bell', 'a\u0008\u0007', 'a\\u0008\\u0007'],
    ['a delete', '\u007f', '\\u007f'],
    ['a turn of direction', '\u202eabc\u202c', '\\u202eabc\\u202c'],
    ['a mark of direction', 'a\u061cb\u200f', 'a\\u061cb\\u200f'],
    ['an isolate', '\u2066abc\u2069', '\\u2066abc\\u2069'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
  ])('shows %s as what it is', (_, text, shown) => expect(printable(text)).toBe(shown))

  it('keeps a line one line', () => {
    expect(printableLine('a\nb\tc\u001b')).toBe('a\\nb\\tc\\u001b')
  })
})
