// A backup as people script it: `keymesh id` in processes of their own, through files and pipes.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { keymesh, startServer, stopAll } from './testing/keymesh-process.ts'

let folder = ''
const data = (name: string) => ['--data', join(folder, name)]

/** Runs `keymesh id` to its end. */
async function id(input: string, ...args: string[]) {
  const command = keymesh('id', ...args)
  command.write(input)
  command.endInput()
  const exit = await command.exited
  const { stdout, stderr, events } = command
  return { exit, stdout, stderr, events }
}

beforeAll(async () => {
  delete process.env.KEYMESH_PASSPHRASE
  folder = await mkdtemp(join(tmpdir(), 'keymesh-backup-'))
})

afterEach(() => void vi.unstubAllEnvs())

afterAll(async () => {
  await stopAll()
  await rm(folder, { recursive: true, force: true })
})

describe('keymesh id', () => {
  it('backs a running server up, and restores only when it is stopped', async () => {
    const { process: server, key } = await startServer(join(folder, 'server'))
    const file = join(folder, 'backup.txt')
    const backup = await id('secret words\n', ...data('server'), '--backup', file, '--json')
    expect(backup).toMatchObject({ exit: 0, stderr: '', events: [{ event: 'backup', key, file }] })
    const restore = ['--restore', file, '--replace', '--json']
    const refused = await id('secret words\n', ...data('server'), ...restore)
    expect(refused).toMatchObject({ exit: 10, events: [{ event: 'error', code: 'IN_USE' }] })
    server.kill('SIGTERM')
    await server.exited
    const restored = await id('secret words\n', ...data('server'), ...restore)
    expect(restored).toMatchObject({ exit: 0, stderr: '', events: [{ event: 'restored', key }] })
  })

  it('writes to a pipe what it reads from one', async () => {
    vi.stubEnv('KEYMESH_PASSPHRASE', 'secret words')
    const key = (await id('', ...data('owner'))).stdout
    const { exit, stdout, stderr } = await id('', ...data('owner'), '--backup', '-')
    expect([exit, stderr]).toEqual([0, ''])
    const letter = `Dear me,\n${stdout.replaceAll('\n', '\r\n')}keep this.\n`
    const restored = await id(letter, ...data('piped'), '--restore', '-')
    expect(restored).toMatchObject({ exit: 0, stdout: key, stderr: '' })
  })

  it('ends in the exit code of what went wrong', async () => {
    const { exit, stderr } = await id('secret words\n', ...data('nobody'), '--backup', '-')
    expect(exit).toBe(3)
    expect(stderr).toContain('has no identity yet. (NOT_FOUND)\n')
  })
})
