// A server tells clients from which address it sees them, and at their login where to ask: on the port of HTTP, on
// another one, or not at all. The answers themselves: host/node/stun-responder.test.ts.

import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { askStun } from '../host/node/testing/stun-client.ts'
import { stunAddresses } from './stun.ts'
import { welcomeOf } from './testing/raw-client.ts'
import { startTestServer, stopAll } from './testing/test-server.ts'

afterEach(stopAll)

const V4_LOOPBACK = Uint8Array.of(127, 0, 0, 1)

async function taken(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { socket, port: socket.address().port }
}

async function healthOf(url: string): Promise<unknown> {
  return (await fetch(`${url}/healthz`)).json()
}

describe('a server', () => {
  it('answers STUN on the number of its port, says so, and counts', async () => {
    const server = await startTestServer({ logLevel: 'info' })
    expect((await welcomeOf(server.port)).stunPort).toBe(server.port)
    for (const [to, ip] of [
      ['127.0.0.1', V4_LOOPBACK],
      ['::1', Uint8Array.of(...new Array<number>(15).fill(0), 1)],
    ] as const) {
      const { answer, fromPort } = await askStun(server.port, to)
      expect(answer).toMatchObject({ kind: 'success', address: { ip, port: fromPort } })
    }
    const { port } = server
    const counts = { answered: 2, refused: 0, limited: 0, ignored: 0 }
    expect(server.stats().stun).toEqual({ port, ...counts })
    expect(await healthOf(server.url)).toMatchObject({ stun: port })
    expect(server.log()).toContain(`"stun":${port},"msg":"the server node runs"`)
  })

  it('answers on another port, any free one too', async () => {
    const server = await startTestServer({ stunPort: 0 })
    const port = server.stats().stun?.port ?? 0
    expect((await welcomeOf(server.port)).stunPort).toBe(port)
    expect((await askStun(port)).answer.kind).toBe('success')
  })

  it.each([
    ['it is told not to', { stunPort: false }],
    ['it is behind a proxy, which passes none', { trustProxy: true }],
  ] as const)('answers none where %s', async (_, options) => {
    const server = await startTestServer(options)
    expect((await welcomeOf(server.port)).stunPort).toBeUndefined()
    expect(server.stats().stun).toBeUndefined()
    expect(await healthOf(server.url)).toMatchObject({ stun: null })
    const free = createSocket('udp4').bind(server.port, '127.0.0.1')
    await once(free, 'listening')
    free.close()
  })

  it('warns when its port is taken, and serves without', async () => {
    const { socket, port } = await taken()
    const server = await startTestServer({ stunPort: port })
    expect((await welcomeOf(server.port)).stunPort).toBeUndefined()
    expect(await healthOf(server.url)).toMatchObject({ status: 'ok', stun: null })
    const [warning = ''] = server.log().split('\n')
    expect(JSON.parse(warning)).toMatchObject({ level: 40, code: 'EADDRINUSE' })
    expect(warning).toMatch(/answers no STUN/)
    socket.close()
  })

  it('leaves the port when it ends', async () => {
    const server = await startTestServer()
    await server.close()
    const next = createSocket('udp4').bind(server.port, '127.0.0.1')
    await once(next, 'listening')
    next.close()
  })

  it('answers more than one network may ask where limits by address are off', async () => {
    const server = await startTestServer({ perAddressLimits: false })
    expect((await askStun(server.port)).answer.kind).toBe('success')
  })

  it.each([-1, 65_536, 1.5])('does not start with %d for a port', async stunPort => {
    await expect(startTestServer({ stunPort })).rejects.toMatchObject({ code: 'USAGE' })
  })
})

describe('the addresses to ask at', () => {
  const OUT = ['192.0.2.1', '2001:db8::1']
  const LOOPBACK = ['127.0.0.1', '::1']

  it.each([
    ['every one of this machine', false, '::', [...LOOPBACK, ...OUT]],
    ['its IPv4 addresses', false, '0.0.0.0', ['127.0.0.1', '192.0.2.1']],
    ['the one that HTTP listens on', false, '127.0.0.1', ['127.0.0.1']],
    ['the one of IPv6', false, '2001:db8::1', ['2001:db8::1']],
    [
      'every one, whatever a proxy in front is reached by',
      true,
      '127.0.0.1',
      [...LOOPBACK, ...OUT],
    ],
  ])('are %s', (_, trustProxy, listening, expected) => {
    expect(stunAddresses({ trustProxy }, listening, OUT)).toEqual(expected)
  })
})
