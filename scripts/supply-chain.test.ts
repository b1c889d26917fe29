// What others wrote reaches a user only as intended (docs/THREATS.md, supply chain): few packages, each
// one needed and fixed to an exact version and content, and a build that anyone can repeat byte for byte.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { buildBrowserLibrary } from './browser-library.mjs'
import { RULES } from './layers/rules.ts'

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')
const manifest = JSON.parse(read('package.json'))
const lock: Record<string, LockedPackage> = JSON.parse(read('package-lock.json')).packages

interface LockedPackage {
  version: string
  resolved?: string
  integrity?: string
  optionalDependencies?: Record<string, string>
}

/**
 * Binaries for platforms other than Linux x64, which the registry did not hand out when the lock file was
 * made: fixed to an exact version, but npm has no hash to hold them against.
 */
const WITHOUT_HASH = [
  '@biomejs/cli-android-arm64',
  '@biomejs/cli-android-x64',
  '@biomejs/cli-darwin-arm64',
  '@biomejs/cli-darwin-x64',
  '@biomejs/cli-linux-arm64-musl',
  '@biomejs/cli-linux-x64-musl',
  '@biomejs/cli-win32-arm64',
  '@biomejs/cli-win32-x64',
]

describe('packages', () => {
  it('what we ship needs exactly the dependencies that the layer rules list', () => {
    const allowed = Object.values(RULES.folders).flatMap(rule => rule.packages)
    const packages = new Set(allowed.filter(name => !name.endsWith(':')))
    expect(Object.keys(manifest.dependencies).sort()).toEqual([...packages].sort())
  })

  it('are asked for by exact version', () => {
    const ranges = Object.values({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(ranges.filter(range => !/^\d+\.\d+\.\d+$/.test(String(range)))).toEqual([])
  })

  it('come from the npm registry, with the hash of their content', () => {
    const entries = Object.entries(lock).filter(([path]) => path !== '')
    const elsewhere = entries.filter(
      ([, { resolved }]) => resolved && !resolved.startsWith('https://registry.npmjs.org/'),
    )
    expect(elsewhere.map(([path]) => path)).toEqual([])
    const unhashed = entries.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))
    const names = unhashed.map(([path]) => path.replace(/^node_modules\//, ''))
    expect(names.sort()).toEqual(WITHOUT_HASH)
  })

  it('for every platform are in the lock file, without which `npm ci` refuses it on any', () => {
    const asked = Object.values(lock).flatMap(one => Object.keys(one.optionalDependencies ?? {}))
    expect(asked.filter(name => !lock[`node_modules/${name}`])).toEqual([])
  })
})

describe('the browser library', () => {
  it('is the same, byte for byte, when built twice', async () => {
    const [first, second] = [await buildBrowserLibrary(), await buildBrowserLibrary()]
    const codes = (chunks: typeof first) => [...chunks].map(([name, { code }]) => [name, code])
    expect(codes(second)).toEqual(codes(first))
  })
})
