// The state of a browser's node over a database and locks in memory.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openStateStore } from './state-store.ts'

const disk = vi.hoisted(() => ({
  values: new Map<string, unknown>(),
  /** What each transaction did, as `put` and `delete` with the key. */
  transactions: [] as string[][],
  failure: undefined as Error | undefined,
}))

vi.mock('idb-keyval', () => ({
  createStore: () => async (_mode: string, work: (values: unknown) => Promise<void>) => {
    if (disk.failure !== undefined) throw disk.failure
    const done: string[] = []
    disk.transactions.push(done)
    await work({
      put: (value: unknown, key: string) => {
        done.push(`put ${key}`)
        disk.values.set(key, value)
      },
      delete: (key: string) => {
        done.push(`delete ${key}`)
        disk.values.delete(key)
      },
      transaction: { commit: () => done.push('commit') },
    })
  },
  entries: async () => {
    if (disk.failure !== undefined) throw disk.failure
    return [...disk.values]
  },
  promisifyRequest: async () => {},
}))

const held = new Set<string>()

/** As Web Locks, for exclusive locks that nobody waits for. */
async function request(name: string, options: LockOptions, run: LockGrantedCallback<unknown>) {
  if (held.has(name)) {
    if (options.ifAvailable === true) return run(null)
    throw new DOMException('timed out', 'TimeoutError')
  }
  held.add(name)
  try {
    return await run({ name, mode: 'exclusive' })
  } finally {
    held.delete(name)
  }
}

beforeEach(() => {
  vi.stubGlobal('navigator', { locks: { request } })
})

afterEach(() => {
  vi.unstubAllGlobals()
  disk.values.clear()
  disk.transactions.length = 0
  disk.failure = undefined
  held.clear()
})

describe('the state of a node', () => {
  it('comes back in the next life', async () => {
    const first = await openStateStore('a')
    expect(first?.saved).toEqual(new Map())
    first?.save('one', Uint8Array.of(1))
    first?.save('two', Uint8Array.of(2))
    first?.save('one', undefined)
    await first?.close()
    const second = await openStateStore('a')
    expect(second?.saved).toEqual(new Map([['two', Uint8Array.of(2)]]))
  })

  it('is written once for what is saved in one task, and at once', async () => {
    const store = await openStateStore('a')
    store?.save('one', Uint8Array.of(1))
    store?.save('two', undefined)
    store?.save('one', Uint8Array.of(3))
    await Promise.resolve()
    expect(disk.transactions).toEqual([['put one', 'delete two', 'commit']])
    expect(disk.values.get('one')).toEqual(Uint8Array.of(3))
  })

  it('belongs to one node at a time', async () => {
    const first = await openStateStore('a')
    expect(await openStateStore('a')).toBeUndefined()
    expect(await openStateStore('b')).toBeDefined()
    await first?.close()
    expect(await openStateStore('a')).toBeDefined()
  })

  it('is not kept by a browser that gives no storage, or no locks', async () => {
    disk.failure = new DOMException('no', 'SecurityError')
    expect(await openStateStore('a')).toBeUndefined()
    disk.failure = undefined
    expect(await openStateStore('a')).toBeDefined()
    vi.stubGlobal('navigator', {})
    expect(await openStateStore('b')).toBeUndefined()
  })

  it('survives writes that fail', async () => {
    const store = await openStateStore('a')
    disk.failure = new DOMException('full', 'QuotaExceededError')
    store?.save('one', Uint8Array.of(1))
    await Promise.resolve()
    disk.failure = undefined
    store?.save('two', Uint8Array.of(2))
    await store?.close()
    expect([...disk.values.keys()]).toEqual(['two'])
  })
})
