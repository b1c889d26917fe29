// The server's store: what is kept comes back, whatever happened to the process, the disk or the file.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FileStoreOptions } from './file-store.ts'
import { openFileStore } from './file-store.ts'
import { encodeEntry, STORE_HEADER, scanStore } from './store-format.ts'

let folder = ''
let path = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-store-'))
  path = join(folder, 'records')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const QUIET: FileStoreOptions = { onChange: () => {} }
const bytes = (seed: number, length = 100) => new Uint8Array(length).fill(seed)

/** What one life with `keep` leaves for the next. */
async function live(keep: Record<string, Uint8Array | undefined>, options = QUIET): Promise<void> {
  const { store } = await openFileStore(path, options)
  for (const [key, value] of Object.entries(keep)) store.save(key, value)
  await store.close()
}

async function readBack() {
  const { store, saved, quarantine } = await openFileStore(path, QUIET)
  const values = Object.fromEntries([...saved].map(([key, value]) => [key, new Uint8Array(value)]))
  await store.close()
  return { values, quarantine }
}

describe('the store', () => {
  it('starts empty, with a file only its owner reads', async () => {
    expect(await readBack()).toEqual({ values: {} })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('keeps the newest value of each key and forgets what was deleted', async () => {
    await live({ a: bytes(1), b: bytes(2), c: new Uint8Array() })
    await live({ a: bytes(3), b: undefined, d: bytes(4) })
    expect((await readBack()).values).toEqual({ a: bytes(3), c: bytes(0, 0), d: bytes(4) })
  })

  it('copies what it is given', async () => {
    const { store } = await openFileStore(path, QUIET)
    const value = bytes(1)
    store.save('a', value)
    value.fill(9)
    await store.close()
    expect((await readBack()).values).toEqual({ a: bytes(1) })
  })

  it('takes nothing after it was closed, and closes twice', async () => {
    const { store } = await openFileStore(path, QUIET)
    await store.close()
    store.save('a', bytes(1))
    await store.close()
    expect((await readBack()).values).toEqual({})
  })

  it('stays within a small multiple of what it holds', async () => {
    for (let life = 0; life < 4; life += 1) {
      const { store } = await openFileStore(path, QUIET)
      for (let round = 0; round < 40; round += 1) {
        for (let key = 0; key < 20; key += 1) store.save(`key${key}`, bytes(round, 1_000))
        await new Promise(setImmediate)
        await new Promise(setImmediate)
      }
      store.save('last', bytes(life))
      await store.close()
    }
    const { values } = await readBack()
    expect(values).toMatchObject({
      key0: bytes(39, 1_000),
      key19: bytes(39, 1_000),
      last: bytes(3),
    })
    expect((await stat(path)).size).toBeLessThan(1.3 * 1024 * 1024)
    expect(await readdir(folder)).toEqual(['records'])
  })

  it('rewrites itself without losing anything, also what comes meanwhile', async () => {
    const { store } = await openFileStore(path, QUIET)
    const old = Array.from({ length: 2_000 }, (_, key) => `old${key}`)
    for (const key of old) store.save(key, bytes(1, 1_000))
    await written(old, bytes(1, 1_000))
    // These are written apart from what comes after them, which therefore finds most of the file outdated.
    const whole = await sizeOf(path)
    for (const key of old.slice(0, 1_900)) store.save(key, undefined)
    await written(old.slice(0, 1_900), undefined, whole)
    for (let key = 0; key < 10; key += 1) {
      store.save(`new${key}`, bytes(2, 1_000))
      await new Promise(setImmediate)
    }
    await store.close()
    const { values } = await readBack()
    expect(Object.keys(values)).toHaveLength(110)
    expect(values.old1999).toEqual(bytes(1, 1_000))
    expect(values.new9).toEqual(bytes(2, 1_000))
    expect((await stat(path)).size).toBeLessThan(1024 * 1024)
  })

  it('says that it is full over its cap, and goes on when there is room', async () => {
    const changes: boolean[] = []
    const options = { onChange: (isWorking: boolean) => changes.push(isWorking), retryMs: 5 }
    const { store } = await openFileStore(path, { ...options, maxBytes: 10_000 })
    store.save('a', bytes(1, 10_000))
    await written(['a'], bytes(1, 10_000))
    store.save('b', bytes(1))
    await expect.poll(() => changes).toEqual([false])
    await store.close()
    expect((await readBack()).values).toEqual({ a: bytes(1, 10_000) })
  })

  it('fails with STORAGE where it cannot write', async () => {
    await expect(openFileStore(join(path, 'x', 'y'), QUIET)).rejects.toMatchObject({
      code: 'STORAGE',
    })
  })
})

describe('a file after a crash', () => {
  it('loses only what was not whole, at every length', async () => {
    await live({ a: bytes(1, 20), b: bytes(2, 20) })
    const whole = await readFile(path)
    const second = whole.length - encodeEntry('b', bytes(2, 20)).length
    for (let length = 0; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length))
      const { values, quarantine } = await readBack()
      expect(quarantine).toBeUndefined()
      expect(Object.keys(values)).toEqual(length >= second ? ['a'] : [])
      await live({ c: bytes(3) })
      expect((await readBack()).values).toMatchObject({ c: bytes(3) })
    }
  })

  it('is moved aside when any byte of it is wrong', async () => {
    await live({ a: bytes(1, 20), b: bytes(2, 20) })
    const whole = await readFile(path)
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0x10
      const { ending, entries } = scanStore(damaged)
      // A length that points past the end looks like a write that was cut off.
      if (ending !== 'damaged') expect(ending).toBe('torn')
      for (const entry of entries) expect(['a', 'b']).toContain(entry.key)
      expect(entries.length).toBeLessThan(2)
    }
    const damaged = Buffer.from(whole)
    damaged[whole.length - 1] = 0
    await writeFile(path, damaged)
    const { values, quarantine } = await readBack()
    expect(values).toEqual({})
    expect(quarantine).toMatch(/records\.damaged-\d{4}-/)
    expect(await readFile(quarantine ?? '')).toEqual(damaged)
    await live({ c: bytes(3) })
    expect((await readBack()).values).toEqual({ c: bytes(3) })
  })

  it('of another kind is moved aside', async () => {
    await writeFile(path, 'something else entirely')
    expect((await readBack()).quarantine).toBeDefined()
  })

  it('keeps what was written before kill -9', async () => {
    const module = JSON.stringify(join(import.meta.dirname, 'file-store.ts'))
    const script = `
      import { openFileStore } from ${module}
      const { store } = await openFileStore(${JSON.stringify(path)}, { onChange: () => {} })
      let n = 0
      const next = () => {
        store.save('key' + n++, new Uint8Array(700))
        setImmediate(next)
      }
      next()`
    const args = ['--import', 'tsx', '--input-type=module', '-e', script]
    const child = spawn(process.execPath, args, { stdio: 'inherit' })
    const exit = once(child, 'exit')
    await expect.poll(() => sizeOf(path), { timeout: 10_000, interval: 5 }).toBeGreaterThan(100_000)
    child.kill('SIGKILL')
    await exit
    const { values, quarantine } = await readBack()
    expect(quarantine).toBeUndefined()
    const kept = Object.keys(values).map(key => Number(key.slice(3)))
    expect(kept).toEqual(kept.map((_, index) => index))
    expect(kept.length).toBeGreaterThan(100_000 / 800)
  })
})

describe('a full disk', () => {
  const canMount = process.platform === 'linux' && process.getuid?.() === 0
  const mount = (...args: string[]) => spawnSync(args[0] ?? '', args.slice(1)).status === 0

  /** Runs `work` with the store on a disk of 1 MiB that is half full. */
  async function onSmallDisk(
    context: TestContext,
    work: (filler: string) => Promise<void>,
  ): Promise<void> {
    const disk = join(folder, 'disk')
    const made = canMount && mount('mkdir', disk)
    if (!made || !mount('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk)) {
      context.skip('needs the right to mount a small disk')
    }
    try {
      path = join(disk, 'records')
      const filler = join(disk, 'filler')
      await writeFile(filler, Buffer.alloc(512 * 1024))
      await work(filler)
    } finally {
      mount('umount', disk)
    }
  }

  /** The first has room; all of them do not. */
  const KEYS = 12

  async function openUntilFull() {
    const changes: boolean[] = []
    const { store } = await openFileStore(path, {
      onChange: isWorking => changes.push(isWorking),
      retryMs: 10,
    })
    store.save('key0', bytes(7, 50_000))
    await written(['key0'], bytes(7, 50_000))
    for (let key = 1; key < KEYS; key += 1) store.save(`key${key}`, bytes(7, 50_000))
    await expect.poll(() => changes).toEqual([false])
    return { store, changes }
  }

  it('is told, survived, and left behind once there is room', context =>
    onSmallDisk(context, async filler => {
      const { store, changes } = await openUntilFull()
      store.save('later', bytes(8))
      await rm(filler)
      await expect.poll(() => changes).toEqual([false, true])
      await store.close()
      const { values, quarantine } = await readBack()
      expect(quarantine).toBeUndefined()
      expect(values).toMatchObject({ key0: bytes(7, 50_000), later: bytes(8) })
    }))

  it('leaves nothing of a write that did not fit under a shorter one', context =>
    onSmallDisk(context, async () => {
      const { store, changes } = await openUntilFull()
      for (let key = 1; key < KEYS; key += 1) store.save(`key${key}`, undefined)
      await expect.poll(() => changes).toEqual([false, true])
      await store.close()
      expect(await readBack()).toEqual({ values: { key0: bytes(7, 50_000) } })
    }))
})

describe('the format', () => {
  it('is this, byte for byte', () => {
    expect(STORE_HEADER.toString('hex')).toBe('6b65796d6573682d73746f72652d310a')
    expect(encodeEntry('k', bytes(0xab, 2)).toString('hex')).toBe(
      ['00000006', 'b4d3b8f164cf6b0a', '01', '0001', '6b', 'abab'].join(''),
    )
    expect(encodeEntry('k', undefined).toString('hex')).toBe(
      ['00000004', '1546d416e8dae14a', '02', '0001', '6b'].join(''),
    )
  })

  it.each([
    ['an empty key', '', 1],
    ['a key that is not ASCII', 'ü', 1],
    ['a value that is too long', 'k', 65_533],
  ])('refuses %s', (_, key, length) => {
    expect(() => encodeEntry(key, new Uint8Array(length))).toThrow(RangeError)
    expect(() => encodeEntry('k', new Uint8Array(65_532))).not.toThrow()
  })
})

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

/** Until the file has grown by all of them: what is saved from then on comes in a later write. */
async function written(
  keys: readonly string[],
  value: Uint8Array | undefined,
  fromSize = STORE_HEADER.length,
): Promise<void> {
  const length = keys.reduce((sum, key) => sum + encodeEntry(key, value).length, 0)
  await expect
    .poll(() => sizeOf(path), { timeout: 10_000, interval: 5 })
    .toBeGreaterThanOrEqual(fromSize + length)
}
