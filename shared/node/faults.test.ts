// Bad weather: restarts, dead links, simultaneous dials, random faults. Whatever happens, a message arrives
// once and in order, and every request is answered once and in time.

import { describe, expect, it } from 'vitest'
import type { MiniNode } from './testing/mini-node.ts'
import { MiniWorld } from './testing/mini-world.ts'

function numbers(count: number, prefix = ''): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`)
}

function talking(world: MiniWorld, servers = 1) {
  const all = Array.from({ length: servers }, (_, at) => world.server(`server${at}`))
  const alice = world.client('alice', all)
  const bob = world.client('bob', all)
  const isAttached = (node: MiniNode) => node.attachments.every(({ state }) => state === 'online')
  world.until(() => isAttached(alice) && isAttached(bob))
  const dial = alice.dial(bob)
  world.until(() => alice.answer(dial) !== undefined)
  world.run(50)
  return { servers: all, server: all[0] as MiniNode, alice, bob }
}

function sendAll(from: MiniNode, to: MiniNode, texts: readonly string[]): number[] {
  return texts.map(text => from.send(to, text))
}

function verdicts(node: MiniNode, requests: readonly number[]): Set<string | undefined> {
  return new Set(requests.map(request => node.verdict(request)))
}

describe('a server that restarts in mid conversation', () => {
  it('loses nothing, repeats nothing, and both sides keep their session', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = talking(world)
    const before = sendAll(alice, bob, numbers(20, 'a'))
    world.run(7)
    server.kill()
    const during = sendAll(alice, bob, numbers(20, 'b'))
    const back = sendAll(bob, alice, numbers(10, 'c'))
    world.run(1_000)
    server.boot()
    world.until(() => alice.open + bob.open === 0)
    expect(verdicts(alice, [...before, ...during])).toEqual(new Set(['delivered']))
    expect(verdicts(bob, back)).toEqual(new Set(['delivered']))
    expect(bob.texts).toEqual([...numbers(20, 'a'), ...numbers(20, 'b')])
    expect(alice.texts).toEqual(numbers(10, 'c'))
    for (const node of [alice, bob]) {
      expect(node.seen('peerUp')).toHaveLength(1)
      expect(node.seen('peerDown')).toHaveLength(0)
    }
    // Away, and back again.
    expect(alice.seen('peerPath').map(({ path }) => path === undefined)).toContain(true)
    expect(alice.seen('peerPath').at(-1)?.path).toBeDefined()
  })

  it('has kept the records of everybody', () => {
    const world = new MiniWorld()
    const { server, bob } = talking(world)
    server.kill()
    server.boot()
    expect(server.core.load.records).toBe(3)
    world.until(() => bob.isOnline)
  })
})

describe('a peer that restarts', () => {
  it.each([0, 1])('gets what was unconfirmed once, in a new session (seed %i)', seed => {
    const world = new MiniWorld(seed + 10)
    const { alice, bob } = talking(world)
    const dialer = seed === 0 ? alice : bob
    const other = dialer === alice ? bob : alice
    const first = sendAll(dialer, other, numbers(3, 'x'))
    world.until(() => dialer.open === 0)
    other.kill()
    const sent = sendAll(dialer, other, numbers(30))
    world.run(1_500)
    other.boot()
    world.until(() => dialer.open === 0)
    expect(verdicts(dialer, [...first, ...sent])).toEqual(new Set(['delivered']))
    expect(other.texts).toEqual([...numbers(3, 'x'), ...numbers(30)])
    expect(dialer.seen('peerDown')).toHaveLength(0)
    world.run(200)
    expect(dialer.core.load.peers).toBe(1)
  })

  it('that restarts and dials replaces the session, once', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = talking(world)
    alice.kill()
    const sent = sendAll(bob, alice, numbers(5))
    alice.boot()
    world.until(() => alice.isOnline)
    alice.dial(bob)
    world.until(() => alice.open + bob.open === 0)
    expect(verdicts(bob, sent)).toEqual(new Set(['delivered']))
    expect(alice.texts).toEqual(numbers(5))
    world.run(1_000)
    expect(bob.seen('peerDown')).toHaveLength(0)
    expect(server.core.load.circuits).toBe(1)
  })

  it('is given up in time when it never comes back', () => {
    const world = new MiniWorld()
    const { alice, bob } = talking(world)
    bob.kill()
    const sent = sendAll(alice, bob, numbers(3))
    world.run(31_000)
    expect(verdicts(alice, sent)).toEqual(new Set(['OFFLINE']))
    expect(alice.seen('peerDown')).toHaveLength(0)
    world.run(120_000)
    expect(alice.seen('peerDown')).toMatchObject([{ failure: { code: 'OFFLINE' } }])
    expect(alice.core.load).toMatchObject({ peers: 0, circuits: 0 })
  })

  it('that forgot the session and cannot be reached again is told down in the end', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = talking(world)
    bob.kill()
    bob.boot()
    // Bob answers that he knows no such session, and is gone before the new handshake.
    world.until(() => bob.isOnline)
    world.run(3)
    world.until(() => alice.seen('peerPath').at(-1)?.path === undefined)
    bob.kill()
    const ping = alice.ping(bob, 2_000)
    world.run(5_000)
    expect(alice.verdict(ping)).toBeDefined()
    world.run(200_000)
    expect(alice.seen('peerDown')).toHaveLength(1)
    expect(alice.core.load.peers).toBe(0)
    expect(server.core.load.circuits).toBe(0)
  })
})

describe('a half-open link', () => {
  it('is found within 20 s and dialed again, and what waited arrives', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = talking(world)
    world.run(3_000)
    world.freeze(alice, server)
    const frozenAt = world.now
    world.run(1)
    const sent = sendAll(alice, bob, numbers(5))
    world.until(() => !alice.isOnline, 23_000)
    expect(world.now - frozenAt).toBeLessThanOrEqual(20_000)
    world.until(() => alice.open === 0)
    expect(verdicts(alice, sent)).toEqual(new Set(['delivered']))
    expect(bob.texts).toEqual(numbers(5))
  })
})

describe('with two servers', () => {
  it('the conversation goes on through the other when one dies', () => {
    const world = new MiniWorld()
    const { servers, alice, bob } = talking(world, 2)
    const used = alice.seen('peerPath').at(-1)?.path?.hops[0]
    const dying = servers.find(({ key }) => key === used) as MiniNode
    const sent = sendAll(alice, bob, numbers(10))
    world.run(6)
    dying.kill()
    const at = world.now
    world.until(() => alice.open === 0)
    expect(world.now - at).toBeLessThan(1_500)
    expect(verdicts(alice, sent)).toEqual(new Set(['delivered']))
    expect(bob.texts).toEqual(numbers(10))
    const now = alice.seen('peerPath').at(-1)?.path?.hops
    expect(now).toEqual(servers.filter(server => server !== dying).map(({ key }) => key))
  })

  it('an old record at the faster one does not hide the peer', () => {
    const world = new MiniWorld()
    const { servers, alice, bob } = talking(world, 2)
    const [near, far] = servers as [MiniNode, MiniNode]
    alice.hangUp(bob)
    world.run(100)
    // Bob's next records do not reach the near server any more.
    world.cut(bob, near)
    world.tap = ({ from, to, bytes }) => (from === bob && to === near ? undefined : bytes)
    world.run(500)
    // And the far one answers when the near one has long failed.
    world.lagMs = (from, to) => (from === alice && to === far ? 200 : 0)
    const request = alice.dial(bob)
    world.until(() => alice.answer(request) !== undefined)
    expect(alice.verdict(request)).toBe('dialed')
    expect(alice.seen('peerPath').at(-1)?.path?.hops).toEqual([far.key])
  })
})

describe('when both dial at once', () => {
  it('there is one session and no first message is lost (200 seeds)', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const world = new MiniWorld(seed)
      const server = world.server('one')
      const alice = world.client('alice', [server])
      const bob = world.client('bob', [server])
      world.until(() => alice.isOnline && bob.isOnline)
      // As late as that, the dials meet in every phase of each other.
      const lateMs = Math.floor(world.random.next() * 40)
      alice.send(bob, 'a')
      alice.dial(bob)
      world.run(lateMs)
      bob.send(alice, 'b')
      bob.dial(alice)
      world.until(() => alice.open + bob.open === 0)
      expect([seed, ...alice.texts, ...bob.texts]).toEqual([seed, 'b', 'a'])
      world.run(500)
      expect([seed, server.core.load.circuits]).toEqual([seed, 1])
      for (const node of [alice, bob]) {
        expect([seed, node.seen('peerUp').length, node.seen('peerDown').length]).toEqual([
          seed,
          1,
          0,
        ])
      }
    }
  })
})

describe('a client on another network', () => {
  it('finds out at once that its links are dead, and is back', () => {
    const world = new MiniWorld()
    const server = world.server('one')
    const alice = world.client('alice', [server])
    const bob = world.client('bob', [server])
    world.until(() => alice.isOnline && bob.isOnline)
    const dial = alice.dial(bob)
    world.until(() => alice.answer(dial) !== undefined)
    world.run(2_000)
    world.freeze(alice, server)
    bob.send(alice, 'are you there?')
    world.run(5_000)
    const from = world.now
    alice.driver.command({ kind: 'nudge' })
    world.until(() => alice.texts.includes('are you there?'))
    expect(world.now - from).toBeLessThan(2_000)
    expect(alice.isOnline).toBe(true)
  })

  it('keeps the links that are alive', () => {
    const world = new MiniWorld()
    const server = world.server('one')
    const alice = world.client('alice', [server])
    world.until(() => alice.isOnline)
    const [wire] = world.wires
    alice.driver.command({ kind: 'nudge' })
    world.run(5_000)
    expect(world.wires).toEqual([wire])
  })
})
