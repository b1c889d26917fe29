// What goes wrong in the world, as the real command tells it: one sentence, a code, an exit code, nothing
// lost. docs/ERRORS.md has the whole table.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenForSockets } from '../host/node/testing/ws-listener.ts'
import { CLOSE_CODE } from '../shared/wire/close-code.ts'
import { WS_CLOSE_BASE } from '../shared/wire/limits.ts'
import { EXIT_CODES } from './errors.ts'
import { keymesh, run, startEcho, startServer, stopAll } from './testing/keymesh-process.ts'

let folder = ''
let url = ''
let echoKey = ''
let absentKey = ''

const data = (name: string) => ['--data', join(folder, name)]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-failures-'))
  url = (await startServer(join(folder, 'server'))).url
  echoKey = (await startEcho(join(folder, 'echo'), url)).key
  absentKey = (await run('id', ...data('absent'))).stdout.trim()
})

afterAll(async () => {
  await stopAll()
  await rm(folder, { recursive: true, force: true })
})

async function expectFailure(code: keyof typeof EXIT_CODES, ...args: string[]): Promise<void> {
  const { exit, events, stderr } = await run(...args, '--json')
  const errors = events.filter(({ event }) => event === 'error')
  expect(errors).toEqual([
    {
      event: 'error',
      code,
      message: expect.stringMatching(/^\S.{5,250}[^.]\.$/),
      hint: expect.stringMatching(/^\S.{5,250}[^.]\.$/),
    },
  ])
  expect(stderr).toBe('')
  expect(exit).toBe(EXIT_CODES[code])
}

describe('a failure', () => {
  it('of the key', () => expectFailure('INVALID_KEY', 'ping', 'key_abc', '--server', url))

  it('is told to people on stderr, in two lines', async () => {
    const { exit, stdout, stderr } = await run('ping', 'nobody')
    expect(exit).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toBe(
      'keymesh: A key starts with "key_". (INVALID_KEY)\n' +
        '  Check the key: it starts with key_ and must be copied whole.\n',
    )
  })

  it('unknown key', () => expectFailure('NOT_FOUND', 'ping', absentKey, '--server', url))
  it('unknown key, looked up', () =>
    expectFailure('NOT_FOUND', 'lookup', absentKey, '--server', url))

  it('own key', async () => {
    const { stdout } = await run('id', ...data('own'))
    await expectFailure('REFUSED', 'send', stdout.trim(), 'x', '--server', url, ...data('own'))
  })

  it('peer offline', async () => {
    const peer = await startEcho(join(folder, 'leaver'), url)
    peer.process.kill('SIGTERM')
    await peer.process.exited
    await expectFailure('OFFLINE', 'send', peer.key, 'x', '--server', url, ...data('own'))
  })

  // A port of the system's choice that was let go may be another test's by now.
  it('server down', () =>
    expectFailure(
      'UNREACHABLE',
      'ping',
      echoKey,
      '--server',
      'ws://127.0.0.1:1',
      '--timeout',
      '300',
    ))

  it('server of another network', () =>
    expectFailure('WRONG_NETWORK', 'ping', echoKey, '--server', url, '--network', '0'.repeat(32)))

  it('server with another key than its address says', () =>
    expectFailure('UNAUTHENTICATED', 'ping', echoKey, '--server', `${url}/#${absentKey}`))

  it('server of another protocol version', async () => {
    const listener = await listenForSockets()
    const stranger = `ws://127.0.0.1:${listener.port}`
    const refused = listener.accepted().then(socket => {
      socket.close(WS_CLOSE_BASE + CLOSE_CODE.incompatible)
    })
    await expectFailure('INCOMPATIBLE', 'ping', echoKey, '--server', stranger)
    await refused
    await listener.close()
  })

  it('port taken', () =>
    expectFailure('IN_USE', 'serve', '--port', new URL(url).port, ...data('server-2')))

  it('folder taken, which does not disturb its holder', async () => {
    await expectFailure('IN_USE', 'echo', '--server', url, ...data('echo'))
    const { exit } = await run('ping', echoKey, '--server', url, '--count', '1')
    expect(exit).toBe(0)
  })

  it('folder damaged, which stays as it is', async () => {
    await mkdir(join(folder, 'damaged'))
    await writeFile(join(folder, 'damaged', 'identity'), 'half an ident')
    for (const command of [['id'], ['serve', '--port', '0']]) {
      await expectFailure('CORRUPT', ...command, ...data('damaged'))
    }
    expect(await readFile(join(folder, 'damaged', 'identity'), 'utf8')).toBe('half an ident')
    expect(await readdir(join(folder, 'damaged'))).toEqual(['identity'])
  })

  it('folder that is none', async () => {
    await writeFile(join(folder, 'file'), '')
    await expectFailure('STORAGE', 'id', ...data('file'))
  })

  it('message too large, from stdin', async () => {
    const send = keymesh('send', echoKey, '-', '--server', url, ...data('own'), '--json')
    send.write(new Uint8Array(1024 * 1024 + 1))
    send.endInput()
    expect(await send.exited).toBe(EXIT_CODES.TOO_LARGE)
    expect(send.events).toMatchObject([{ event: 'error', code: 'TOO_LARGE' }])
  })

  it('address without encryption to another machine', () =>
    expectFailure('USAGE', 'ping', echoKey, '--server', 'ws://192.0.2.1'))
})

describe('a chat', () => {
  it('gives a line by which the other side can join, with the options that it takes', async () => {
    const chat = keymesh('chat', absentKey, '--server', url, ...data('own'))
    chat.endInput()
    await chat.exited
    expect(chat.stderr).toMatch(new RegExp(`join with: keymesh chat key_\\w+ -s ${url}\n`))
  })

  it('tells of lines that were not delivered, and fails when it was fed by a pipe', async () => {
    const chat = keymesh('chat', absentKey, '--server', url, ...data('own'), '--json')
    chat.write('anybody there?\n')
    chat.endInput()
    expect(await chat.exited).toBe(EXIT_CODES.NOT_FOUND)
    await chat.event(({ event, code }) => event === 'failed' && code === 'NOT_FOUND')
  })
})

describe('a server that is killed while a peer is pinged', () => {
  it('costs pings, told with a code in time; they go on once it is back', async () => {
    const first = await startServer(join(folder, 'mortal'))
    const peer = await startEcho(join(folder, 'mortal-echo'), first.url)
    const often = ['--interval', '20', '--timeout', '1000', '--json']
    const ping = keymesh('ping', peer.key, '--server', first.url, ...often)
    await ping.event(({ event, seq }) => event === 'pong' && seq === 3)
    first.process.kill('SIGKILL')
    await first.process.exited
    const lost = await ping.event(({ event }) => event === 'lost')
    expect(lost).toMatchObject({ code: 'UNREACHABLE', message: expect.any(String) })

    const second = await startServer(join(folder, 'mortal'), Number(new URL(first.url).port))
    expect(second.key).toBe(first.key)
    await ping.event(({ event, seq }) => event === 'pong' && Number(seq) > Number(lost.seq))
    ping.kill('SIGINT')
    expect(await ping.exited).toBe(130)
    expect(ping.events.at(-1)).toMatchObject({ event: 'summary' })
    expect(peer.process.events.filter(({ event }) => event === 'status')).toMatchObject([
      { state: 'offline' },
      { state: 'online' },
    ])
  })
})
