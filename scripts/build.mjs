// `npm run build`: the web client, the library for browsers and for Node with its types, and the SHA-256
// of every file. Built twice from one commit it gives the same bytes, so a published build can be checked.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ROOT, runTool } from './run-tool.mjs'

const DIST = join(ROOT, 'dist')
const STEPS = [
  ['node', 'scripts/setup.mjs', 'web'],
  ['vite', 'build', '--mode', 'library-browser', '--logLevel', 'warn'],
  ['vite', 'build', '--mode', 'library-node', '--logLevel', 'warn'],
  ['tsc', '-p', 'tsconfig.lib.json'],
]

rmSync(join(DIST, 'lib'), { recursive: true, force: true })
for (const command of STEPS) {
  if ((await runTool(command)).ok) continue
  console.error(`build: ${command.join(' ')} failed`)
  process.exit(1)
}
const files = ['lib', 'web'].flatMap(filesUnder)
const sums = files.map(file => `${sha256(join(DIST, file))}  ${file}\n`)
writeFileSync(join(DIST, 'SHA256SUMS'), sums.join(''))
console.log(`${files.length} files in dist/, listed in dist/SHA256SUMS`)

/** @param {string} folder of dist @returns {string[]} paths from dist, sorted */
function filesUnder(folder) {
  return readdirSync(join(DIST, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(entry => relative(DIST, join(entry.parentPath, entry.name)))
    .sort()
}

/** @param {string} path */
function sha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
