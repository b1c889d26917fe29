// The door: who gets a link, and what becomes of those who send what no client sends.

import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { LINK_AUTH_TIMEOUT_MS } from '../shared/wire/limits.ts'
import type { RawSocket } from './testing/raw-client.ts'
import {
  closeCodeOf,
  failLogIn,
  logIn,
  nextMessage,
  openWebSocket,
  RawLogin,
  rawConnect,
  UPGRADE,
} from './testing/raw-client.ts'
import { startTestServer, stopAll } from './testing/test-server.ts'

afterEach(stopAll)

/** One frame of a client, masked with zeros. */
function frame(opcode: number, payload: Uint8Array, isLast = true): Buffer {
  const length = payload.length
  const head =
    length < 126
      ? [0x80 | length]
      : length < 65_536
        ? [0x80 | 126, length >> 8, length & 255]
        : [
            0x80 | 127,
            0,
            0,
            0,
            0,
            length >>> 24,
            (length >> 16) & 255,
            (length >> 8) & 255,
            length & 255,
          ]
  return Buffer.from([(isLast ? 0x80 : 0) | opcode, ...head, 0, 0, 0, 0, ...payload])
}

async function upgraded(port: number, from?: string): Promise<RawSocket> {
  const raw = rawConnect(port, from)
  raw.socket.write(UPGRADE)
  await new Promise(resolve => raw.socket.once('data', resolve))
  expect(raw.received()).toMatch(/^HTTP\/1\.1 101 /)
  return raw
}

describe('an upgrade', () => {
  it('speaks our subprotocol and no compression', async () => {
    const server = await startTestServer()
    const socket = await openWebSocket(server.port)
    expect(socket.protocol).toBe('keymesh.1')
    expect(socket.extensions).toBe('')
    socket.terminate()
  })

  it.each([
    ['on another path', UPGRADE.replace('/mesh', '/other'), 404],
    ['without our subprotocol', UPGRADE.replace('keymesh.1', 'other'), 400],
    ['without any subprotocol', UPGRADE.replace(/Sec-WebSocket-Protocol.*\r\n/, ''), 400],
    ['of another version', UPGRADE.replace('Version: 13', 'Version: 7'), 400],
    ['to something else', UPGRADE.replace('Upgrade: websocket', 'Upgrade: h2c'), 400],
    ['without a key', UPGRADE.replace(/Sec-WebSocket-Key.*\r\n/, ''), 400],
    ['by POST', UPGRADE.replace('GET', 'POST'), 405],
  ])('%s is refused', async (_, text, status) => {
    const server = await startTestServer()
    const { socket, ended, received } = rawConnect(server.port)
    socket.write(text)
    await ended
    expect(received()).toContain(`HTTP/1.1 ${status} `)
    await expect.poll(() => server.stats().connections).toBe(0)
  })

  it.each([
    ['by a page of others', UPGRADE.replace('\r\n', '\r\nOrigin: https://evil.example\r\n')],
    ['under a name of others', UPGRADE.replace('Host: localhost', 'Host: evil.example')],
  ])('%s is refused by a server for this machine only', async (_, text) => {
    const server = await startTestServer()
    const { socket, ended, received } = rawConnect(server.port)
    socket.write(text)
    await ended
    expect(received()).toMatch(/^HTTP\/1\.1 403 /)
    expect(server.stats()).toMatchObject({ links: 0 })
  })

  it('by a page of others is taken by a server for others: it may be its client', async () => {
    const server = await startTestServer({ host: '0.0.0.0', insecure: true })
    const { socket, received } = rawConnect(server.port)
    socket.write(UPGRADE.replace('\r\n', '\r\nOrigin: https://two.example\r\n'))
    await new Promise(resolve => socket.once('data', resolve))
    expect(received()).toMatch(/^HTTP\/1\.1 101 /)
    socket.destroy()
  })

  it('over the cap of unauthenticated links is put off with a time', async () => {
    const server = await startTestServer({ limits: { maxUnauthenticatedLinks: 2 } })
    const waiting = await Promise.all([openWebSocket(server.port), openWebSocket(server.port)])
    const { socket, ended, received } = rawConnect(server.port)
    socket.write(UPGRADE)
    await ended
    expect(received()).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: [23]\r\n/s)
    for (const other of waiting) other.terminate()
    await expect.poll(() => server.stats().unauthenticatedLinks).toBe(0)
    ;(await logIn(server.port)).terminate()
  })

  it('counts as unauthenticated until the login is done', async () => {
    const server = await startTestServer()
    const waiting = await openWebSocket(server.port)
    expect(server.stats()).toMatchObject({ links: 1, unauthenticatedLinks: 1 })
    waiting.terminate()
    const link = await logIn(server.port)
    await expect.poll(() => server.stats()).toMatchObject({ links: 1, unauthenticatedLinks: 0 })
    link.terminate()
    await expect.poll(() => server.stats()).toMatchObject({ links: 0, connections: 0 })
  })
})

describe('connections of a trusted proxy', () => {
  it('are not counted by address, and yet bounded in all', async () => {
    const limits = { maxLinks: 2, maxWebConnections: 3, connectsBurst: 1, connectsPerS: 0.001 }
    const server = await startTestServer({ trustProxy: true, host: '127.0.0.1', limits })
    const all = Array.from({ length: 9 }, () => rawConnect(server.port))
    await Promise.all(all.slice(5).map(({ ended }) => ended))
    expect(all.slice(0, 5).every(({ socket }) => !socket.destroyed)).toBe(true)
    expect(server.stats().refused).toBe(4)
    for (const { socket } of all) socket.destroy()
  })
})

describe('a login', () => {
  it('made for another name is refused', async () => {
    const server = await startTestServer({ publicUrls: ['ws://one.example'] })
    const socket = await openWebSocket(server.port)
    const closed = closeCodeOf(socket)
    socket.send(new RawLogin('ws://two.example').hello())
    expect(await closed).toBe(4_003)
  })

  it.each([
    ['ws://one.example', 'one.example'],
    ['ws://one.example', '127.0.0.1'],
  ])('made for %s is taken whatever Host says (%s)', async (origin, hostName) => {
    const server = await startTestServer({ publicUrls: ['ws://one.example'] })
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/mesh`, 'keymesh.1', {
      headers: { Host: hostName },
    })
    await new Promise(resolve => socket.once('open', resolve))
    const login = new RawLogin(origin)
    socket.send(login.hello())
    socket.send(login.proof(await nextMessage(socket)))
    expect((await nextMessage(socket))[0]).toBe(0x04)
    socket.terminate()
  })

  it('with a wrong proof is refused', async () => {
    const server = await startTestServer()
    expect(await failLogIn(server.port)).toBe('failed')
    expect(server.stats().unauthenticatedLinks).toBe(0)
  })

  it('is cut after ten seconds, handshake and transport together', async () => {
    const server = await startTestServer()
    const started = performance.now()
    const silent = await upgraded(server.port)
    const stuck = await openWebSocket(server.port)
    stuck.send(new RawLogin(server.wsUrl).hello())
    const halfFrame = await upgraded(server.port)
    halfFrame.socket.write(Buffer.from([0x82, 0xfe, 0x01]))
    await Promise.all([silent.ended, closeCodeOf(stuck), halfFrame.ended])
    const elapsedMs = performance.now() - started
    expect(elapsedMs).toBeGreaterThan(LINK_AUTH_TIMEOUT_MS - 100)
    expect(elapsedMs).toBeLessThan(LINK_AUTH_TIMEOUT_MS + 3_000)
    await expect.poll(() => server.stats().connections).toBe(0)
  })
})

describe('a link that sends', () => {
  const cases: [string, (raw: RawSocket) => void, number][] = [
    ['text', raw => raw.socket.write(frame(1, Buffer.from('hello'))), 4_002],
    ['an empty message', raw => raw.socket.write(frame(2, new Uint8Array())), 4_002],
    ['an unknown frame', raw => raw.socket.write(frame(2, Uint8Array.of(0xff))), 4_002],
    [
      'a cell before it has logged in',
      raw => raw.socket.write(frame(2, new Uint8Array(1024).fill(0x10))),
      4_002,
    ],
    [
      'a message one byte too long',
      raw => raw.socket.write(frame(2, new Uint8Array(65_537))),
      1_009,
    ],
    [
      'a message of terabytes',
      raw => raw.socket.write(Buffer.from([0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
      1_009,
    ],
    [
      'more fragments than make sense',
      raw => {
        raw.socket.write(frame(2, Uint8Array.of(1), false))
        for (let n = 0; n < 20; n += 1) raw.socket.write(frame(0, Uint8Array.of(1), false))
      },
      1_008,
    ],
    ['a compressed message', raw => raw.socket.write(Buffer.from([0xc2, 0x80, 0, 0, 0, 0])), 1_002],
    ['a message without a mask', raw => raw.socket.write(Buffer.from([0x82, 0x01, 0x05])), 1_002],
  ]

  it.each(cases)(
    '%s is closed with a code',
    async (_, send, code) => {
      const server = await startTestServer()
      const raw = await upgraded(server.port)
      send(raw)
      await raw.ended
      const close = Buffer.from(raw.received(), 'latin1').indexOf(
        Buffer.from([code >> 8, code & 255]),
      )
      expect(close).toBeGreaterThan(0)
      await expect.poll(() => server.stats().connections).toBe(0)
    },
    15_000,
  )
})
