// The identity of a browser over real WebCrypto and a database in memory.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadOrCreateSeed, loadSeed, storeSeed } from './identity-store.ts'

const disk = vi.hoisted(() => ({
  slots: new Map<string, unknown>(),
  writeFails: undefined as Error | undefined,
}))

vi.mock('idb-keyval', () => {
  const write = (name: string, change: (kept: unknown) => unknown): void => {
    if (disk.writeFails) throw disk.writeFails
    disk.slots.set(name, change(disk.slots.get(name)))
  }
  return {
    createStore: (database: string) => database,
    get: async (slot: string, store: string) => disk.slots.get(`${store}/${slot}`),
    set: async (slot: string, value: unknown, store: string) =>
      write(`${store}/${slot}`, () => value),
    update: async (slot: string, change: (kept: unknown) => unknown, store: string) =>
      write(`${store}/${slot}`, change),
  }
})

afterEach(() => {
  disk.slots.clear()
  disk.writeFails = undefined
})

const SEED = new Uint8Array(32).fill(7)
const damage = () => void disk.slots.set('db/identity', { version: 2 })

describe('the identity store of a browser', () => {
  it('makes a seed once, for all who start at once', async () => {
    const seeds = await Promise.all([1, 2, 3].map(() => loadOrCreateSeed('db')))
    const [first] = seeds
    expect(first).toHaveLength(32)
    for (const seed of seeds) expect(seed).toEqual(first)
    expect(await loadSeed('db')).toEqual(first)
  })

  it('keeps no seed in the clear, and its key cannot be taken out', async () => {
    await storeSeed('db', SEED, false)
    const kept = disk.slots.get('db/identity') as { wrappingKey: CryptoKey; sealed: ArrayBuffer }
    expect(kept.wrappingKey.extractable).toBe(false)
    expect(Buffer.from(kept.sealed).includes(Buffer.alloc(8, 7))).toBe(false)
  })

  it('does not make a seed for a backup', async () => {
    await expect(loadSeed('db')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(disk.slots.size).toBe(0)
  })

  it.each([false, true])(
    'takes a seed, and leaves the caller’s alone (replacing: %s)',
    async may => {
      for (const _ of [1, 2]) await storeSeed('db', SEED, may)
      expect(await loadOrCreateSeed('db')).toEqual(SEED)
      expect(SEED).toEqual(new Uint8Array(32).fill(7))
    },
  )

  it('loses another seed only when it may', async () => {
    const other = await loadOrCreateSeed('db')
    await expect(storeSeed('db', SEED, false)).rejects.toMatchObject({ code: 'USAGE' })
    expect(await loadSeed('db')).toEqual(other)
    await storeSeed('db', SEED, true)
    expect(await loadSeed('db')).toEqual(SEED)
  })

  it('overwrites a damaged seed only when it may', async () => {
    damage()
    const damaged = { code: 'CORRUPT' }
    await expect(loadOrCreateSeed('db')).rejects.toMatchObject(damaged)
    await expect(loadSeed('db')).rejects.toMatchObject(damaged)
    await expect(storeSeed('db', SEED, false)).rejects.toMatchObject(damaged)
    expect(disk.slots.get('db/identity')).toEqual({ version: 2 })
    await storeSeed('db', SEED, true)
    expect(await loadSeed('db')).toEqual(SEED)
  })

  it('notices a blob that was changed', async () => {
    await storeSeed('db', SEED, false)
    const kept = disk.slots.get('db/identity') as { sealed: ArrayBuffer }
    new Uint8Array(kept.sealed).fill(0, 0, 1)
    await expect(loadSeed('db')).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  it('leaves what is kept when the browser refuses to write', async () => {
    const other = await loadOrCreateSeed('db')
    disk.writeFails = new DOMException('full', 'QuotaExceededError')
    for (const database of ['db', 'fresh']) {
      await expect(storeSeed(database, SEED, database === 'db')).rejects.toMatchObject({
        code: 'STORAGE',
        cause: disk.writeFails,
      })
    }
    expect(await loadSeed('db')).toEqual(other)
    expect([...disk.slots.keys()]).toEqual(['db/identity'])
  })
})
