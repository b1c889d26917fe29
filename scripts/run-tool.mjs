// Runs one of the project's tools for a script, its output shown at once or kept. The tool stays in the
// script's process group, so Ctrl-C reaches both.

import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PATH = [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter)

/**
 * @param {readonly string[]} command a program in node_modules/.bin or on the PATH, and its arguments
 * @param {{ isKept?: boolean }} [options] `isKept`: do not show the output, hand it back
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runTool([program = '', ...args], { isKept = false } = {}) {
  const stdio = isKept ? 'pipe' : 'inherit'
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, PATH },
    stdio: ['ignore', stdio, stdio],
  })
  /** @type {string[]} */
  const chunks = []
  child.stdout?.on('data', chunk => chunks.push(String(chunk)))
  child.stderr?.on('data', chunk => chunks.push(String(chunk)))
  return new Promise(resolve => {
    child.once('error', error => resolve({ ok: false, output: `${error.message}\n` }))
    child.once('close', code => resolve({ ok: code === 0, output: chunks.join('') }))
  })
}
