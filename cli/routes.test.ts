// How keys are reached, and why they are not, told by the command: against a real server and real peers.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT_CODES } from './errors.ts'
import type { JsonLine } from './testing/keymesh-process.ts'
import { keymesh, run, startEcho, startServer, stopAll } from './testing/keymesh-process.ts'

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9'
/** Of a seed that repeats one byte: valid, and nobody's. */
const UNKNOWN = 'key_AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9'

const OVER_SERVER = ['--webrtc', 'off']

let folder = ''
let url = ''
let serverKey = ''
let echoKey = ''

const data = (name: string) => ['--data', join(folder, name)]

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

function hostOf(address: string): string {
  return new URL(address).host
}

function firstRoute(event: JsonLine | undefined): unknown {
  return Array.isArray(event?.routes) ? event.routes[0] : undefined
}

/** @returns folders: the lower key is the one to offer a direct connection, and does so at once */
async function twoIdentities(): Promise<[string, string]> {
  const [one = '', two = ''] = await Promise.all(
    ['one', 'two'].map(async name => (await run('id', ...data(name))).stdout.trim()),
  )
  const isLower = one.length === two.length ? one < two : one.length < two.length
  return isLower ? ['one', 'two'] : ['two', 'one']
}

describe('routes', () => {
  it('ranks the ways to a key, and opens none', async () => {
    const { exit, events } = await run('routes', echoKey, '--server', url, '--json')
    expect(exit).toBe(0)
    expect(events).toEqual([
      { event: 'routes', key: echoKey, state: 'online', routes: expect.any(Array) },
    ])
    expect(firstRoute(events[0])).toMatchObject({
      destination: echoKey,
      hops: [serverKey],
      state: 'idle',
    })
    const { stdout } = await run('routes', echoKey, '--server', url)
    expect(stdout).toMatch(/^Routes, by cost:\n/)
    expect(stdout).toMatch(new RegExp(`^1  ${hostOf(url)} +idle +1 `, 'm'))
  })

  it('says that the key is offline where its servers say so', async () => {
    const gone = await startEcho(join(folder, 'gone-too'), url)
    gone.process.kill('SIGKILL')
    await gone.process.exited
    // They give it a while to come back.
    await expect
      .poll(async () => (await run('routes', gone.key, '--server', url)).stdout, {
        timeout: 30_000,
      })
      .toMatch(/^The key is offline, as its servers say; /)
  }, 40_000)

  it('says why there are none, and which command tells more', async () => {
    const mode = ['--mode', 'private']
    const none = await run('routes', echoKey, '--server', url, ...mode)
    expect(none.exit).toBe(EXIT_CODES.NO_PATH)
    expect(none.stderr).toContain(
      'keymesh: A private path takes three relays of different networks',
    )
    expect(none.stderr).toContain(`keymesh explain ${echoKey} --mode private -s ${url}\n`)
  })
})

describe('explain', () => {
  it('tells how a key is reached', async () => {
    const { exit, events } = await run(
      'explain',
      echoKey,
      '--server',
      url,
      ...OVER_SERVER,
      '--json',
    )
    expect(events.map(({ event }) => event)).toEqual(['dialing', 'explained'])
    expect(events[1]).toMatchObject({
      key: echoKey,
      mode: 'fast',
      record: 'found',
      homes: [serverKey],
      servers: [{ state: 'online', key: serverKey }],
      links: expect.arrayContaining([
        expect.objectContaining({ key: serverKey, kind: 'server', openedBy: 'us' }),
      ]),
      noDirect: 'switchedOff',
      advice: { kind: 'reached' },
    })
    expect(firstRoute(events[1])).toMatchObject({
      hops: [serverKey],
      state: 'active',
      rttMs: expect.any(Number),
    })
    expect(exit).toBe(0)
  })

  it('waits for what comes of a direct connection', async () => {
    const [low, high] = await twoIdentities()
    const echo = keymesh('echo', '--server', url, ...OVER_SERVER, ...data(high), '--json')
    const { key } = await echo.event(({ event }) => event === 'ready')
    const asked = ['explain', String(key), '--server', url]
    const { exit, events } = await run(...asked, ...data(low), '--json')
    expect(exit).toBe(0)
    expect(events.at(-1)).toMatchObject({ direct: { state: 'idle', reason: 'unsupported' } })
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

  it('tells of a key that nobody knows, with all that was asked, the verdict included', async () => {
    const { exit, stdout, stderr } = await run('explain', UNKNOWN, '--server', url)
    expect(exit).toBe(EXIT_CODES.NOT_FOUND)
    expect(stdout).toContain('record        none: no server knows this key\n')
    expect(stdout).toMatch(new RegExp(`\n\nYour links:\nto .*\n${hostOf(url)} +WebSocket `))
    expect(stdout).toMatch(/\n\n✗ No server knows this key\. \(NOT_FOUND\)\n {2}Compare it .*\n$/)
    expect(stderr).toContain('keymesh: No server knows this key. (NOT_FOUND)\n')
  })

  it('names servers by their hosts, and tells a server from a client', async () => {
    const { stdout } = await run('explain', echoKey, '--server', url, ...OVER_SERVER)
    expect(stdout).toContain(`attached to   ${serverKey} ${hostOf(url)}\n`)
    expect(stdout).toContain('direct        not from here: switched off (--webrtc off)\n')
    expect(stdout).toMatch(new RegExp(`^1  ${hostOf(url)} +active +1 `, 'm'))
    const server = await run('explain', serverKey, '--server', url)
    expect(server.stdout).toContain('attached to   nobody: it is a server itself\n')
  })

  it('does not blame the way to a peer that lets in others only', async () => {
    const shy = keymesh('chat', UNKNOWN, '--server', url, ...data('shy'), '--json')
    const { key } = await shy.event(({ event }) => event === 'ready')
    const { exit, stdout, stderr } = await run('explain', String(key), '--server', url)
    expect(exit).toBe(EXIT_CODES.REFUSED)
    expect(stdout).toMatch(new RegExp(`^1  ${hostOf(url)} +idle +1 `, 'm'))
    expect(stdout).toMatch(/ refused by the peer over .* ✗ .* \(REFUSED\)$/m)
    expect(stderr).toContain('It was asked under a new key')
  })

  it('asks under the kept key where that is free, else under a new one', async () => {
    const me = (await run('id', ...data('me'))).stdout.trim()
    const asMe = await run('explain', echoKey, '--server', url, ...data('me'))
    expect(asMe.stdout).toContain(`\nasked as      ${me}\n`)
    const inUse = await run('explain', echoKey, '--server', url, ...data('echo'))
    expect(inUse.exit).toBe(0)
    expect(inUse.stdout).toMatch(/\nasked as {6}key_\w+ \(new\)\n/)
    expect(inUse.stderr).toContain('is used by another keymesh process: asking under a new one')
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
    // One sentence, whoever is asked.
    expect(explained.events.at(-1)?.message).toBe(events.at(-1)?.message)
  })
})
