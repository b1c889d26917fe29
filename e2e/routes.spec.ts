// Routes between real processes, over lines whose delay the test sets: the better of parallel routes is taken, another
// one when it has become better, and none for nothing. What is under way when the server in use dies arrives whole.

import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Peer } from '../client/node.ts'
import type { StreamReport } from './fixtures/byte-stream.ts'
import { streamBytes } from './fixtures/byte-stream.ts'
import { closing } from './fixtures/cleanup.ts'
import type { DelayLine, LineSettings } from './fixtures/delay-line.ts'
import { startDelayLine } from './fixtures/delay-line.ts'
import type { Middle } from './fixtures/diamond.ts'
import { startDiamond } from './fixtures/diamond.ts'
import { figure } from './fixtures/figures.ts'
import { addressAt, startLinedServer } from './fixtures/lined-server.ts'
import type { MeshPeer } from './fixtures/mesh-peer.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import type { MeshServer } from './fixtures/mesh-server.ts'
import { startMeshServer } from './fixtures/mesh-server.ts'
import { fourInKeyOrder } from './fixtures/ordered-keys.ts'
import { PathWatch } from './fixtures/path-watch.ts'

const STREAM = { bytes: 10_000_000, bytesPerMessage: 16_384 }
/** So wide that a stream takes seconds. */
const NARROW = { delayMs: 10, bytesPerS: 4_000_000 }
const FOLLOWS_WITHIN_MS = 15_000
const STALLS_AT_MOST_MS = 5_000
const KNOWN_WITHIN_MS = 20_000
const TALK_EVERY_MS = 200
const TURN_MS = 1_000
const STEADY_TURNS = 20

it('the better of two servers is used, and the other once it has become better', async () => {
  const one = await closing(startMeshServer())
  const two = await closing(startMeshServer(one.address))
  const [toOne, toTwo] = [await lineTo(one, { delayMs: 10 }), await lineTo(two, { delayMs: 40 })]
  const ways = [addressAt(toOne.port, one), addressAt(toTwo.port, two)]
  const alice = await closing(startMeshPeer(ways))
  const bob = await closing(startMeshPeer([one.address, two.address]))
  const peer = await alice.node.dial(bob.key)
  await closing(talk(alice, bob))
  const watch = new PathWatch(peer)
  await watch.becomes(isOver(one))
  const [best] = await alice.node.routes(bob.key)
  expect(best?.hops).toEqual([one.key])
  expect(best?.state).toBe('active')

  const changedAt = performance.now()
  toOne.set({ delayMs: 120 })
  await watch.becomes(isOver(two), FOLLOWS_WITHIN_MS)
  figure('the path became slow', { 'left after, ms': sinceMs(changedAt) })

  // As good as one another, now this one, now that: neither is worth leaving the other for.
  for (const line of [toOne, toTwo]) line.set({ delayMs: 40 })
  const moves = watch.stays.length
  for (let turn = 0; turn < STEADY_TURNS; turn += 1) {
    const [less, more] = turn % 2 === 0 ? [toOne, toTwo] : [toTwo, toOne]
    less.set({ delayMs: 37 })
    more.set({ delayMs: 43 })
    await delay(TURN_MS)
  }
  expect(watch.stays.slice(moves)).toEqual([])
}, 120_000)

it('a route is as good as the whole of it', async () => {
  // Each of the first two dials each of the others: so what is between them goes over the lines of the latter.
  const [one, two, three, four] = await fourInKeyOrder()
  const first = await closing(startLinedServer({ data: one.data }))
  const seed = first.address
  const second = await closing(startLinedServer({ data: two.data, seed }))
  const slow = await closing(startLinedServer({ data: three.data, seed, delayMs: 40 }))
  const quick = await closing(startLinedServer({ data: four.data, seed, delayMs: 5 }))
  const alice = await closing(startMeshPeer([first, second].map(directAddress)))
  const bob = await closing(startMeshPeer([slow, quick].map(directAddress)))
  await isKnown(alice, bob)
  const peer = await alice.node.dial(bob.key)
  await closing(talk(alice, bob))
  const watch = new PathWatch(peer)
  await watch.becomes(hops => hops.at(-1) === quick.key, FOLLOWS_WITHIN_MS)

  const changedAt = performance.now()
  slow.line.set({ delayMs: 5 })
  quick.line.set({ delayMs: 60 })
  await watch.becomes(hops => hops.at(-1) === slow.key, FOLLOWS_WITHIN_MS)
  figure('a link between servers became slow', { 'left after, ms': sinceMs(changedAt) })
}, 120_000)

it('two find each other over three servers where the outer ones cannot reach each other', async () => {
  const { first, middles, last } = await closing(startDiamond())
  for (const { line } of middles) line.set({ delayMs: 5 })
  const alone = { discoverServers: false }
  const alice = await closing(startMeshPeer([directAddress(first)], 'ephemeral', alone))
  const bob = await closing(startMeshPeer([directAddress(last)], 'ephemeral', alone))
  await isKnown(alice, bob)
  const peer = await alice.node.dial(bob.key)
  await closing(talk(alice, bob))
  const watch = new PathWatch(peer)
  const isOverMiddle = ({ server }: Middle, hops: readonly string[]): boolean =>
    hops.join() === [first.key, server.key, last.key].join()
  await watch.becomes(hops => middles.some(middle => isOverMiddle(middle, hops)))
  const [one, two] = middles
  const [used, other] = isOverMiddle(one, peer.path?.hops ?? []) ? [one, two] : [two, one]

  const changedAt = performance.now()
  used.line.set({ delayMs: 85 })
  await watch.becomes(hops => isOverMiddle(other, hops), FOLLOWS_WITHIN_MS)
  figure('the server in the middle became slow', { 'left after, ms': sinceMs(changedAt) })

  await other.server.kill()
  await watch.becomes(hops => isOverMiddle(used, hops), FOLLOWS_WITHIN_MS)
}, 120_000)

it('a stream outlives the server that carried it', async () => {
  const { servers, alice, bob } = await threeWays()
  const peer = await alice.node.dial(bob.key)
  const stream = streamBytes(alice, bob, STREAM)
  await stream.reached(0.3)
  const [used = ''] = peer.path?.hops ?? []
  await servers.get(used)?.kill()
  const report = await stream.done
  tell('the server in use was killed', report)
  expect(report.received).toBe(report.sent)
  expect(peer.path?.hops).not.toContain(used)
  expect(report.longestGapMs).toBeLessThanOrEqual(STALLS_AT_MOST_MS)
}, 120_000)

it('a stream outlives a path on which nothing comes through any more', async () => {
  const { lines, alice, bob } = await threeWays()
  const peer = await alice.node.dial(bob.key)
  const stream = streamBytes(alice, bob, STREAM)
  await stream.reached(0.3)
  const [used = ''] = peer.path?.hops ?? []
  lines.get(used)?.hold()
  const report = await stream.done
  tell('the path in use fell silent', report)
  expect(report.received).toBe(report.sent)
  expect(peer.path?.hops).not.toContain(used)
  expect(report.longestGapMs).toBeLessThanOrEqual(STALLS_AT_MOST_MS)
}, 120_000)

it('a private path goes over three servers, and over others when one of them dies', async () => {
  const seed = await closing(startMeshServer())
  const more = await Promise.all(
    Array.from({ length: 4 }, () => closing(startMeshServer(seed.address))),
  )
  const servers = [seed, ...more]
  const alice = await closing(startMeshPeer(servers.slice(0, 2).map(({ address }) => address)))
  const bob = await closing(startMeshPeer(servers.slice(3).map(({ address }) => address)))
  await isKnown(alice, bob)
  const peer = await alice.node.dial(bob.key, { mode: 'private' })
  expectPrivate(peer)

  const stream = streamBytes(alice, bob, { ...STREAM, bytes: STREAM.bytes / 10 })
  await stream.reached(0.3)
  const middle = peer.path?.hops[1]
  await servers.find(({ key }) => key === middle)?.kill()
  const report = await stream.done
  tell('a server of a private path was killed', report)
  expect(report.received).toBe(report.sent)
  expectPrivate(peer)
  expect(peer.path?.hops).not.toContain(middle)
}, 120_000)

/** Stays in touch until it is closed, as a path that nobody uses is nobody's to improve. */
async function talk(from: MeshPeer, to: MeshPeer): Promise<{ close(): Promise<void> }> {
  let isEnding = false
  const sendAll = async (): Promise<void> => {
    for (; !isEnding; await delay(TALK_EVERY_MS)) await from.node.send(to.key, 'still there')
  }
  const running = sendAll()
  // What went wrong is told by `close`.
  running.catch(() => {})
  return {
    async close() {
      isEnding = true
      await running
    },
  }
}

/** A record takes a moment from one server to another. */
async function isKnown(to: MeshPeer, who: MeshPeer): Promise<void> {
  for (const until = performance.now() + KNOWN_WITHIN_MS; ; await delay(TALK_EVERY_MS)) {
    const found = await to.node.lookup(who.key).catch((error: unknown) => error)
    if (!(found instanceof Error)) return
    if (performance.now() > until) throw found
  }
}

/** Alice comes to each of three servers over a line of her own, Bob over none. */
async function threeWays() {
  const seed = await closing(startMeshServer())
  const others = [1, 2].map(() => closing(startMeshServer(seed.address)))
  const servers = [seed, ...(await Promise.all(others))]
  const lines = new Map<string, DelayLine>()
  for (const server of servers) lines.set(server.key, await lineTo(server, NARROW))
  const ways = servers.map(server => addressAt(lines.get(server.key)?.port ?? 0, server))
  return {
    servers: new Map(servers.map(server => [server.key, server])),
    lines,
    alice: await closing(startMeshPeer(ways)),
    bob: await closing(startMeshPeer(servers.map(({ address }) => address))),
  }
}

function lineTo({ port }: MeshServer, settings: LineSettings): Promise<DelayLine> {
  return closing(startDelayLine(settings, port))
}

function directAddress(server: MeshServer): string {
  return addressAt(server.port, server)
}

function isOver(server: MeshServer): (hops: readonly string[]) => boolean {
  return hops => hops.join() === server.key
}

function expectPrivate({ path }: Peer): void {
  const hops = path?.hops ?? []
  expect(hops.length).toBeGreaterThanOrEqual(3)
  expect(new Set(hops).size).toBe(hops.length)
}

function tell(what: string, { longestGapMs, totalMs }: StreamReport): void {
  figure(what, { 'longest gap, ms': Math.round(longestGapMs), 'stream, ms': Math.round(totalMs) })
}

function sinceMs(at: number): number {
  return Math.round(performance.now() - at)
}
