// How keys are reached, and why they are not, told by the command: against a real server and real peers.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT_CODES } from './errors.ts'
import type { JsonLine } from './testing/keymesh-process.ts'
import { run, startEcho, startServer, stopAll } from './testing/keymesh-process.ts'

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9'
/** Of a seed that repeats one byte: valid, and nobody's. */
const UNKNOWN = 'key_AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9'

let folder = ''
let url = ''
let serverKey = ''
let echoKey = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-routes-'))
  const server = await startServer(join(folder, 'server'))
  url = server.url
  serverKey = server.key
  echoKey = (await startEcho(join(folder, 'echo'), url)).key
})

afterAll(async () => {
  await stopAll()
  await rm(folder, { recursive: true, force: true })
})

function firstRoute(event: JsonLine | undefined): unknown {
  return Array.isArray(event?.routes) ? event.routes[0] : undefined
}

describe('routes', () => {
  it('ranks the ways to a key, and opens none', async () => {
    const { exit, events } = await run('routes', echoKey, '--server', url, '--json')
    expect(exit).toBe(0)
    expect(events).toEqual([{ event: 'routes', key: echoKey, routes: expect.any(Array) }])
    expect(firstRoute(events[0])).toMatchObject({
      destination: echoKey,
      hops: [serverKey],
      state: 'untried',
    })
    const { stdout } = await run('routes', echoKey, '--server', url)
    expect(stdout).toMatch(new RegExp(`^1  ${serverKey.slice(0, 12)}…  untried +2 `, 'm'))
  })
})

describe('explain', () => {
  it('tells how a key is reached', async () => {
    const { exit, events } = await run('explain', echoKey, '--server', url, '--json')
    expect(events.map(({ event }) => event)).toEqual(['dialing', 'explained'])
    expect(events[1]).toMatchObject({
      key: echoKey,
      mode: 'fast',
      record: 'found',
      homes: [serverKey],
      servers: [{ state: 'online', key: serverKey }],
      advice: { kind: 'reached' },
    })
    expect(firstRoute(events[1])).toMatchObject({
      hops: [serverKey],
      state: 'active',
      rttMs: expect.any(Number),
    })
    expect(exit).toBe(0)
  })

  it('tells which step failed for a peer that has gone, and ends as a dial does', async () => {
    const gone = await startEcho(join(folder, 'gone'), url)
    gone.process.kill('SIGKILL')
    await gone.process.exited
    const { exit, events } = await run('explain', gone.key, '--server', url, '--json')
    const explained = events.find(({ event }) => event === 'explained')
    expect(explained).toMatchObject({ record: 'found', advice: { kind: 'failed' } })
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'OFFLINE' })
    expect(exit).toBe(EXIT_CODES.OFFLINE)
  })

  it('tells of a key that nobody knows, with all that was asked', async () => {
    const { exit, stdout, stderr } = await run('explain', UNKNOWN, '--server', url)
    expect(exit).toBe(EXIT_CODES.NOT_FOUND)
    expect(stdout).toContain('record        none: no server knows this key\n')
    expect(stderr).toContain('keymesh: No server knows this key. (NOT_FOUND)\n')
  })

  it('works without any server, and says that this is what is missing', async () => {
    const time = ['--timeout', '1500']
    const { exit, events } = await run('explain', echoKey, '--server', NOWHERE, ...time, '--json')
    const explained = events.find(({ event }) => event === 'explained')
    expect(explained).toMatchObject({
      record: 'noAnswer',
      servers: [{ error: { code: 'UNREACHABLE' } }],
    })
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'UNREACHABLE' })
    expect(exit).toBe(EXIT_CODES.UNREACHABLE)
  })
})

describe('--mode', () => {
  const once = ['--count', '1', '--json']

  it('relay goes over a server', async () => {
    const { exit, events } = await run('ping', echoKey, '--server', url, '--mode', 'relay', ...once)
    expect(exit).toBe(0)
    expect(events[0]).toMatchObject({ path: { kind: 'relay', mode: 'relay', hops: [serverKey] } })
  })

  it('private is refused rather than given less', async () => {
    const mode = ['--mode', 'private']
    const { exit, events } = await run('ping', echoKey, '--server', url, ...mode, ...once)
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'NO_PATH' })
    expect(exit).toBe(EXIT_CODES.NO_PATH)
    const explained = await run('explain', echoKey, '--server', url, ...mode, '--json')
    expect(explained.events.at(-1)).toMatchObject({
      code: 'NO_PATH',
      hint: expect.stringContaining('another mode'),
    })
  })
})
