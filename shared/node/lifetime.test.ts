// What lasts and what must not: closing, secrets, records that expire, caps.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { isAllZero } from '../bytes/equal.ts'
import {
  MAX_LINKS_PER_KEY,
  RECORD_MAX_SERVERS,
  RECORD_SWEEP_MS,
  RECORD_TTL_S,
} from '../wire/limits.ts'
import { MeshNodeCore } from './core.ts'
import { serverRole } from './server/server-role.ts'
import type { MiniNode } from './testing/mini-node.ts'
import { MiniWorld } from './testing/mini-world.ts'

const HOUR_MS = 3_600_000

function trio(world: MiniWorld, options: Parameters<MiniWorld['client']>[2] = {}) {
  const server = world.server('one')
  const alice = world.client('alice', [server], options)
  const bob = world.client('bob', [server])
  world.until(() => alice.isOnline && bob.isOnline)
  return { server, alice, bob }
}

function dialed(world: MiniWorld, from: MiniNode, to: MiniNode): string | undefined {
  const request = from.dial(to)
  world.until(() => from.answer(request) !== undefined)
  return from.verdict(request)
}

describe('closing', () => {
  it('leaves nothing: no links, peers, circuits, timers or open requests', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = trio(world)
    expect(dialed(world, alice, bob)).toBe('dialed')
    alice.send(bob, 'on its way')
    alice.ping(bob)
    alice.lookup(server.key)
    const { core } = alice
    alice.shutdown()
    expect(alice.open).toBe(0)
    expect(core.load).toEqual({ links: 0, peers: 0, records: 0, knownServers: 0, circuits: 0 })
    expect(core.nextTimeout()).toBeUndefined()
    expect(core.poll()).toBeUndefined()
    core.handle({ now: world.now + 1e9, unixMs: 0 }, { kind: 'timeout' })
    expect(core.poll()).toBeUndefined()
    world.run(100)
    expect(bob.seen('peerDown')).toEqual([{ kind: 'peerDown', peer: alice.key }])
    expect(server.core.load).toMatchObject({ links: 1, circuits: 0 })
    expect(world.wires).toHaveLength(1)
    const { core: bobs } = bob
    bob.shutdown()
    server.shutdown()
    expect(bobs.load).toMatchObject({ links: 0, peers: 0, circuits: 0 })
    world.run(200_000)
    expect(world.wires).toHaveLength(0)
  })

  it('of a server tells its clients when to come back, and a hurry does not change that', () => {
    const world = new MiniWorld()
    const { server, alice } = trio(world)
    server.driver.command({ kind: 'shutdown', retryAfterMs: 20_000 })
    world.run(20)
    expect(alice.attachments).toMatchObject([
      { state: 'waiting', failure: { message: 'The server ws://one is restarting.' } },
    ])
    alice.driver.command({ kind: 'nudge' })
    world.run(20)
    expect(alice.attachments).toMatchObject([{ state: 'waiting' }])
    world.run(20_000)
    alice.driver.command({ kind: 'nudge' })
    expect(alice.attachments).toMatchObject([{ state: 'connecting' }])
  })

  it('wipes its seed and keys', () => {
    const secrets = new Set<Uint8Array>()
    const seen = (secret: Uint8Array): Uint8Array => {
      secrets.add(secret)
      return secret
    }
    const seed = new Uint8Array(32).fill(7)
    const core = new MeshNodeCore(
      {
        suite: {
          ...nodeSuite,
          dhPublic: secret => nodeSuite.dhPublic(seen(secret)),
          sign: (secret, message) => nodeSuite.sign(seen(secret), message),
        },
        random: length => new Uint8Array(length).fill(9),
        seed,
        type: 'server',
        serverRole,
        net: new Uint8Array(16),
        servers: [],
      },
      { now: 0, unixMs: 1.7e12 },
    )
    core.handle({ now: 1, unixMs: 1.7e12 }, { kind: 'shutdown' })
    // The identity's seed and exchange key, and two onion keys.
    expect(secrets.size).toBe(4)
    expect([...secrets].every(isAllZero)).toBe(true)
    expect(isAllZero(seed)).toBe(false)
  })
})

describe('records', () => {
  it('expire when their owner does not come back', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = trio(world)
    alice.kill()
    world.run(RECORD_TTL_S * 1000 + HOUR_MS)
    // Bob's, and the server's own.
    expect(server.core.load.records).toBe(2)
    expect(server.disk.size).toBe(2)
    const request = bob.lookup(alice.key)
    world.run(100)
    expect(bob.verdict(request)).toBe('NOT_FOUND')
    bob.kill()
    world.run(2 * RECORD_TTL_S * 1000 + 2 * RECORD_SWEEP_MS)
    expect(server.core.load.records).toBe(1)
  })

  it('are published over a sequence number of an earlier life', () => {
    const world = new MiniWorld()
    const { alice, bob } = trio(world, { skewMs: 0 })
    alice.kill()
    world.run(20)
    // The clock of the next life is a little behind; the server's tells it better.
    alice.skewMs = -300_000
    alice.boot()
    world.until(() => alice.isOnline)
    expect(alice.attachments[0]?.failure).toBeUndefined()
    expect(dialed(world, bob, alice)).toBe('dialed')
  })

  it('name no more servers than fit', () => {
    const world = new MiniWorld()
    const servers = Array.from({ length: RECORD_MAX_SERVERS + 1 }, (_, at) =>
      world.server(`s${at}`),
    )
    const alice = world.client('alice', servers)
    world.until(() => alice.attachments.every(({ state }) => state === 'online'))
    const request = alice.lookup(alice.key)
    world.until(() => alice.answer(request) !== undefined)
    const answer = alice.answer(request)
    expect(answer?.kind === 'found' && answer.record.record.servers.length).toBe(RECORD_MAX_SERVERS)
  })

  it('of a server with too many endpoints are refused when it is made', () => {
    const endpoints = Array.from({ length: 5 }, (_, at) => ({ url: `ws://host${at}` }))
    const config = { suite: nodeSuite, random: (n: number) => new Uint8Array(n).fill(1) }
    const make = () =>
      new MeshNodeCore(
        {
          ...config,
          seed: new Uint8Array(32),
          type: 'server',
          serverRole,
          net: new Uint8Array(16),
          servers: [],
          endpoints,
        },
        { now: 0, unixMs: 1.7e12 },
      )
    expect(make).toThrow(RangeError)
  })
})

describe('two addresses of one server', () => {
  it('are one server to dial through, also when one of the two links is lost', () => {
    const world = new MiniWorld()
    const one = world.server('one', { aliases: ['alias'] })
    const bob = world.client('bob', [one])
    const alice = world.node('alice', { servers: [one.url, { ...one.url, host: 'alias' }] })
    world.until(() => bob.isOnline && alice.attachments.every(({ state }) => state === 'online'))
    const request = alice.lookup(alice.key)
    world.until(() => alice.answer(request) !== undefined)
    expect(alice.answer(request)).toMatchObject({
      record: { record: { servers: [one.publicKey] } },
    })
    for (const at of [0, 1]) {
      world.until(() => alice.attachments.every(({ state }) => state === 'online'))
      const wire = world.wiresBetween(alice, one)[at]
      if (wire !== undefined) world.cutWire(wire)
      expect(dialed(world, alice, bob)).toBe('dialed')
      alice.hangUp(bob)
      world.run(5_000)
    }
  })
})

describe('a lookup', () => {
  it('asks one server under two addresses once', () => {
    const world = new MiniWorld()
    const one = world.server('one', { aliases: ['alias'] })
    const alice = world.node('alice', { servers: [one.url, { ...one.url, host: 'alias' }] })
    world.until(() => alice.attachments.every(({ state }) => state === 'online'))
    let requests = 0
    world.tap = ({ from, bytes }) => {
      if (from === alice && bytes[0] === 0x20) requests += 1
      return bytes
    }
    alice.lookup(one.key)
    world.run(50)
    expect(requests).toBe(1)
  })
})

describe('links of one key', () => {
  it(`are ${MAX_LINKS_PER_KEY} at most: the oldest is replaced`, () => {
    const world = new MiniWorld()
    const server = world.server('one')
    const seed = new Uint8Array(32).fill(5)
    const same = Array.from({ length: MAX_LINKS_PER_KEY }, (_, at) =>
      world.client(`tab${at}`, [server], { seed }),
    )
    world.until(() => same.every(({ isOnline }) => isOnline))
    expect(server.core.load.links).toBe(MAX_LINKS_PER_KEY)
    const last = world.client('last', [server], { seed })
    world.until(() => last.isOnline)
    expect(server.core.load.links).toBe(MAX_LINKS_PER_KEY)
    world.run(10)
    expect(same[0]?.attachments).toMatchObject([{ state: 'waiting', failure: { code: 'REFUSED' } }])
    expect(same.slice(1).every(({ isOnline }) => isOnline)).toBe(true)
  })
})

describe('a message', () => {
  it('is given up after its time although there is no server, and no session to time it', () => {
    const world = new MiniWorld()
    const alice = world.client('alice', [])
    const bob = world.client('bob', [])
    const [usual, short] = [alice.send(bob, 'a'), alice.send(bob, 'b', 1_000)]
    world.run(999)
    expect(alice.answer(short)).toBeUndefined()
    world.run(1)
    expect(alice.verdict(short)).toBe('UNREACHABLE')
    world.run(28_999)
    expect(alice.answer(usual)).toBeUndefined()
    world.run(1)
    expect(alice.verdict(usual)).toBe('UNREACHABLE')
    expect(alice.core.load.peers).toBe(0)
  })

  it('that was given up before there was a session is not sent', () => {
    const world = new MiniWorld()
    const { alice, bob } = trio(world)
    const given = alice.send(bob, 'given up')
    const kept = alice.send(bob, 'kept')
    alice.cancel(given)
    world.until(() => alice.open === 0)
    expect([alice.verdict(given), alice.verdict(kept)]).toEqual(['ABORTED', 'delivered'])
    expect(bob.texts).toEqual(['kept'])
  })
})
