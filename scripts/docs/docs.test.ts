// The documentation tells the truth where a machine can tell.

import { describe, expect, it } from 'vitest'
import { checkMarkdown } from './check.ts'
import { filesEnding, project } from './project.ts'

describe('the documentation', () => {
  const files = filesEnding(['.md'])

  it('is there', () => {
    const expected = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']
    expect(files).toEqual(expect.arrayContaining(expected))
  })

  it.each(files)('%s keeps its promises', path => {
    expect(checkMarkdown(path, project)).toEqual([])
  })
})

describe('the check', () => {
  const check = (text: string) => {
    const files: Record<string, string> = {
      'docs/A.md': text,
      'docs/B.md': '# One `two` (three)\n## Again\n## Again\n```\n# not a heading\n```\n',
      'README.md': '# Top',
    }
    return checkMarkdown('docs/A.md', {
      exists: path => path in files || path === 'docs',
      read: path => files[path] ?? '',
      scripts: ['test', 'test:unit'],
    })
  }

  it.each([
    '[b](B.md) ![top](../README.md "a title") [folder](../docs) [far](https://example.org/x#y)',
    '[h](B.md#one-two-three) [h](B.md#again-1) [own](#own)\n# Own',
    '`[code](nowhere.md)`\n```\n[code](nowhere.md)\n```',
    'npm test, `npm run test:unit`, npm run -s test:unit -- --watch',
  ])('takes %j', text => {
    expect(check(text)).toEqual([])
  })

  it.each([
    ['[c](C.md)', 'docs/A.md: the link C.md leads to nothing'],
    ['[c](../../etc)', 'docs/A.md: the link ../../etc leads to a place outside the project'],
    [
      '[c](B.md#not-a-heading)',
      'docs/A.md: the link B.md#not-a-heading leads to a missing heading',
    ],
    ['```\nnpm run nothing\n```', 'docs/A.md: there is no npm script "nothing"'],
    ['npm start', 'docs/A.md: there is no npm script "start"'],
  ])('finds %j', (text, sentence) => {
    expect(check(text)).toEqual([sentence])
  })
})
