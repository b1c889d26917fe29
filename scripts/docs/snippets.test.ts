// The code in README.md is code that compiles: `npm run check` checks the files, this the copies.

import { describe, expect, it } from 'vitest'
import { filesEnding, project } from './project.ts'
import { asShown, snippetsIn } from './snippets.ts'

const FOLDER = 'scripts/docs/snippets'
const README = project.read('README.md')

describe('the code in README.md', () => {
  const shown = snippetsIn(README)

  it.each(shown)('$name is its file, word for word', ({ name, code }) => {
    const source = project.read(`${FOLDER}/${name}.ts`)
    expect(code, 'run: node --import tsx scripts/docs/write.ts').toBe(asShown(source))
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(12)
  })

  it('is all there is, and no more', () => {
    const files = filesEnding(['.ts'], FOLDER).map(path => path.replace(/.*\/(.*)\.ts$/, '$1'))
    expect(shown.map(({ name }) => name).sort()).toEqual(files.sort())
    expect(README.match(/```ts/g)).toHaveLength(files.length)
  })
})
