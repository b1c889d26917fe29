// The delay line that other tests measure routes with does what it says: nothing lost or changed, and late.

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closing } from './fixtures/cleanup.ts'
import { startDelayLine } from './fixtures/delay-line.ts'

let echo: Server
let echoPort: number

beforeAll(async () => {
  echo = createServer({ allowHalfOpen: true }, socket => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  await new Promise<void>(resolve => echo.listen(0, '127.0.0.1', resolve))
  echoPort = (echo.address() as AddressInfo).port
})

afterAll(() => new Promise(resolve => echo.close(resolve)))

it('carries every byte as it is, and the end of a connection too', async () => {
  const line = await closing(startDelayLine({ delayMs: 5 }, echoPort))
  const bytes = randomBytes(9_000_000)
  const socket = dial(line.port)
  socket.end(bytes)
  expect(digest(await everything(socket))).toBe(digest(bytes))
  expect(line.carriedBytes()).toBe(2 * bytes.length)
})

it('takes its time each way, and a new one from when it is told', async () => {
  const line = await closing(startDelayLine({ delayMs: 40 }, echoPort))
  const socket = dial(line.port)
  expect(await roundTripMs(socket)).toBeGreaterThanOrEqual(79)
  line.set({ delayMs: 100 })
  expect(await roundTripMs(socket)).toBeGreaterThanOrEqual(199)
  line.set({ delayMs: 0 })
  expect(await roundTripMs(socket)).toBeLessThan(79)
  socket.destroy()
})

it('is as wide as it is told, for all connections together', async () => {
  const line = await closing(startDelayLine({ bytesPerS: 1_000_000 }, echoPort))
  const startedAt = performance.now()
  const sockets = [dial(line.port), dial(line.port)]
  for (const socket of sockets) socket.end(Buffer.alloc(150_000))
  await Promise.all(sockets.map(everything))
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(299)
})

it('holds what comes, new connections too, until it is let go', async () => {
  const line = await closing(startDelayLine({}, echoPort))
  const before = dial(line.port)
  await roundTripMs(before)
  line.hold()
  const after = dial(line.port)
  for (const socket of [before, after]) socket.write('late')
  await once(after, 'connect')
  const [inTime] = await Promise.allSettled([deadlined(before, 100), deadlined(after, 100)])
  expect(inTime.status).toBe('rejected')
  line.release()
  for (const socket of [before, after]) {
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    expect(String(bytes)).toBe('late')
    socket.destroy()
  }
})

it('forsakes what is open, without a word, and carries what is new', async () => {
  const line = await closing(startDelayLine({}, echoPort))
  const before = dial(line.port)
  await roundTripMs(before)
  line.hold()
  const waiting = dial(line.port)
  await once(waiting, 'connect')
  line.forsake()
  before.write('lost')
  await Promise.all([roundTripMs(waiting), roundTripMs(dial(line.port))])
  const [lost] = await Promise.allSettled([deadlined(before, 100)])
  expect(lost.status).toBe('rejected')
})

it('cuts both ends at once', async () => {
  const line = await closing(startDelayLine({ delayMs: 1_000 }, echoPort))
  const accepted = once(echo, 'connection')
  const socket = dial(line.port)
  socket.write('on its way')
  const [atEcho] = (await accepted) as [Socket]
  const ends = [socket, atEcho].map(isReset)
  line.cut()
  expect(await Promise.all(ends)).toEqual([true, true])
})

it('passes on that there is nobody at the other end', async () => {
  const line = await closing(startDelayLine({}, 1))
  expect(await isReset(dial(line.port))).toBe(true)
})

function dial(port: number): Socket {
  return connect({ host: '127.0.0.1', port, noDelay: true }).on('error', () => {})
}

async function roundTripMs(socket: Socket): Promise<number> {
  const startedAt = performance.now()
  socket.write('x')
  await once(socket, 'data')
  return performance.now() - startedAt
}

async function deadlined(socket: Socket, timeoutMs: number): Promise<void> {
  await once(socket, 'data', { signal: AbortSignal.timeout(timeoutMs) })
}

/** Resolves when it has closed. */
function isReset(socket: Socket): Promise<boolean> {
  return new Promise(resolve => socket.once('close', resolve))
}

async function everything(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
