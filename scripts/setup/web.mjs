// Step `web`: the web client in dist/web, built again when any file it is made from has changed.
// It is built aside and moved into place, so that a running server never serves half of a build.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './run-command.mjs'

const BUILD_TIMEOUT_MS = 5 * 60_000
const INPUT_FOLDERS = ['client', 'host/browser', 'shared', 'web']
const INPUT_FILES = ['package-lock.json', 'tsconfig.base.json', 'vite.config.ts']
const TEST_FILE = /\.(test|suite)\.tsx?$/

/** @param {string} root of the checkout @returns {import('./prepare.mjs').Step} */
export function webStep(root) {
  const target = join(root, 'dist', 'web')
  return {
    isNeeded: () => readStamp(target) !== inputHash(root),
    async work() {
      console.error('keymesh set-up: building the web client …')
      const fresh = join(root, 'dist', 'web.new')
      const hash = inputHash(root)
      const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
      const args = [vite, 'build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn']
      if (!(await runCommand(process.execPath, args, { cwd: root, timeoutMs: BUILD_TIMEOUT_MS }))) {
        throw new Error('the web client could not be built: Vite says why above.')
      }
      writeFileSync(stampPath(fresh), hash)
      swap(fresh, target)
    },
  }
}

/** @param {string} root @returns {string} hash of the names and contents of everything the build reads */
function inputHash(root) {
  const hash = createHash('sha256')
  const paths = [...INPUT_FOLDERS.flatMap(folder => filesUnder(root, folder)), ...INPUT_FILES]
  for (const path of paths.sort()) {
    const content = readFileSync(join(root, path))
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** @param {string} root @param {string} folder @returns {string[]} paths from the root, without tests */
function filesUnder(root, folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return filesUnder(root, path)
    return TEST_FILE.test(entry.name) ? [] : [path]
  })
}

/** @param {string} fresh @param {string} target */
function swap(fresh, target) {
  const old = `${target}.old`
  rmSync(old, { recursive: true, force: true })
  if (existsSync(target)) renameSync(target, old)
  renameSync(fresh, target)
  rmSync(old, { recursive: true, force: true })
}

/** @param {string} folder */
function readStamp(folder) {
  return existsSync(stampPath(folder)) ? readFileSync(stampPath(folder), 'utf8') : undefined
}

/** @param {string} folder */
function stampPath(folder) {
  return join(folder, '.inputs')
}
