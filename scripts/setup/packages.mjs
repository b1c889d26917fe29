// Step `packages`: node_modules as package-lock.json says, with no package's own install scripts run.
// A stamp inside node_modules names the lock file and platform it was made for; npm removes it with the rest.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './run-command.mjs'

const INSTALL_TIMEOUT_MS = 15 * 60_000
const NPM_FLAGS = [
  '--ignore-scripts',
  '--include=dev',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
]

/** @param {string} root of the checkout @returns {import('./prepare.mjs').Step} */
export function packagesStep(root) {
  return {
    isNeeded: () => !isInstalled(root),
    async work() {
      console.error('keymesh set-up: installing packages (npm ci --ignore-scripts) …')
      const options = { cwd: root, timeoutMs: INSTALL_TIMEOUT_MS }
      if (!(await runCommand('npm', ['ci', ...NPM_FLAGS], options))) {
        throw new Error('the packages could not be installed: npm says why above.')
      }
      writeStamp(root)
    },
  }
}

/** @param {string} root */
function isInstalled(root) {
  const stamp = readJson(stampPath(root))
  if (!stamp) return adopt(root)
  if (stamp.platform !== wantedStamp(root).platform) return false
  return stamp.lockSha256 === wantedStamp(root).lockSha256 || adopt(root)
}

/**
 * Accepts what a developer's own `npm install` left, when npm's record of node_modules holds every
 * package that is not optional in exactly the version of the lock file.
 * @param {string} root
 */
function adopt(root) {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages
  if (!installed) return false
  const locked = Object.entries(readJson(join(root, 'package-lock.json')).packages)
  const isTrue = locked.every(([path, { version, optional }]) => {
    if (path === '') return true
    return installed[path] ? installed[path].version === version : optional === true
  })
  if (isTrue) writeStamp(root)
  return isTrue
}

/** @param {string} root */
function wantedStamp(root) {
  const lock = readFileSync(join(root, 'package-lock.json'))
  return {
    platform: `${process.platform}-${process.arch}`,
    lockSha256: createHash('sha256').update(lock).digest('hex'),
  }
}

/** @param {string} root */
function writeStamp(root) {
  writeFileSync(stampPath(root), JSON.stringify(wantedStamp(root)))
}

/** @param {string} root */
function stampPath(root) {
  return join(root, 'node_modules', '.keymesh-setup.json')
}

/** @param {string} path */
function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}
