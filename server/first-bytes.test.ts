import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Protocol } from './first-bytes.ts'
import { FirstBytes } from './first-bytes.ts'
import type { RawSocket } from './testing/raw-client.ts'
import { rawConnect } from './testing/raw-client.ts'

const TIMEOUT_MS = 1_000

interface Arrival {
  readonly protocol: Protocol
  readonly socket: Socket
}

let server: Server | undefined
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await new Promise(resolve => server?.close(resolve))
})

/** A door that only asks for first bytes; its clock stands where the test puts it. */
async function open() {
  const clock = { now: 0 }
  const arrivals: Arrival[] = []
  const firstBytes = new FirstBytes(
    { timeoutMs: TIMEOUT_MS, checkIntervalMs: 5 },
    () => clock.now,
    (socket, protocol) => void arrivals.push({ protocol, socket }),
  )
  server = createServer({ allowHalfOpen: true }, socket => {
    sockets.push(socket)
    socket.on('close', () => firstBytes.forget(socket))
    firstBytes.wait(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const connect = async (): Promise<RawSocket> => {
    const raw = rawConnect(port)
    sockets.push(raw.socket)
    await once(raw.socket, 'connect')
    return raw
  }
  return { clock, arrivals, connect }
}

describe('the first byte', () => {
  it.each([
    ['16', 'tls'],
    ['1603010200', 'tls'],
    ['474554', 'http'],
    ['00', 'http'],
    ['80', 'http'],
  ])('of %s says %s, and is read again', async (hex, protocol) => {
    const { arrivals, connect } = await open()
    const { socket } = await connect()
    const bytes = Buffer.from(hex, 'hex')
    socket.write(bytes)
    await expect.poll(() => arrivals.length).toBe(1)
    expect(arrivals[0]?.protocol).toBe(protocol)
    expect(arrivals[0]?.socket.read()).toEqual(bytes)
    socket.write('more')
    await expect.poll(() => arrivals[0]?.socket.read()?.toString()).toBe('more')
    expect(arrivals).toHaveLength(1)
  })

  it('that never comes ends the connection, when its time is over and not before', async () => {
    const { clock, arrivals, connect } = await open()
    const early = await connect()
    await expect.poll(() => sockets.length).toBe(2)
    clock.now = TIMEOUT_MS / 2
    const late = await connect()
    await expect.poll(() => sockets.length).toBe(4)
    clock.now = TIMEOUT_MS
    await early.ended
    expect(late.socket.destroyed).toBe(false)
    late.socket.write('G')
    await expect.poll(() => arrivals.length).toBe(1)
    clock.now = 10 * TIMEOUT_MS
    const last = await connect()
    await expect.poll(() => sockets.length).toBe(6)
    clock.now = 11 * TIMEOUT_MS
    await last.ended
    // What has spoken has other deadlines than ours.
    expect(late.socket.destroyed).toBe(false)
  })

  it('is not waited for when the other side ends or breaks off', async () => {
    const { arrivals, connect } = await open()
    const ending = await connect()
    ending.socket.end()
    await ending.ended
    const breaking = await connect()
    breaking.socket.resetAndDestroy()
    await expect.poll(() => sockets.filter(socket => !socket.destroyed)).toEqual([])
    expect(arrivals).toEqual([])
  })
})
