// A lock between processes: a directory, which only one of them can create. The owner touches it every
// few seconds; a lock that nobody touched for `staleMs` belonged to a process that died, and is taken over.

import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hasCode } from './error-code.mjs'

/**
 * Runs `work` while holding the lock at `path`, waiting for whoever holds it now.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work must not block the event loop for as long as `staleMs`
 * @param {{ staleMs?: number, beatMs?: number, pollMs?: number, say?: (text: string) => void }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, options = {}) {
  const { staleMs = 30_000, beatMs = 2_000, pollMs = 200, say = console.error } = options
  mkdirSync(dirname(path), { recursive: true })
  for (let attempt = 0; !created(path); attempt++) {
    if (attempt === 0) say('keymesh set-up: another set-up is running here, waiting for it.')
    removeIfStale(path, staleMs)
    await delay(pollMs)
  }
  const release = () => rmSync(path, { recursive: true, force: true })
  const beat = setInterval(() => touch(path), beatMs)
  process.once('exit', release)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    process.off('exit', release)
    release()
  }
}

/** @param {string} path */
function created(path) {
  try {
    mkdirSync(path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/**
 * Moves the lock away before removing it: of several waiters only one succeeds. Should the name have
 * come to mean a new owner's lock meanwhile, that one is put back.
 * @param {string} path @param {number} staleMs
 */
function removeIfStale(path, staleMs) {
  const seen = statSync(path, { throwIfNoEntry: false })
  if (!seen || Date.now() - seen.mtimeMs < staleMs) return
  const aside = `${path}.${randomUUID()}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    throw error
  }
  if (statSync(aside).ino === seen.ino) rmSync(aside, { recursive: true, force: true })
  else renameSync(aside, path)
}

/** @param {string} path */
function touch(path) {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}
