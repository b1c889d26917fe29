import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { toHex } from '../../shared/bytes/hex.ts'
import { loadOrCreateSeed, loadSeed, makeFolder, storeSeed } from './identity-file.ts'

const faults = vi.hoisted(() => ({
  link: undefined as NodeJS.ErrnoException | undefined,
  rename: undefined as NodeJS.ErrnoException | undefined,
}))

vi.mock('node:fs/promises', async importOriginal => {
  const original = await importOriginal<typeof import('node:fs/promises')>()
  const link: typeof original.link = async (from, to) => {
    if (faults.link) throw faults.link
    await original.link(from, to)
  }
  const rename: typeof original.rename = async (from, to) => {
    if (faults.rename) throw faults.rename
    await original.rename(from, to)
  }
  return { ...original, link, rename }
})

let folder = ''
const file = () => join(folder, 'identity')

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-identity-'))
})

afterEach(async () => {
  faults.link = undefined
  faults.rename = undefined
  await rm(folder, { recursive: true, force: true })
})

describe('loadOrCreateSeed', () => {
  it('makes a seed once and gives the same from then on', async () => {
    const seed = await loadOrCreateSeed(folder)
    expect(seed).toHaveLength(32)
    expect(await loadOrCreateSeed(folder)).toEqual(seed)
    expect(await readFile(file(), 'utf8')).toBe(`keymesh-identity-1 ${toHex(seed)}\n`)
  })

  it('makes the folder, for its owner only, and leaves one file that is its owner’s only', async () => {
    const deep = join(folder, 'a', 'b')
    await loadOrCreateSeed(deep)
    expect(await readdir(deep)).toEqual(['identity'])
    expect((await stat(deep)).mode & 0o777).toBe(0o700)
    expect((await stat(join(deep, 'identity'))).mode & 0o777).toBe(0o600)
  })

  it('gives all of several first starters the same seed', async () => {
    const seeds = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateSeed(folder)))
    expect(new Set(seeds.map(toHex)).size).toBe(1)
    expect(await readdir(folder)).toEqual(['identity'])
  })

  const SEED = '11'.repeat(32)
  it.each([
    ['is empty', ''],
    ['was cut short', `keymesh-identity-1 ${SEED.slice(1)}\n`],
    ['lost its last line break', `keymesh-identity-1 ${SEED}`],
    ['has something more', `keymesh-identity-1 ${SEED}\n\n`],
    ['has a digit that is none', `keymesh-identity-1 ${SEED.slice(1)}g\n`],
    ['is of another version', `keymesh-identity-2 ${SEED}\n`],
    ['is something else', 'hello'],
  ])('refuses a file that %s, and does not touch it', async (_, text) => {
    await writeFile(file(), text)
    await expect(loadOrCreateSeed(folder)).rejects.toMatchObject({ code: 'CORRUPT' })
    expect(await readFile(file(), 'utf8')).toBe(text)
    expect(await readdir(folder)).toEqual(['identity'])
  })

  it('tells when a file is where the folder should be', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(loadOrCreateSeed(join(folder, 'file'))).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('there is a file in its place'),
    })
    await expect(loadOrCreateSeed(join(folder, 'file', 'x'))).rejects.toMatchObject({
      code: 'STORAGE',
    })
  })

  it('tells when the file cannot be read', async () => {
    await mkdir(file())
    await expect(loadOrCreateSeed(folder)).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('EISDIR'),
    })
  })

  it('tells when the disk is full, and leaves nothing half done', async () => {
    faults.link = Object.assign(new Error('no space'), { code: 'ENOSPC' })
    await expect(loadOrCreateSeed(folder)).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('the disk is full'),
    })
    expect(await readdir(folder)).toEqual([])
    faults.link = undefined
    expect(await loadOrCreateSeed(folder)).toHaveLength(32)
  })

  it.skipIf(process.getuid?.() === 0)('tells when the folder cannot be written', async () => {
    await chmod(folder, 0o500)
    await expect(loadOrCreateSeed(folder)).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('permission denied'),
    })
  })
})

describe('loadSeed', () => {
  it('gives what is kept, and makes nothing', async () => {
    await expect(loadSeed(folder)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(loadSeed(join(folder, 'none'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await readdir(folder)).toEqual([])
    const seed = await loadOrCreateSeed(folder)
    expect(await loadSeed(folder)).toEqual(seed)
  })

  it('refuses a damaged file', async () => {
    await writeFile(file(), 'hello')
    await expect(loadSeed(folder)).rejects.toMatchObject({ code: 'CORRUPT' })
  })
})

describe('makeFolder', () => {
  it('tells when a file is in its place', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'STORAGE' })
  })
})

describe('storeSeed', () => {
  const SEED = new Uint8Array(32).fill(7)
  const TEXT = `keymesh-identity-1 ${'07'.repeat(32)}\n`

  it.each([false, true])('keeps a seed, readable by its owner only (replacing: %s)', async may => {
    await storeSeed(folder, SEED, may)
    expect(await readFile(file(), 'latin1')).toBe(TEXT)
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['identity'])
    await storeSeed(folder, SEED, may)
    expect(SEED).toEqual(new Uint8Array(32).fill(7))
  })

  it('loses another seed only when it may', async () => {
    const other = await loadOrCreateSeed(folder)
    await expect(storeSeed(folder, SEED, false)).rejects.toMatchObject({ code: 'USAGE' })
    expect(await loadSeed(folder)).toEqual(other)
    await storeSeed(folder, SEED, true)
    expect(await loadSeed(folder)).toEqual(SEED)
  })

  it('overwrites a damaged file only when it may', async () => {
    await writeFile(file(), 'hello', { mode: 0o644 })
    await expect(storeSeed(folder, SEED, false)).rejects.toMatchObject({ code: 'CORRUPT' })
    expect(await readFile(file(), 'latin1')).toBe('hello')
    await storeSeed(folder, SEED, true)
    expect(await readFile(file(), 'latin1')).toBe(TEXT)
    expect((await stat(file())).mode & 0o777).toBe(0o600)
  })

  it('and a first starter at once agree on one seed', async () => {
    const [stored, started] = await Promise.allSettled([
      storeSeed(folder, SEED, false),
      loadOrCreateSeed(folder),
    ])
    const kept = await loadSeed(folder)
    expect(started).toEqual({ status: 'fulfilled', value: kept })
    expect(stored.status).toBe(toHex(kept) === toHex(SEED) ? 'fulfilled' : 'rejected')
  })

  it.each(['link', 'rename'] as const)('leaves all as it was when it cannot %s', async step => {
    if (step === 'rename') await loadOrCreateSeed(folder)
    const before = await readdir(folder)
    const kept = await loadSeed(folder).catch(() => undefined)
    faults[step] = Object.assign(new Error('no space'), { code: 'ENOSPC' })
    await expect(storeSeed(folder, SEED, step === 'rename')).rejects.toMatchObject({
      code: 'STORAGE',
    })
    expect(await readdir(folder)).toEqual(before)
    expect(await loadSeed(folder).catch(() => undefined)).toEqual(kept)
  })
})
