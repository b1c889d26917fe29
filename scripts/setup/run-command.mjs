// Runs a program for the set-up: its output goes to stderr, it never waits for input, and it is killed
// with all its children when it is too slow, says nothing for too long, or the set-up itself ends.

import { spawn } from 'node:child_process'
import { hasCode } from './error-code.mjs'

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, timeoutMs: number, silenceMs?: number, isQuiet?: boolean }} options
 * @returns {Promise<boolean>} whether it ended by itself with exit code 0
 */
export function runCommand(command, args, options) {
  const { cwd, timeoutMs, silenceMs = timeoutMs, isQuiet = false } = options
  return new Promise(resolve => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const kill = () => killGroup(child.pid)
    const deadline = setTimeout(kill, timeoutMs)
    const silence = setTimeout(kill, silenceMs)
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', text => {
        silence.refresh()
        if (!isQuiet) process.stderr.write(text)
      })
    }
    /** @param {boolean} ok */
    const settle = ok => {
      clearTimeout(deadline)
      clearTimeout(silence)
      process.off('exit', kill)
      resolve(ok)
    }
    process.once('exit', kill)
    child.once('error', () => settle(false))
    child.once('exit', code => settle(code === 0))
  })
}

/** @param {number | undefined} pid leader of the group, undefined when the program did not start */
function killGroup(pid) {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}
