import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readBackup, writeBackup } from './backup-file.ts'

let folder = ''
const file = () => join(folder, 'backup.txt')

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-backup-file-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('writeBackup', () => {
  it('leaves a file alone that came between', async () => {
    await writeFile(file(), 'mine')
    await expect(writeBackup(file(), 'text')).rejects.toMatchObject({ code: 'USAGE' })
    expect(await readFile(file(), 'utf8')).toBe('mine')
  })

  it('leaves nothing behind when it cannot write', async () => {
    // No string of the caller's, so that the write itself fails.
    const broken = Symbol('text') as unknown as string
    await expect(writeBackup(file(), broken)).rejects.toMatchObject({ code: 'STORAGE' })
    expect(await readdir(folder)).toEqual([])
  })
})

describe('readBackup', () => {
  const END = '-----END KEYMESH BACKUP-----'
  const open = () => ({ stdin: new PassThrough(), signal: new AbortController().signal })

  it('waits for no more than the last line, and leaves the rest of the input open', async () => {
    const context = open()
    context.stdin.write(`a\n${END}\n`)
    expect(await readBackup('-', context)).toBe(`a\n${END}\n`)
    expect(context.stdin.destroyed).toBe(false)
    context.stdin.destroy()
  })

  it('fails when the input does', async () => {
    const context = open()
    const text = expect(readBackup('-', context)).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('standard input (EIO)'),
    })
    context.stdin.destroy(Object.assign(new Error('bad disk'), { code: 'EIO' }))
    await text
  })

  it('is given up with the command', async () => {
    const aborting = new AbortController()
    const text = expect(
      readBackup('-', { stdin: new PassThrough(), signal: aborting.signal }),
    ).rejects.toMatchObject({ code: 'ABORTED' })
    aborting.abort()
    await text
  })
})
