// Backup and restore through the entry for Node: which folder ends up with which identity, and that nothing is
// lost when something fails.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nacl from 'tweetnacl'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { createBackup, openBackup } from '../shared/identity/backup.ts'
import { armorBackup, dearmorBackup } from '../shared/identity/backup-armor.ts'
import { createIdentity } from '../shared/identity/identity.ts'
import { openSeed, sealSeed } from './identity-backup.ts'
import { backupIdentity, createNode, restoreIdentity, storedKey } from './node.ts'

const PASSPHRASE = 'correct horse'
const SEED = new Uint8Array(32).fill(7)
const KEY = createIdentity(nobleSuite, SEED).keyText

/** As cheap as one may be: what it costs is tested elsewhere. */
const TEXT = createBackup({
  seed: SEED,
  passphrase: PASSPHRASE,
  nacl,
  suite: nobleSuite,
  random: length => new Uint8Array(length).fill(1),
  cost: { log2N: 14, r: 8, p: 1 },
})

function changed(at: number, value: number): string {
  const bytes = dearmorBackup(nobleSuite, TEXT).slice()
  bytes[at] = value
  return armorBackup(nobleSuite, bytes)
}

let parent = ''
let data = ''
const file = () => join(data, 'identity')

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'keymesh-backup-'))
  data = join(parent, 'data')
})

afterEach(async () => {
  await rm(parent, { recursive: true, force: true })
})

describe('backupIdentity', () => {
  it('gives a text with which the same key comes back elsewhere, while a node runs', async () => {
    const node = await createNode({ data })
    const text = await backupIdentity(PASSPHRASE, { data })
    await node.close()
    const elsewhere = join(parent, 'deep', 'elsewhere')
    expect(await restoreIdentity(text, PASSPHRASE, { data: elsewhere })).toBe(node.key)
    const again = await createNode({ data: elsewhere })
    expect(again.key).toBe(node.key)
    await again.close()
    expect(await readdir(elsewhere)).toEqual(['identity', 'state'])
    expect(text).not.toContain((await readFile(file(), 'latin1')).slice(20, 40))
  })

  it('gives another text each time', async () => {
    const texts = await Promise.all([1, 2].map(() => sealSeed(SEED.slice(), 'x', nobleSuite)))
    expect(new Set(texts).size).toBe(2)
    for (const text of texts) {
      expect(openBackup({ text, passphrase: 'x', nacl, suite: nobleSuite })).toEqual(SEED)
    }
  })

  it('makes no identity where there is none', async () => {
    const none = { code: 'NOT_FOUND', message: expect.stringContaining('no identity yet') }
    await expect(backupIdentity(PASSPHRASE, { data })).rejects.toMatchObject(none)
    await expect(storedKey(data, { create: false })).rejects.toMatchObject(none)
    expect(await readdir(parent)).toEqual([])
  })

  it('needs a passphrase', async () => {
    await storedKey(data)
    await expect(backupIdentity('', { data })).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('does not back a damaged identity up', async () => {
    await storedKey(data)
    await writeFile(file(), 'hello')
    await expect(backupIdentity(PASSPHRASE, { data })).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  it.each(['x', ''])('wipes the seed, passphrase %j', async passphrase => {
    const seed = SEED.slice()
    await sealSeed(seed, passphrase, nobleSuite).catch(() => {})
    expect(seed).toEqual(new Uint8Array(32))
  })
})

describe('restoreIdentity', () => {
  it.each([
    ['a wrong passphrase', TEXT, 'correct horsE', 'UNAUTHENTICATED'],
    ['no passphrase', TEXT, '', 'USAGE'],
    ['a text that was cut short', TEXT.slice(0, -5), PASSPHRASE, 'CORRUPT'],
    ['a text with a typing error', TEXT.replace(/\n(.)/, '\nz'), PASSPHRASE, 'CORRUPT'],
    ['no text', '', PASSPHRASE, 'CORRUPT'],
    ['a text of a newer version', changed(0, 2), PASSPHRASE, 'INCOMPATIBLE'],
    ['a text that asks for too much work', changed(2, 30), PASSPHRASE, 'INCOMPATIBLE'],
    ['a text whose secret was changed', changed(80, 9), PASSPHRASE, 'UNAUTHENTICATED'],
  ])('refuses %s, and touches nothing', async (_, text, passphrase, code) => {
    const options = { data, replace: true }
    const failure = { name: 'MeshError', code, hint: expect.stringMatching(/^\S.+\.$/) }
    await expect(restoreIdentity(text, passphrase, options)).rejects.toMatchObject(failure)
    expect(await readdir(parent)).toEqual([])
    await storedKey(data)
    const before = await readFile(file(), 'latin1')
    await expect(restoreIdentity(text, passphrase, options)).rejects.toMatchObject(failure)
    expect(await readFile(file(), 'latin1')).toBe(before)
  })

  it('refuses to lose another identity unless it may', async () => {
    const before = await storedKey(data)
    await expect(restoreIdentity(TEXT, PASSPHRASE, { data })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('another identity'),
    })
    expect(await storedKey(data)).toBe(before)
    expect(await restoreIdentity(TEXT, PASSPHRASE, { data, replace: true })).toBe(KEY)
    expect(await storedKey(data)).toBe(KEY)
    expect(await readdir(data)).toEqual(['identity'])
  })

  it('takes the same identity twice', async () => {
    for (const _ of [1, 2]) expect(await restoreIdentity(TEXT, PASSPHRASE, { data })).toBe(KEY)
  })

  it('mends a damaged identity only when it may be lost', async () => {
    await storedKey(data)
    await writeFile(file(), 'hello')
    await expect(restoreIdentity(TEXT, PASSPHRASE, { data })).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining(file()),
    })
    expect(await readFile(file(), 'latin1')).toBe('hello')
    expect(await restoreIdentity(TEXT, PASSPHRASE, { data, replace: true })).toBe(KEY)
  })

  it('waits for nobody: a node that runs on the folder keeps its identity', async () => {
    const node = await createNode({ data })
    for (const replace of [false, true]) {
      await expect(restoreIdentity(TEXT, PASSPHRASE, { data, replace })).rejects.toMatchObject({
        code: 'IN_USE',
      })
    }
    expect(await storedKey(data)).toBe(node.key)
    await node.close()
    expect(await restoreIdentity(TEXT, PASSPHRASE, { data, replace: true })).toBe(KEY)
  })

  it('leaves faults of our own as they are', async () => {
    const suite = {
      ...nobleSuite,
      sha256: (): never => {
        throw new Error('broken')
      },
    }
    await expect(openSeed(TEXT, PASSPHRASE, suite)).rejects.toThrow(new Error('broken'))
  })
})
