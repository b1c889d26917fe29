// `keymesh id` with its files, in this process: what it says, and that nothing is lost or half written.

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toCliError } from '../errors.ts'
import { Output } from '../output.ts'
import { buildProgram } from '../program.ts'

let folder = ''
let backup = ''
const data = (name: string) => ['--data', join(folder, name)]

/** @returns what was written to stdout, or the code of the failure */
async function id(input: string, ...args: string[]): Promise<string> {
  const stdin = new PassThrough()
  stdin.end(input)
  const written: string[] = []
  const stdout = { write: (text: string) => written.push(text) }
  const nowhere = { write: () => {} }
  const program = buildProgram({
    output: new Output({ stdout, stderr: nowhere, env: {}, isJson: false }),
    signal: new AbortController().signal,
    env: {},
    stdin,
    stdout: process.stdout,
    interrupt: () => {},
  })
  try {
    await program.parseAsync(['id', ...args], { from: 'user' })
    return written.join('')
  } catch (error) {
    return toCliError(error).code
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-id-'))
  backup = join(folder, 'backup.txt')
  const key = await id('', ...data('owner'))
  expect(await id('secret words\n', ...data('owner'), '--backup', backup)).toBe(key)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('keymesh id --backup', () => {
  it('has written a text for its owner only', async () => {
    expect((await stat(backup)).mode & 0o777).toBe(0o600)
    expect(await readFile(backup, 'latin1')).toMatch(
      /^-----BEGIN KEYMESH BACKUP-----\n(\w{1,40}\n)+-----END KEYMESH BACKUP-----\n$/,
    )
  })

  it('overwrites nothing, and says so before it asks', async () => {
    const before = await readFile(backup, 'latin1')
    expect(await id('', ...data('nobody'), '--backup', backup)).toBe('USAGE')
    expect(await readFile(backup, 'latin1')).toBe(before)
  })

  it.each([
    ['there is no identity', 'secret words\n', 'nobody', 'x', 'NOT_FOUND'],
    ['there is no passphrase', '', 'owner', 'x', 'USAGE'],
    ['the passphrase is short', 'short\n', 'owner', 'x', 'USAGE'],
    ['there is no folder for the file', 'secret words\n', 'owner', 'none/x', 'STORAGE'],
  ])('writes nothing when %s', async (_, input, owner, file, code) => {
    const before = await readdir(folder)
    expect(await id(input, ...data(owner), '--backup', join(folder, file))).toBe(code)
    expect(await readdir(folder)).toEqual(before)
  })
})

describe('keymesh id --restore', () => {
  it('loses another identity only with --replace', async () => {
    const key = await id('', ...data('owner'))
    const other = await id('', ...data('other'))
    expect(await id('secret words\n', ...data('other'), '--restore', backup)).toBe('USAGE')
    expect(await id('', ...data('other'))).toBe(other)
    expect(await id('secret words\n', ...data('other'), '--restore', backup, '--replace')).toBe(key)
    expect(await id('', ...data('other'))).toBe(key)
  })

  it('takes no backup that was changed', async () => {
    const broken = join(folder, 'broken.txt')
    await writeFile(broken, (await readFile(backup, 'latin1')).replace(/\n./, '\n'))
    expect(await id('secret words\n', ...data('never'), '--restore', broken)).toBe('CORRUPT')
  })

  it('reads no more of a file than a backup can be long', async () => {
    const long = join(folder, 'long.txt')
    await writeFile(long, `${' '.repeat(2 ** 20)}${await readFile(backup, 'latin1')}`)
    expect(await id('secret words\n', ...data('never'), '--restore', long)).toBe('CORRUPT')
  })

  it.each([
    ['the passphrase is another', 'Secret\n', 'backup.txt', 'UNAUTHENTICATED'],
    ['there is no such file', 'secret words\n', 'none', 'STORAGE'],
    ['the file is a folder', 'secret words\n', '', 'STORAGE'],
  ])('makes no folder when %s', async (_, input, file, code) => {
    expect(await id(input, ...data('never'), '--restore', join(folder, file))).toBe(code)
    expect(await readdir(folder)).not.toContain('never')
  })

  it('does not take text and passphrase from one pipe', async () => {
    expect(await id('secret words\n', ...data('never'), '--restore', '-')).toBe('USAGE')
  })
})
