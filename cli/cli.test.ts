// The command against a real server node and a real peer, each in a process of its own.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeymeshProcess } from './testing/keymesh-process.ts'
import { keymesh, run, startEcho, startServer, stopAll } from './testing/keymesh-process.ts'

let folder = ''
let url = ''
let serverKey = ''
let echoKey = ''
let echo: KeymeshProcess

const data = (name: string) => ['--data', join(folder, name)]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-cli-'))
  const server = await startServer(join(folder, 'server'))
  url = server.url
  serverKey = server.key
  const peer = await startEcho(join(folder, 'echo'), url)
  echoKey = peer.key
  echo = peer.process
})

afterAll(async () => {
  await stopAll()
  await rm(folder, { recursive: true, force: true })
})

describe('ping', () => {
  it('measures as many round trips as asked for and sums them up', async () => {
    const count = ['--count', '20', '--interval', '0']
    const { exit, events, stderr } = await run('ping', echoKey, '--server', url, ...count, '--json')
    expect(stderr).toBe('')
    expect(exit).toBe(0)
    const pongs = events.filter(({ event }) => event === 'pong')
    expect(pongs.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    const rttsMs = pongs.map(({ rttMs }) => Number(rttMs))
    expect(events.at(0)).toMatchObject({
      event: 'dialed',
      key: echoKey,
      path: { kind: 'relay', hops: [serverKey] },
    })
    expect(events.at(-1)).toMatchObject({
      event: 'summary',
      sent: 20,
      received: 20,
      minMs: Math.min(...rttsMs),
      maxMs: Math.max(...rttsMs),
    })
  })

  it('reads like the ping of IP for people, without colours in a pipe', async () => {
    const { exit, stdout } = await run('ping', echoKey, '--server', url, '--count', '1')
    const short = `${echoKey.slice(0, 12)}…`
    expect(exit).toBe(0)
    expect(stdout).toContain(`PING ${echoKey}: relay through ${serverKey.slice(0, 12)}…\n`)
    expect(stdout).toMatch(
      new RegExp(`^answer from ${short}: seq=1 time=[0-9.]+ ms relay, 1 hop$`, 'm'),
    )
    expect(stdout).toContain('1 sent, 1 received, 0% lost\nround trip min/median/max = ')
  })

  it('ends on Ctrl-C with its summary', async () => {
    const ping = keymesh('ping', echoKey, '--server', url, '--interval', '10', '--json')
    await ping.event(({ event, seq }) => event === 'pong' && seq === 3)
    ping.kill('SIGINT')
    expect(await ping.exited).toBe(130)
    expect(ping.events.at(-1)).toMatchObject({ event: 'summary' })
    expect(ping.stderr).toBe('')
  })

  it('ends quietly when nobody reads its output any more', async () => {
    const ping = keymesh('ping', echoKey, '--server', url, '--interval', '10', '--json')
    await ping.event(({ event }) => event === 'pong')
    ping.closeStdout()
    expect(await ping.exited).toBe(141)
    expect(ping.stderr).toBe('')
  })
})

describe('send', () => {
  it('waits for the receipt', async () => {
    const sent = await run('send', echoKey, 'hello', '--server', url, ...data('sender'), '--json')
    expect(sent.exit).toBe(0)
    const [delivered] = sent.events
    expect(delivered).toMatchObject({ event: 'delivered', to: echoKey })
    const message = await echo.event(({ id }) => id === delivered?.id)
    const { events } = await run('id', ...data('sender'), '--json')
    expect(message).toMatchObject({ event: 'message', from: events[0]?.key, text: 'hello' })
  })

  it('reads from stdin, text and bytes alike', async () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => 255 - (i % 256))
    for (const [input, field, value] of [
      ['two\nlines\n', 'text', 'two\nlines\n'],
      [bytes, 'base64', Buffer.from(bytes).toString('base64')],
    ] as const) {
      const send = keymesh('send', echoKey, '-', '--server', url, ...data('sender'), '--json')
      send.write(input)
      send.endInput()
      expect(await send.exited).toBe(0)
      const { id } = await send.event(({ event }) => event === 'delivered')
      expect(await echo.event(line => line.id === id)).toMatchObject({ [field]: value })
    }
  })
})

describe('chat', () => {
  it('talks through a pipe: lines out, answers in, each with its fate', async () => {
    const chat = keymesh('chat', echoKey, '--server', url, ...data('chatter'), '--json')
    await chat.event(({ event }) => event === 'path')
    chat.write('one\ntwo\n')
    for (const text of ['one', 'two']) {
      await chat.event(line => line.event === 'message' && line.text === text)
      await chat.event(line => line.event === 'delivered' && line.text === text)
    }
    chat.endInput()
    expect(await chat.exited).toBe(0)
    expect(chat.stderr).toBe('')
    const names = new Set(chat.events.map(({ event }) => event))
    expect(names).toEqual(new Set(['ready', 'path', 'message', 'delivered']))
  })

  it('delivers every line of a long pipe, in order, before it ends', async () => {
    const lines = Array.from({ length: 200 }, (_, i) => `line ${i}`)
    const chat = keymesh('chat', echoKey, '--server', url, ...data('chatter'), '--json')
    chat.write(`${lines.join('\n')}\n`)
    chat.endInput()
    expect(await chat.exited).toBe(0)
    const delivered = chat.events.filter(({ event }) => event === 'delivered')
    expect(delivered.map(({ text }) => text)).toEqual(lines)
  })

  it('ends on Ctrl-C', async () => {
    const chat = keymesh('chat', echoKey, '--server', url, ...data('chatter'), '--json')
    await chat.event(({ event }) => event === 'path')
    chat.kill('SIGINT')
    expect(await chat.exited).toBe(130)
    expect(chat.stderr).toBe('')
  })

  it('connects two people, whoever comes first', async () => {
    const { stdout } = await run('id', ...data('bob'))
    const bobKey = stdout.trim()
    const alice = keymesh('chat', bobKey, '--server', url, ...data('alice'), '--json')
    const { key: aliceKey } = await alice.event(({ event }) => event === 'ready')
    await alice.event(({ event, code }) => event === 'waiting' && code === 'NOT_FOUND')
    const bob = keymesh('chat', String(aliceKey), '--server', url, ...data('bob'), '--json')
    bob.write('hi Alice\n')
    await alice.event(({ event, text }) => event === 'message' && text === 'hi Alice')
    alice.write('hi Bob\n')
    await bob.event(({ event, text }) => event === 'message' && text === 'hi Bob')
    for (const one of [alice, bob]) {
      one.endInput()
      expect(await one.exited).toBe(0)
    }
  })
})

describe('lookup', () => {
  it('shows the record of a key', async () => {
    const { exit, events } = await run('lookup', echoKey, '--server', url, '--json')
    expect(exit).toBe(0)
    expect(events).toEqual([
      {
        event: 'record',
        key: echoKey,
        type: 'client',
        lastSeen: expect.any(Number),
        sequence: expect.any(Number),
        servers: [serverKey],
        endpoints: [],
        metadata: {},
      },
    ])
    const { stdout } = await run('lookup', echoKey, '--server', url)
    expect(stdout).toContain(`servers    ${serverKey}\n`)
  })
})

describe('serve', () => {
  it.each([
    [['--stun-port', '0'], expect.any(Number)],
    [['--no-stun'], null],
  ])('with %o says where it answers STUN', async (options, stun) => {
    const folder = data(`stun ${options[0]}`)
    const server = keymesh('serve', '--port', '0', ...folder, ...options, '--json')
    const { url } = await server.event(line => line.event === 'ready')
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: 'ok', stun })
    server.kill('SIGTERM')
    expect(await server.exited).toBe(143)
  })
})

describe('serve and echo', () => {
  it('end in order when they are asked to', async () => {
    const server = await startServer(join(folder, 'second'))
    const peer = await startEcho(join(folder, 'second-echo'), server.url)
    peer.process.kill('SIGTERM')
    expect(await peer.process.exited).toBe(143)
    server.process.kill('SIGINT')
    expect(await server.process.exited).toBe(130)
    expect(peer.process.stderr + server.process.stderr).toBe('')
  })
})
