// What the registry knows of keys, told by the command: watching, and the end of a key.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT_CODES } from './errors.ts'
import { keymesh, run, startEcho, startServer, stopAll } from './testing/keymesh-process.ts'

let folder = ''
let url = ''

const data = (name: string) => ['--data', join(folder, name)]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-registry-'))
  url = (await startServer(join(folder, 'server'))).url
})

afterAll(async () => {
  await stopAll()
  await rm(folder, { recursive: true, force: true })
})

describe('watch', () => {
  it('tells of several keys, each change in a line, until it is stopped', async () => {
    const here = await startEcho(join(folder, 'here'), url)
    const later = (await run('id', ...data('later'), '--json')).events[0]?.key as string
    const watch = keymesh('watch', here.key, later, here.key, '--server', url, '--json')
    const isNews = (key: string, state: string) => (line: Record<string, unknown>) =>
      line.event === 'presence' && line.key === key && line.state === state
    const online = await watch.event(isNews(here.key, 'online'))
    expect(online).toMatchObject({ record: { key: here.key, servers: [expect.any(String)] } })
    await startEcho(join(folder, 'later'), url)
    await watch.event(isNews(later, 'online'))
    here.process.kill('SIGINT')
    await watch.event(isNews(here.key, 'offline'))
    watch.kill('SIGINT')
    expect(await watch.exited).toBe(130)
    expect(watch.stderr).toBe('')
  }, 60_000)
})

describe('revoke', () => {
  it('asks first, and does nothing where there is nobody to ask', async () => {
    await run('id', ...data('careful'))
    const { exit, events } = await run('revoke', ...data('careful'), '--server', url, '--json')
    expect(exit).toBe(EXIT_CODES.USAGE)
    expect(events).toMatchObject([{ code: 'USAGE', hint: expect.stringContaining('--yes') }])
  })

  it('ends a key for everybody, and names its successor', async () => {
    const { events: ids } = await run('id', ...data('heir'), '--json')
    const heir = ids[0]?.key as string
    const old = await startEcho(join(folder, 'old'), url)
    const watch = keymesh('watch', old.key, '--server', url, '--json')
    await watch.event(line => line.state === 'online')
    old.process.kill('SIGINT')
    await old.process.exited

    const successor = ['--successor', join(folder, 'heir'), '--yes']
    const revoked = await run('revoke', ...data('old'), '--server', url, ...successor, '--json')
    expect(revoked.events).toEqual([
      { event: 'revoked', key: old.key, servers: 1, successor: heir },
    ])
    expect(revoked.exit).toBe(0)
    const told = await watch.event(line => line.state === 'revoked')
    expect(told).toEqual({ event: 'presence', key: old.key, state: 'revoked', successor: heir })

    for (const command of ['lookup', 'ping']) {
      const { exit, events } = await run(command, old.key, '--server', url, '--json')
      expect(exit).toBe(EXIT_CODES.REVOKED)
      expect(events.at(-1)).toMatchObject({
        event: 'error',
        code: 'REVOKED',
        hint: `Its successor is ${heir}.`,
      })
    }
    // The key itself is told, too, at once and for good.
    const { exit, events } = await run('echo', ...data('old'), '--server', url, '--json')
    expect(exit).toBe(EXIT_CODES.REVOKED)
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'REVOKED' })
  }, 60_000)

  it('needs the identity that it ends, and the one that succeeds', async () => {
    const absent = await run('revoke', ...data('absent'), '--yes', '--json')
    expect(absent.events).toMatchObject([{ code: 'NOT_FOUND' }])
    await run('id', ...data('present'))
    const heir = ['--successor', join(folder, 'absent')]
    const orphan = await run('revoke', ...data('present'), ...heir, '--yes', '--json')
    expect(orphan.events).toMatchObject([{ code: 'NOT_FOUND' }])
    const same = ['--successor', join(folder, 'present'), '--server', url]
    const self = await run('revoke', ...data('present'), ...same, '--yes', '--json')
    expect(self.events).toMatchObject([{ code: 'USAGE' }])
  })
})
