// One attacker costs others little (docs/THREATS.md 9, 10, 12, 30): floods of connections and of bad
// logins, half-sent messages, and questions with big answers. Scaled down; the limits are the real ones
// unless a test says otherwise.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import {
  CONNECTS_PER_ADDRESS_BURST,
  MAX_UNAUTHENTICATED_LINKS,
  UNAUTHENTICATED_REPLY_FACTOR,
} from '../shared/wire/limits.ts'
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

const open: (WebSocket | RawSocket)[] = []

afterEach(async () => {
  for (const client of open.splice(0)) {
    if ('socket' in client) client.socket.destroy()
    else client.terminate()
  }
  await stopAll()
})

const MIB = 1024 * 1024
/** Addresses of this machine that behave like strangers to one another; Linux has all of 127/8. */
const attacker = (n: number): string => `127.9.${n >> 8}.${n & 255 || 1}`
const isLinux = process.platform === 'linux'

async function timed<T>(work: Promise<T>): Promise<number> {
  const started = performance.now()
  await work
  return performance.now() - started
}

describe.skipIf(!isLinux)('a flood of connections from one address', () => {
  it('does not keep an honest client of another from logging in', async () => {
    // Next to no refill, so that the count below does not depend on how fast this machine accepts.
    const server = await startTestServer({ limits: { connectsPerS: 0.001 } })
    const rssBefore = process.memoryUsage.rss()
    const flood = Array.from({ length: 2_000 }, () => rawConnect(server.port, attacker(1)))
    open.push(...flood)
    for (const { socket } of flood) socket.write(UPGRADE)
    const loginMs = await timed(logIn(server.port, '127.0.0.2').then(link => open.push(link)))
    expect(loginMs).toBeLessThan(2_000)
    await Promise.all(flood.slice(100).map(({ ended }) => ended))
    const { connections, refused } = server.stats()
    // The burst of the attacker, and the honest one.
    expect(connections).toBe(CONNECTS_PER_ADDRESS_BURST + 1)
    expect(refused).toBe(2_000 - CONNECTS_PER_ADDRESS_BURST)
    expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(64 * MIB)
  })
})

describe.skipIf(!isLinux)('logins that two addresses never finish', () => {
  it('do not keep honest clients of others from logging in', async () => {
    const server = await startTestServer()
    const stuck = [1, 2].flatMap(n =>
      Array.from({ length: CONNECTS_PER_ADDRESS_BURST - 4 }, () => {
        const raw = rawConnect(server.port, attacker(n))
        raw.socket.write(UPGRADE)
        return raw
      }),
    )
    open.push(...stuck)
    const places = MAX_UNAUTHENTICATED_LINKS
    await expect.poll(() => server.stats().unauthenticatedLinks).toBe(places)
    for (let n = 1; n <= 10; n += 1) open.push(await logIn(server.port, `127.0.5.${n}`))
    expect(server.stats()).toMatchObject({ links: places - 1 + 10 })
    expect(server.stats().unauthenticatedLinks).toBe(places - 1)
  })
})

describe.skipIf(!isLinux)('a flood of bad logins', () => {
  /** About 500 a second for two seconds, from as many addresses as it takes. */
  async function attack(port: number): Promise<{ failed: number; refused: number }> {
    const results: Promise<'failed' | 'refused'>[] = []
    for (let tick = 0; tick < 100; tick += 1) {
      for (let n = 0; n < 10; n += 1) {
        results.push(failLogIn(port, attacker((tick * 10 + n) % 250)))
      }
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    const outcomes = await Promise.all(results)
    const failed = outcomes.filter(outcome => outcome === 'failed').length
    return { failed, refused: outcomes.length - failed }
  }

  it('leaves the loop responsive and honest logins quick', async () => {
    const server = await startTestServer()
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const attacked = attack(server.port)
    const loginsMs: number[] = []
    for (let n = 0; n < 20; n += 1) {
      const from = `127.0.1.${n + 1}`
      loginsMs.push(await timed(logIn(server.port, from).then(link => open.push(link))))
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    const { failed, refused } = await attacked
    delay.disable()
    expect(failed + refused).toBe(1_000)
    loginsMs.sort((a, b) => a - b)
    expect(loginsMs[18]).toBeLessThan(2_000)
    // The attackers run in this process too, so this is more than the server's own part.
    expect(delay.percentile(99) / 1e6).toBeLessThan(200)
  })

  it('shuts out an address that goes on failing', async () => {
    const server = await startTestServer()
    const outcomes: string[] = []
    for (let n = 0; n < 20; n += 1) outcomes.push(await failLogIn(server.port, '127.0.0.3'))
    expect(outcomes.filter(outcome => outcome === 'failed').length).toBeLessThan(15)
    expect(outcomes.at(-1)).toBe('refused')
    open.push(await logIn(server.port, '127.0.0.4'))
  })
})

describe('messages that never end', () => {
  /** The head of a 64 KiB message in its first fragment, then bytes one by one. */
  const HEAD = Buffer.from([0x02, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])

  it('on 64 links at once hold little memory and are cut', async () => {
    const server = await startTestServer({ perAddressLimits: false })
    const clients = await Promise.all(
      Array.from({ length: 64 }, async () => {
        const raw = rawConnect(server.port)
        open.push(raw)
        raw.socket.write(UPGRADE)
        await new Promise(resolve => raw.socket.once('data', resolve))
        return raw
      }),
    )
    const rssBefore = process.memoryUsage.rss()
    for (const { socket } of clients) {
      socket.setNoDelay(true)
      socket.write(HEAD)
    }
    for (let n = 0; n < 200; n += 1) {
      for (const { socket } of clients) socket.write(Buffer.alloc(1))
      await new Promise(setImmediate)
    }
    expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(50 * MIB)
    await Promise.all(clients.map(({ ended }) => ended))
    await expect.poll(() => server.stats().connections).toBe(0)
  })
})

describe('what a stranger is answered', () => {
  const questions: [string, (login: RawLogin) => Uint8Array][] = [
    ['a login', login => login.hello()],
    ['one byte', () => Uint8Array.of(1)],
    ['an unknown frame', () => Uint8Array.of(0xff, 1, 2, 3)],
    ['an empty hello', () => Uint8Array.of(0x01, 0xa0)],
    ['a hello cut short', login => login.hello().subarray(0, 90)],
    ['a ping', () => Uint8Array.of(0x05, 0xa1, 0x62, 0x69, 0x64, 0x01)],
    ['a request', () => Uint8Array.of(0x20, 0xa0)],
    ['a cell', () => new Uint8Array(1024).fill(0x10)],
  ]

  it.each(questions)('to %s is at most three times as long', async (_, question) => {
    const server = await startTestServer()
    const raw = await openWebSocket(server.port)
    open.push(raw)
    let answeredBytes = 0
    raw.on('message', (data: Buffer) => {
      answeredBytes += data.length
    })
    const bytes = question(new RawLogin(server.wsUrl))
    const ended = bytes[0] === 0x01 && bytes.length > 100 ? nextMessage(raw) : closeCodeOf(raw)
    raw.send(bytes)
    await ended
    expect(answeredBytes).toBeLessThanOrEqual(UNAUTHENTICATED_REPLY_FACTOR * bytes.length)
  })

  it('to an upgrade, taken or not, is shorter than the question', async () => {
    const server = await startTestServer({ limits: { maxUnauthenticatedLinks: 1 } })
    for (const status of [101, 503]) {
      const raw = rawConnect(server.port)
      open.push(raw)
      raw.socket.write(UPGRADE)
      await new Promise(resolve => raw.socket.once('data', resolve))
      expect(raw.received()).toContain(` ${status} `)
      expect(raw.received().length).toBeLessThan(UPGRADE.length)
    }
  })
})
