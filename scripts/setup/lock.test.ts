import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLock } from './lock.mjs'

let folder: string
let lock: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keymesh-lock-'))
  lock = join(folder, 'below', 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

const quick = { pollMs: 1, say: () => {} }

describe('withLock', () => {
  it('lets one in at a time', async () => {
    let inside = 0
    let most = 0
    const work = async () => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise(setImmediate)
      inside -= 1
    }
    await Promise.all(Array.from({ length: 8 }, () => withLock(lock, work, quick)))
    expect(most).toBe(1)
    expect(existsSync(lock)).toBe(false)
  })

  it('hands back the result, and frees the lock when the work fails', async () => {
    expect(await withLock(lock, async () => 7, quick)).toBe(7)
    const failing = withLock(lock, () => Promise.reject(new Error('no')), quick)
    await expect(failing).rejects.toThrow('no')
    expect(existsSync(lock)).toBe(false)
  })

  it('takes over a lock that nobody touches any more, once', async () => {
    mkdirSync(lock, { recursive: true })
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(lock, longAgo, longAgo)
    let inside = 0
    const work = async () => {
      inside += 1
      expect(inside).toBe(1)
      await new Promise(setImmediate)
      inside -= 1
    }
    await Promise.all(Array.from({ length: 4 }, () => withLock(lock, work, quick)))
    expect(readdirSync(join(folder, 'below'))).toEqual([])
  })

  it('keeps its lock fresh while it works', async () => {
    const options = { ...quick, staleMs: 200, beatMs: 10 }
    const order: string[] = []
    const first = withLock(lock, () => untilTouched(order), options)
    const second = withLock(lock, async () => order.push('second'), options)
    await Promise.all([first, second])
    expect(order).toEqual(['first', 'second'])
  })

  /** Works for longer than it takes for an untouched lock to become stale. */
  async function untilTouched(order: string[]) {
    for (const end = Date.now() + 400; Date.now() < end; ) await new Promise(setImmediate)
    order.push('first')
  }
})
