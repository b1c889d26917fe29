import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from './folder-lock.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-lock-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const inUse = expect.objectContaining({ name: 'MeshError', code: 'IN_USE' })

/** A process that holds the lock until it is killed. */
async function holdInProcess(): Promise<ChildProcess> {
  const module = JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)
  const script = `
    import(${module}).then(({ lockFolder }) => lockFolder(${JSON.stringify(folder)})).then(() => {
      setInterval(() => {}, 1000)
      console.log('held')
    })`
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], { stdio: 'pipe' })
  await once(child.stdout, 'data')
  return child
}

/** What a process leaves that was killed: a socket file on which nobody listens. */
async function leaveDeadLock(): Promise<void> {
  const path = join(folder, `lock-${randomBytes(8).toString('hex')}`)
  const script = `
    const server = require('node:net').createServer()
    server.listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  await once(spawn(process.execPath, ['-e', script]), 'exit')
  expect((await stat(path)).isSocket()).toBe(true)
}

/** Many ask for the lock at once: one gets it, the others are told, and nothing is left in the end. */
async function contend(contenders: number): Promise<void> {
  const all = Array.from({ length: contenders }, () => lockFolder(folder))
  const results = await Promise.allSettled(all)
  const held = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  expect(held).toHaveLength(1)
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toEqual(inUse)
  }
  for (const release of held) await release()
  expect(await readdir(folder)).toEqual([])
}

describe('lockFolder', () => {
  it('lets one holder in at a time', async () => {
    const release = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toEqual(inUse)
    await release()
    await (await lockFolder(folder))()
  })

  it('knows the folder by every way that leads to it', async () => {
    const other = join(folder, 'other')
    await mkdir(join(folder, 'real'))
    await symlink(join(folder, 'real'), other)
    const release = await lockFolder(join(folder, 'real'))
    await expect(lockFolder(other)).rejects.toEqual(inUse)
    await release()
  })

  it('does not depend on where temporary files go', async () => {
    const release = await lockFolder(folder)
    const before = process.env.TMPDIR
    process.env.TMPDIR = folder
    try {
      await expect(lockFolder(folder)).rejects.toEqual(inUse)
    } finally {
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
    }
    await release()
  })

  it('keeps two folders apart, also with paths too long for a socket', async () => {
    const long = join(folder, 'x'.repeat(120))
    await mkdir(join(long, 'a'), { recursive: true })
    await mkdir(join(long, 'b'))
    const releaseA = await lockFolder(join(long, 'a'))
    const releaseB = await lockFolder(join(long, 'b'))
    await expect(lockFolder(join(long, 'a'))).rejects.toEqual(inUse)
    await releaseA()
    await (await lockFolder(join(long, 'a')))()
    await releaseB()
  })

  it('leaves nothing behind', async () => {
    await (await lockFolder(folder))()
    expect(await readdir(folder)).toEqual([])
  })

  it('takes over from a process that was killed', async () => {
    await leaveDeadLock()
    const release = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toEqual(inUse)
    await release()
    expect(await readdir(folder)).toEqual([])
  })

  it('lets exactly one of many take over', async () => {
    for (let round = 0; round < 5; round += 1) {
      await leaveDeadLock()
      await contend(8)
    }
  })

  it('lets exactly one in of many that come at once', async () => {
    for (let round = 0; round < 20; round += 1) await contend(16)
  })

  it('clears away what several killed processes left', async () => {
    for (let i = 0; i < 3; i += 1) await leaveDeadLock()
    const release = await lockFolder(folder)
    expect(await readdir(folder)).toHaveLength(1)
    await release()
  })

  it('counts a process that is stopped as one that may go on', async () => {
    const holder = await holdInProcess()
    holder.kill('SIGSTOP')
    await expect(lockFolder(folder)).rejects.toEqual(inUse)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await (await lockFolder(folder))()
  })

  it('does not mistake another file for a claim that is alive', async () => {
    await writeFile(join(folder, 'lock-0'), '')
    await writeFile(join(folder, 'other'), '')
    await (await lockFolder(folder))()
    expect(await readdir(folder)).toEqual(['other'])
  })

  it('tells when the folder cannot be used', async () => {
    await expect(lockFolder(join(folder, 'absent'))).rejects.toMatchObject({
      code: 'STORAGE',
      message: expect.stringContaining('ENOENT'),
    })
  })

  it.skipIf(process.getuid?.() === 0)('tells when the folder cannot be written', async () => {
    await chmod(folder, 0o500)
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'STORAGE' })
  })
})
