import { createHash, X509Certificate } from 'node:crypto'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { createServer as createHttpsServer } from 'node:https'
import type { Server as NetServer } from 'node:net'
import { createServer as createTcpServer, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import type { DialedChannel } from '../../shared/node/host.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import { WS_SUBPROTOCOL } from '../../shared/wire/limits.ts'
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from './testing/test-certificate.ts'
import { closing, listenForSockets, listening } from './testing/ws-listener.ts'
import { dialWebSocket } from './ws-dial.ts'

type Outcome = { socket: WebSocket; channel: DialedChannel } | { reason: CloseReason }

let cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  const all = cleanUps
  cleanUps = []
  for (const cleanUp of all) await cleanUp()
})

function dial(url: ServerUrl): Promise<Outcome> {
  return new Promise(resolve => {
    dialWebSocket(url, {
      opened: (socket, channel) => {
        cleanUps.unshift(async () => socket.terminate())
        resolve({ socket, channel })
      },
      failed: reason => resolve({ reason }),
    })
  })
}

const at = (port: number): ServerUrl => ({ scheme: 'ws', host: '127.0.0.1', port })

async function listen(server?: Server | HttpsServer): Promise<number> {
  const listener = await listenForSockets(server)
  cleanUps.push(() => listener.close())
  return listener.port
}

async function listenPlain(server: NetServer): Promise<number> {
  const port = await listening(server)
  cleanUps.push(() => closing(server))
  return port
}

describe('dialWebSocket', () => {
  it('opens a socket with our subprotocol, without compression', async () => {
    const outcome = await dial(at(await listen()))
    if (!('socket' in outcome)) throw new Error(outcome.reason)
    expect(outcome.socket.protocol).toBe(WS_SUBPROTOCOL)
    expect(outcome.socket.extensions).toBe('')
    expect(outcome.channel).toEqual({})
  })

  it('tells the network that was really reached', async () => {
    const prototype = Socket.prototype as unknown as { _getpeername(): object }
    const asked = vi.spyOn(prototype, '_getpeername')
    asked.mockReturnValue({ address: '::ffff:203.0.113.9', port: 1, family: 'IPv6' })
    const outcome = await dial(at(await listen()))
    asked.mockRestore()
    expect('channel' in outcome && outcome.channel).toEqual({ network: '203.0.113.0/24' })
  })

  it('fails where nobody listens', async () => {
    const server = createServer()
    const port = await listening(server)
    await closing(server)
    expect(await dial(at(port))).toEqual({ reason: 'unreachable' })
  })

  it.each([
    [200, 'protocol'],
    [302, 'protocol'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'protocol'],
    [426, 'protocol'],
    [429, 'busy'],
    [500, 'unreachable'],
    [502, 'unreachable'],
    [503, 'busy'],
  ])('reads an HTTP answer %i instead of a WebSocket as %s', async (status, reason) => {
    const answers = createServer()
    answers.on('upgrade', (_request, socket) => {
      socket.end(`HTTP/1.1 ${status} x\r\nLocation: ws://127.0.0.1:1\r\nConnection: close\r\n\r\n`)
    })
    expect(await dial(at(await listenPlain(answers)))).toEqual({ reason })
  })

  it('reads an answer that is no HTTP as a broken protocol', async () => {
    const talker = createTcpServer(socket => socket.resume().end('220 mail.example ESMTP\r\n'))
    const port = await listenPlain(talker)
    expect(await dial(at(port))).toEqual({ reason: 'protocol' })
  })

  it('fails when the connection is cut in the middle of the handshake', async () => {
    const cutter = createServer()
    cutter.on('upgrade', (_request, socket) => socket.destroy())
    expect(await dial(at(await listenPlain(cutter)))).toEqual({ reason: 'unreachable' })
  })

  it('given up, it tells nothing more', async () => {
    const listener = await listenForSockets()
    const events: string[] = []
    const giveUp = dialWebSocket(at(listener.port), {
      opened: () => events.push('opened'),
      failed: () => events.push('failed'),
    })
    giveUp()
    giveUp()
    await listener.close()
    expect(events).toEqual([])
  })
})

describe('dialWebSocket over TLS', () => {
  const listenTls = (): Promise<number> => {
    const options = { cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY }
    return listen(createHttpsServer(options))
  }
  const tlsAt = (port: number): ServerUrl => ({ scheme: 'wss', host: '127.0.0.1', port })

  it('refuses a certificate that nobody vouches for', async () => {
    expect(await dial(tlsAt(await listenTls()))).toEqual({ reason: 'unauthenticated' })
  })

  it('takes it when the address pins a key, and tells its hash for the handshake', async () => {
    const port = await listenTls()
    const outcome = await dial({ ...tlsAt(port), key: new Uint8Array(32).fill(1) })
    if (!('socket' in outcome)) throw new Error(outcome.reason)
    const { raw } = new X509Certificate(TEST_CERTIFICATE)
    const expected = new Uint8Array(createHash('sha256').update(raw).digest())
    expect(outcome.channel).toEqual({ certSha256: expected })
  })

  it('never resumes a session: its certificate would be that of before', async () => {
    const server = createHttpsServer({ cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY })
    const resumed: boolean[] = []
    server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()))
    const port = await listen(server)
    for (let n = 0; n < 3; n += 1) {
      const outcome = await dial({ ...tlsAt(port), key: new Uint8Array(32).fill(1) })
      if (!('socket' in outcome)) throw new Error(outcome.reason)
      expect(outcome.channel.certSha256).toHaveLength(32)
    }
    expect(resumed).toEqual([false, false, false])
  })

  it('reads a server without TLS as a broken protocol', async () => {
    expect(await dial(tlsAt(await listen()))).toEqual({ reason: 'protocol' })
  })
})
