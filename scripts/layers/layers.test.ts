// The project keeps its layers (docs/ARCHITECTURE.md), and the rules themselves catch what they are for.

import { describe, expect, it } from 'vitest'
import { checkTree } from './check.ts'
import type { Rules } from './rules.ts'
import { MAX_LINES, RULES } from './rules.ts'
import { readSource } from './source-file.ts'
import { readSourceTree } from './source-tree.ts'

describe('the project', () => {
  it('keeps every rule of scripts/layers/rules.ts', () => {
    expect(checkTree(readSourceTree(), RULES)).toEqual([])
  })
})

const SMALL: Rules = {
  folders: {
    'core/low': { imports: [], packages: ['cbor'], isPure: true },
    'core/high': { imports: ['core/low'], packages: [], isPure: true },
    app: {
      imports: ['app/leaf.ts', 'core/low'],
      typeImports: ['core'],
      packages: ['node:', '@scope/kit'],
    },
    'app/leaf.ts': { imports: [], packages: [] },
    tool: { imports: ['core'], packages: [], isNeverShipped: true },
  },
  longFiles: {},
}

const SOUND: Record<string, string> = {
  'core/low/a.ts': `import { encode } from 'cbor'\nexport const a = (x: Date) => encode(Math.max(x.length))`,
  'core/high/b.ts': `import { a } from '../low/a.ts'\nexport const b = a`,
  'app/main.ts': `import { a } from '../core/low/a.ts'
    import type { b } from '../core/high/b.ts'
    import { open } from 'node:fs/promises'
    import kit from '@scope/kit/deep.js'
    import { leaf } from './leaf.ts'
    export type B = typeof b
    export const main = [a, open, kit, leaf]`,
  'app/leaf.ts': 'export const leaf = 1',
  'tool/e.ts': 'export {}',
}

function check(changes: Record<string, string> = {}, rules: Partial<Rules> = {}): string[] {
  const texts = Object.entries({ ...SOUND, ...changes })
  const files = texts.map(([path, text]) => readSource(path, text))
  return checkTree(files, { ...SMALL, ...rules })
}

describe('the rules', () => {
  it('find nothing in a sound tree', () => {
    expect(check()).toEqual([])
  })

  it.each([
    ['a plain import', `import { b } from '../high/b.ts'\nexport const c = b`],
    ['a type import', `import type { b } from '../high/b.ts'\nexport type C = typeof b`],
    ['an inline type import', `export type C = typeof import('../high/b.ts')`],
    ['a re-export', `export { b } from '../high/b.ts'`],
    ['a re-export of all', `export * from '../high/b.ts'`],
    ['an import for its effect', `import '../high/b.ts'`],
  ])('direction: %s of a higher layer', (_, text) => {
    expect(check({ 'core/low/c.ts': text })).toContain(
      'core/low/c.ts: imports core/high/b.ts, which core/low may not',
    )
  })

  it.each([
    `import { b } from '../core/high/b.ts'\nexport const c = b`,
    `import { type b } from '../core/high/b.ts'\nexport type C = typeof b`,
    `export const c = () => import('../core/high/b.ts')`,
  ])('direction: a place allowed for types only, in %j', text => {
    expect(check({ 'app/c.ts': text })).toEqual([
      'app/c.ts: imports core/high/b.ts, which app may not',
    ])
  })

  it('direction: a file with a rule of its own is not ruled by its folder', () => {
    expect(check({ 'app/leaf.ts': `import '../core/low/a.ts'` })).toEqual([
      'app/leaf.ts: imports core/low/a.ts, which app/leaf.ts may not',
    ])
  })

  it('packages: one that the folder does not list', () => {
    const text = `import { x } from 'cbor-extra'\nimport { open } from 'node:fs'\nexport const c = [x, open]`
    expect(check({ 'core/low/c.ts': text })).toEqual([
      'core/low/c.ts: imports cbor-extra, a package which core/low does not list',
      'core/low/c.ts: imports node:fs, a package which core/low does not list',
    ])
  })

  it('tests are free, and what is shipped may not import them', () => {
    const files = {
      'core/low/a.test.ts': `import 'vitest'\nimport '../high/b.ts'\nsetTimeout(Date.now, 1)`,
      'core/low/testing/kit.ts': `import 'node:fs'\nexport const kit = Date.now()`,
      'core/low/c.ts': `import './testing/kit.ts'`,
      'tool/d.ts': `import '../core/low/testing/kit.ts'`,
    }
    expect(check(files)).toEqual([
      'core/low/c.ts: imports core/low/testing/kit.ts, which only tests may',
    ])
  })

  it('cycles: at run time, also with an inline type specifier; not with types alone', () => {
    const low = (text: string) => ({ 'core/low/c.ts': text, 'core/low/d.ts': `import './c.ts'` })
    const circle = ['core/low/c.ts → core/low/d.ts → core/low/c.ts: imports in a circle']
    expect(check(low(`import './d.ts'`))).toEqual(circle)
    expect(check(low(`import { type D } from './d.ts'\nexport type C = D`))).toEqual(circle)
    expect(check(low(`import type { D } from './d.ts'\nexport type C = D`))).toEqual([])
  })

  it.each([
    ['Date.now()', 'the global `Date`'],
    ['new Date()', 'the global `Date`'],
    ['globalThis.Date', 'the global `globalThis`'],
    ['Math.random()', 'randomness (`Math.random`)'],
    ["Math['random']()", 'randomness (`Math.random`)'],
    ['(() => { const { random } = Math; return random() })()', 'randomness (`Math` taken apart)'],
    ['performance.now()', 'the global `performance`'],
    ['crypto.getRandomValues', 'the global `crypto`'],
    ['process.env', 'the global `process`'],
    ['Buffer.alloc(1)', 'the global `Buffer`'],
    ['fetch', 'the global `fetch`'],
    ['{ fetch }', 'the global `fetch`'],
    ['class extends WebSocket {}', 'the global `WebSocket`'],
    ['(x = document) => x', 'the global `document`'],
    ['setTimeout as unknown', 'the global `setTimeout`'],
    ['queueMicrotask', 'the global `queueMicrotask`'],
    ['Promise.resolve()', 'the global `Promise`'],
    ['async () => 1', 'a promise (`async`)'],
    ['import.meta', '`import.meta`'],
    ["() => import('./a.ts')", 'an import at run time'],
  ])('purity: %s', (expression, what) => {
    expect(check({ 'core/low/c.ts': `export const c = ${expression}` })).toEqual([
      `core/low/c.ts: the core reaches ${what}`,
    ])
  })

  it.each([
    '({ Date: 1 }).Date',
    '((Date: number) => Date)(1)',
    'class { Date = 1; static fetch(this: Window) { return this } }',
    '(function fetch({ x: [Date = 1, ...process] }) { return [fetch, Date, process] })',
    'Math.floor(1.5) as unknown as Buffer satisfies unknown',
    '(() => { try { return 1 } catch (process) { return process } })()',
  ])('purity: nothing wrong with %s', expression => {
    expect(check({ 'core/low/c.ts': `export const c = ${expression}` })).toEqual([])
  })

  it('purity: types vanish', () => {
    const text = `interface Window { a: Document; b(c: Node): void }
      type Shape = { [K in keyof Window]: typeof Date }
      export abstract class D<T extends Window> implements Clock { abstract e(): T; f?: Storage }
      export function g(h: Event): h is UIEvent
      export type { Shape }
      export { type Shape as Form }`
    expect(check({ 'core/low/c.ts': text })).toEqual([])
    const trick = 'declare const Date: { now(): number }\nexport const c = Date.now()'
    expect(check({ 'core/low/c.ts': trick })).toEqual([
      'core/low/c.ts: the core reaches something only declared',
    ])
  })

  it('form: default exports and index files', () => {
    const files = {
      'app/c.ts': 'export default 1',
      'app/d.ts': 'const d = 1\nexport { d as default }',
      'app/e.config.ts': 'export default 1',
      'app/index.ts': 'export const f = 1',
    }
    expect(check(files)).toEqual([
      'app/c.ts: has a default export',
      'app/d.ts: has a default export',
      'app/index.ts: name the file for what it holds',
    ])
  })

  it('size: over the limit, unless with a reason', () => {
    const long = { 'app/c.ts': 'export {}\n'.repeat(MAX_LINES + 1) }
    expect(check({ 'app/c.ts': 'export {}\n'.repeat(MAX_LINES) })).toEqual([])
    expect(check(long)).toEqual([
      'app/c.ts: 301 lines, more than 300 without a reason in longFiles',
    ])
    expect(check(long, { longFiles: { 'app/c.ts': 'one table' } })).toEqual([])
  })

  it('coverage: a file in a folder without a rule', () => {
    expect(check({ 'extra/c.ts': 'export {}' })).toEqual(['extra/c.ts: no rule covers it'])
  })

  it('staleness: of every kind of rule', () => {
    const folders = {
      ...SMALL.folders,
      'app/leaf.ts': { imports: ['gone'], packages: ['unused'] },
      later: { imports: [], packages: ['anything'] },
    }
    const longFiles = { 'app/main.ts': 'was long once', 'app/gone.ts': 'was there once' }
    expect(check({}, { folders, longFiles })).toEqual([
      'rule app/leaf.ts: allows gone, which does not exist',
      'rule app/leaf.ts: allows the package unused, which nothing there imports',
      'rule later: covers no file',
      'rule longFiles: app/gone.ts does not need it',
      'rule longFiles: app/main.ts does not need it',
    ])
  })
})
