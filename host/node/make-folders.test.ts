import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolders } from './make-folders.ts'

let root = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'keymesh-folder-'))
})

afterEach(() => rm(root, { recursive: true, force: true }))

describe('a folder', () => {
  it('is made with those above it, for its owner only', async () => {
    await makeFolders(join(root, 'a', 'b', 'c'))
    for (const folder of ['a', 'a/b', 'a/b/c']) {
      expect((await stat(join(root, folder))).mode & 0o777).toBe(0o700)
    }
  })

  it('that is there stays as it is', async () => {
    const folder = join(root, 'a')
    await mkdir(folder, { mode: 0o755 })
    await writeFile(join(folder, 'x'), '')
    await makeFolders(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o755)
    expect(await readdir(folder)).toEqual(['x'])
    await makeFolders('/')
    await makeFolders('.')
  })

  it('may be a link to one', async () => {
    await mkdir(join(root, 'a'))
    await symlink('a', join(root, 'link'))
    await makeFolders(join(root, 'link', 'b'))
    await makeFolders(join(root, 'link'))
    expect(await readdir(join(root, 'a'))).toEqual(['b'])
  })

  it('is made by several at once', async () => {
    const folder = join(root, 'a', 'b', 'c')
    await Promise.all(Array.from({ length: 8 }, () => makeFolders(folder)))
    expect(await readdir(folder)).toEqual([])
  })

  it('is none where a file is in its place, or above it', async () => {
    await writeFile(join(root, 'file'), '')
    for (const folder of ['file', 'file/a', 'file/a/b']) {
      await expect(makeFolders(join(root, folder))).rejects.toMatchObject({
        code: expect.stringMatching(/^(EEXIST|ENOTDIR)$/),
      })
    }
  })

  it('is none under a link that leads nowhere', async () => {
    await symlink('nowhere', join(root, 'link'))
    await expect(makeFolders(join(root, 'link', 'a'))).rejects.toMatchObject({
      code: expect.stringMatching(/^E/),
    })
  })

  // Elsewhere there is no such place.
  it.runIf(process.platform === 'linux')(
    'is none where the system makes none, at once',
    async () => {
      for (const folder of ['/proc/keymesh', '/proc/keymesh/a']) {
        await expect(makeFolders(folder)).rejects.toMatchObject({ code: 'ENOENT' })
      }
    },
  )
})
