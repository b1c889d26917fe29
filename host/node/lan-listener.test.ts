import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { parseServerUrl } from '../../shared/node/address/server-url.ts'
import type { AcceptedChannel } from '../../shared/node/host.ts'
import {
  LAN_MAX_LINKS_PER_ADDRESS,
  LAN_MAX_UNAUTHENTICATED_LINKS,
  WS_SUBPROTOCOL,
} from '../../shared/wire/limits.ts'
import { LanListener } from './lan-listener.ts'
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from './testing/test-certificate.ts'
import { dialWebSocket } from './ws-dial.ts'

const certSha256 = new Uint8Array(
  createHash('sha256').update(new X509Certificate(TEST_CERTIFICATE).raw).digest(),
)
const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

interface Door {
  readonly port: number
  readonly accepted: { readonly socket: WebSocket; readonly channel: AcceptedChannel }[]
  readonly listener: LanListener
}

async function open({ isOnLink = true, waiting = 0 } = {}): Promise<Door> {
  const accepted: Door['accepted'] = []
  const listener = new LanListener({
    certificate: { cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY, certSha256 },
    now: () => performance.now(),
    isOnLink: () => isOnLink,
    waitingLogins: () => waiting,
    accepted: (socket, channel) => {
      accepted.push({ socket, channel })
      closers.push(() => socket.terminate())
    },
  })
  const port = await listener.listen()
  closers.push(() => listener.close())
  if (port === undefined) throw new Error('no port')
  return { port, accepted, listener }
}

function webSocket(port: number, path = '/mesh', options: object = {}): WebSocket {
  const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, WS_SUBPROTOCOL, {
    rejectUnauthorized: false,
    ...options,
  })
  socket.on('error', () => {})
  closers.push(() => socket.terminate())
  return socket
}

/** `once` would fail on the error that comes before. */
function closed(socket: Socket | WebSocket): Promise<void> {
  return new Promise(resolve => {
    socket.once('close', () => resolve())
  })
}

/** A connection that says nothing. */
function knock(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  closers.push(() => socket.destroy())
  return socket
}

describe('the door of a client', () => {
  it('hands links over, under the address that was dialed', async () => {
    const { port, accepted } = await open()
    const url = parseServerUrl(`wss://127.0.0.1:${port}`)
    const seen = await new Promise((resolve, reject) => {
      const giveUp = dialWebSocket(
        { ...url, key: new Uint8Array(32) },
        {
          opened: (socket, channel) => {
            closers.push(() => socket.terminate())
            resolve(channel.certSha256)
          },
          failed: reject,
        },
      )
      closers.push(giveUp)
    })
    expect(seen).toEqual(certSha256)
    expect(accepted[0]?.channel).toEqual({
      origins: [`wss://127.0.0.1:${port}`],
      certSha256,
      addressClass: 'loopback',
    })
  })

  it('knows itself by no other name than its address, whatever a request calls it', async () => {
    const { port, accepted } = await open()
    await once(webSocket(port, '/mesh', { headers: { Host: 'elsewhere.example' } }), 'open')
    expect(accepted[0]?.channel.origins).toEqual([`wss://127.0.0.1:${port}`])
  })

  it.each<[string, string, object]>([
    ['another path', '/', {}],
    ['a page of a browser', '/mesh', { origin: 'https://page.example' }],
  ])('refuses %s', async (_, path, options) => {
    const { port, accepted } = await open()
    const [, response] = await once(webSocket(port, path, options), 'unexpected-response')
    expect(response.statusCode).toBe(404)
    expect(accepted).toEqual([])
  })

  it('refuses another subprotocol', async () => {
    const { port } = await open()
    const socket = new WebSocket(`wss://127.0.0.1:${port}/mesh`, 'other', {
      rejectUnauthorized: false,
    })
    socket.on('error', () => {})
    const [, response] = await once(socket, 'unexpected-response')
    expect(response.statusCode).toBe(404)
    socket.terminate()
  })

  it('has nothing to show', async () => {
    const { port } = await open()
    const asking = request({ port, host: '127.0.0.1', rejectUnauthorized: false }).end()
    const [response] = await once(asking, 'response')
    expect(response.statusCode).toBe(404)
    response.resume()
  })

  it('cuts who is not on a network of this machine, before TLS', async () => {
    const { port } = await open({ isOnLink: false })
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    const [error] = await once(socket, 'error')
    expect(error.code).toBe('ECONNRESET')
  })

  it('cuts those who would be too many without a login', async () => {
    const { port, accepted } = await open({ waiting: LAN_MAX_UNAUTHENTICATED_LINKS - 1 })
    const first = knock(port)
    await once(first, 'connect')
    const second = knock(port)
    await closed(second)
    expect(accepted).toEqual([])
    first.destroy()
  })

  it('cuts an address that has too many open, and takes more when one has gone', async () => {
    const { port, accepted } = await open()
    const links = Array.from({ length: LAN_MAX_LINKS_PER_ADDRESS }, () => webSocket(port))
    await Promise.all(links.map(link => once(link, 'open')))
    await closed(webSocket(port))
    expect(accepted).toHaveLength(LAN_MAX_LINKS_PER_ADDRESS)
    accepted[0]?.socket.terminate()
    const [gone] = links
    if (gone !== undefined && gone.readyState !== gone.CLOSED) await closed(gone)
    await once(webSocket(port), 'open')
  })

  it('cuts what has not become a link when it closes, and leaves the links', async () => {
    const { port, accepted, listener } = await open()
    const link = webSocket(port)
    await once(link, 'open')
    const silent = knock(port)
    await once(silent, 'connect')
    // The connection is there when something that came after it is.
    await once(webSocket(port, '/'), 'unexpected-response')
    listener.close()
    await closed(silent)
    accepted[0]?.socket.send('still here')
    const [data] = await once(link, 'message')
    expect(String(data)).toBe('still here')
    await closed(knock(port))
  })

  it('ends its wait for a port when it is closed meanwhile', async () => {
    const { listener } = await open()
    listener.close()
    const other = new LanListener({
      certificate: { cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY, certSha256 },
      now: () => 0,
      isOnLink: () => true,
      waitingLogins: () => 0,
      accepted: () => {},
    })
    const port = other.listen()
    other.close()
    expect(await port).toBeUndefined()
  })
})
