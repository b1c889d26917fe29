// Code and documents find each other: every section, threat and decision that a comment names exists, and
// so does every file that a document names.

import { describe, expect, it } from 'vitest'
import { citationsOf, placesOf } from './citations.ts'
import { pathsIn } from './markdown.ts'
import { filesEnding, project } from './project.ts'

const TOP_FOLDERS = ['bench', 'cli', 'client', 'docs', 'e2e', 'host', 'scripts', 'server']
const OURS = [...TOP_FOLDERS, 'shared', 'sim', 'web']

describe('comments', () => {
  it('name places of the documents that exist', () => {
    const places = new Map<string, ReadonlySet<string>>()
    const placesIn = (document: string) => {
      const path = `docs/${document}`
      const known =
        places.get(path) ?? (project.exists(path) ? placesOf(project.read(path)) : new Set())
      places.set(path, known)
      return known
    }
    const dangling = filesEnding(['.ts', '.tsx', '.mjs', '.css'])
      .filter(path => !path.startsWith('scripts/docs/'))
      .flatMap(path =>
        citationsOf(project.read(path))
          .filter(({ document, place }) => !placesIn(document).has(place))
          .map(({ document, place }) => `${path}: there is no ${place} in docs/${document}`),
      )
    expect(dangling).toEqual([])
  })
})

describe('documents', () => {
  it.each(filesEnding(['.md']))('%s names files that exist', path => {
    const missing = pathsIn(project.read(path), OURS).filter(named => !project.exists(named))
    expect(missing).toEqual([])
  })
})

describe('citationsOf', () => {
  it.each([
    ['// docs/PROTOCOL.md 1.4, 3.1) without', ['PROTOCOL.md 1.4', 'PROTOCOL.md 3.1']],
    ['// a login (docs/PROTOCOL.md\n// 3.2). Next', ['PROTOCOL.md 3.2']],
    ['// (docs/PROTOCOL.md 6, threat 17): over', ['PROTOCOL.md 6', 'THREATS.md 17']],
    ['/** docs/THREATS.md, gate 2). */', ['THREATS.md gate 2', 'THREATS.md gate 2']],
    ['// (docs/THREATS.md 6, 8, R23).', ['THREATS.md 6', 'THREATS.md 8', 'THREATS.md R23']],
    ['// (docs/PROTOCOL.md 7, WireGuard 5.1): a', ['PROTOCOL.md 7']],
    ['// (architecture D3), docs/THREATS.md, supply chain', ['ARCHITECTURE.md D3']],
  ])('reads %j', (source, expected) => {
    const read = citationsOf(source).map(({ document, place }) => `${document} ${place}`)
    expect(read).toEqual(expected)
  })
})

describe('placesOf', () => {
  it('finds headings, rows and paragraphs', () => {
    const markdown =
      '## 3. Links\n### 3.1 Login\n| 9 | a |\n| R12 | b |\n| gate 1 | c |\n**D8 Time** is'
    expect([...placesOf(markdown)]).toEqual(['3', '3.1', '9', 'R12', 'gate 1', 'D8'])
  })
})
