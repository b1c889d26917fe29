// Two callers of one database over a lock manager that does what the Web Locks specification says.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { holdIdentity, withIdentityAlone } from './identity-lock.ts'

interface Held {
  readonly name: string
  readonly mode: LockMode
}

/** Locks of one origin; requests without `ifAvailable` wait in order. */
class WebLocks {
  readonly #held = new Set<Held>()
  readonly #waiting: (() => boolean)[] = []

  request(name: string, options: LockOptions, run: LockGrantedCallback<unknown>): Promise<unknown> {
    const wanted: Held = { name, mode: options.mode ?? 'exclusive' }
    if (this.#isFree(wanted)) return this.#grant(wanted, run)
    if (options.ifAvailable === true) return Promise.resolve(run(null))
    return new Promise(resolve => {
      this.#waiting.push(() => {
        if (!this.#isFree(wanted)) return false
        resolve(this.#grant(wanted, run))
        return true
      })
    })
  }

  #isFree({ name, mode }: Held): boolean {
    const others = [...this.#held].filter(held => held.name === name)
    return others.every(held => mode === 'shared' && held.mode === 'shared')
  }

  async #grant(wanted: Held, run: LockGrantedCallback<unknown>): Promise<unknown> {
    this.#held.add(wanted)
    try {
      return await run({ ...wanted })
    } finally {
      this.#held.delete(wanted)
      const at = this.#waiting.findIndex(tryAgain => tryAgain())
      if (at !== -1) this.#waiting.splice(at, 1)
    }
  }
}

beforeEach(() => void vi.stubGlobal('navigator', { locks: new WebLocks() }))
afterEach(() => void vi.unstubAllGlobals())

describe('the lock of an identity', () => {
  it('lets nodes run side by side, and nobody replace what they run under', async () => {
    const releases = await Promise.all([holdIdentity('a'), holdIdentity('a')])
    const task = vi.fn(async () => {})
    for (const release of releases) {
      await expect(withIdentityAlone('a', task)).rejects.toMatchObject({ code: 'IN_USE' })
      await release()
    }
    expect(task).not.toHaveBeenCalled()
    await withIdentityAlone('a', task)
    expect(task).toHaveBeenCalledOnce()
  })

  it('lets a node start only when the identity has been replaced', async () => {
    const order: string[] = []
    let finish = (): void => {}
    const replaced = withIdentityAlone('a', async () => {
      await new Promise<void>(resolve => {
        finish = resolve
      })
      order.push('replaced')
    })
    const started = holdIdentity('a').then(release => {
      order.push('started')
      return release()
    })
    finish()
    await Promise.all([replaced, started])
    expect(order).toEqual(['replaced', 'started'])
  })

  it('is of one database', async () => {
    const release = await holdIdentity('a')
    await withIdentityAlone('b', async () => {})
    await release()
  })

  it('passes a failure on, and is free again', async () => {
    const failure = new Error('full')
    await expect(withIdentityAlone('a', () => Promise.reject(failure))).rejects.toBe(failure)
    const release = await holdIdentity('a')
    await release()
  })

  it('says what is missing on a page without locks', async () => {
    vi.stubGlobal('navigator', {})
    await expect(withIdentityAlone('a', async () => {})).rejects.toMatchObject({ code: 'STORAGE' })
    await expect(holdIdentity('a')).rejects.toMatchObject({ code: 'STORAGE' })
  })
})
