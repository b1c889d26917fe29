// The parts that the tests of the documents rest on: a checker that cannot see a fault proves nothing.

import { describe, expect, it } from 'vitest'
import { renderLimits, withLimits } from './limits-table.ts'
import { snippetsIn, withSnippets } from './snippets.ts'
import { nameIn, tableIn, tablesOf } from './table.ts'

const MARKDOWN =
  '# T\n## 1. A\n### 1.2 B\n| x | y |\n| --- | --- |\n| 1 | `one` (n) |\n\n| z |\n| - |\n'

describe('tablesOf', () => {
  it('knows section, header and rows', () => {
    expect(tablesOf(MARKDOWN)).toEqual([
      { section: '1.2', header: ['x', 'y'], rows: [['1', '`one` (n)']] },
      { section: '1.2', header: ['z'], rows: [] },
    ])
    expect(tableIn(MARKDOWN, '1.2', 'z').rows).toEqual([])
    expect(() => tableIn(MARKDOWN, '1', 'z')).toThrow(RangeError)
    expect([nameIn('`one` (n)'), nameIn('two')]).toEqual(['one', 'two'])
  })
})

describe('renderLimits', () => {
  const source = '// ---- g ----\n/** Both. */\nexport const A = 1\nexport const B = 2\n'

  it('makes one table for each group', () => {
    const rendered = renderLimits(source, { A: 1_000, B: { min: 1, max: 0.5 } })
    expect(rendered).toContain('**g**')
    expect(rendered).toContain('| `A` | 1,000 | Both. |\n| `B` | min 1, max 0.5 | Both. |')
    const document = 'before\n<!-- limits -->\nold\n<!-- /limits -->\nafter'
    expect(withLimits(document, rendered)).toContain(`<!-- limits -->\n${rendered}<!-- /limits -->`)
  })

  it('wants a comment, a value and its markers', () => {
    expect(() => renderLimits('export const A = 1', { A: 1 })).toThrow('A has no comment')
    expect(() => renderLimits(source, { A: 1 })).toThrow('no value')
    expect(() => withLimits('nothing', '')).toThrow('markers')
  })
})

describe('withSnippets', () => {
  it('replaces the code of each, and the path of the library', () => {
    const document = '<!-- snippet: a -->\n```ts\nold\n```\n'
    const source = "import { x } from '../../../client/node.ts'\n"
    const written = withSnippets(document, () => source)
    expect(snippetsIn(written)).toEqual([{ name: 'a', code: "import { x } from 'keymesh'\n" }])
  })
})
