import { describe, expect, it } from 'vitest'
import { styleFor } from './style.ts'
import { fieldLines, tableLines } from './table.ts'

const PLAIN = styleFor({}, {})
const COLOURED = styleFor({ isTTY: true }, {})

describe('tableLines', () => {
  const columns = [{ title: 'name' }, { title: 'ms', isNumber: true }, { title: 'end' }] as const

  it('aligns words to the left and numbers to the right, without blanks at the end', () => {
    const rows = [
      ['a', '1', ''],
      ['longer', '1000', 'x'],
    ]
    expect(tableLines(columns, rows, PLAIN)).toEqual([
      'name      ms  end',
      'a          1',
      'longer  1000  x',
    ])
  })

  it('colours only its heading, whose width stays the same', () => {
    expect(tableLines(columns, [['a', '1', 'x']], COLOURED)).toEqual([
      '\u001b[2mname  ms  end\u001b[22m',
      'a      1  x',
    ])
  })
})

describe('fieldLines', () => {
  it('names the first of several values, and nothing that has none', () => {
    const fields = [
      ['key', ['one']],
      ['nothing', []],
      ['two', ['a', 'b']],
    ] as const
    expect(fieldLines(fields, PLAIN)).toEqual(['key      one', 'two      a', '         b'])
  })
})
