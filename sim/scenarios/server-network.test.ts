// Clients of many servers: whatever server one is attached to, everybody finds and reaches everybody, and that
// servers and networks fail costs time, and no message. KEYMESH_SIM=full, as `npm test` sets it, runs more seeds.

import { describe, expect, it } from 'vitest'
import * as faults from '../faults.ts'
import type { Member, Server } from './server-network.ts'
import { hasJoined, pathOf, presencesOf, ServerNetwork } from './server-network.ts'

const SEEDS = process.env.KEYMESH_SIM === 'full' ? [0, 1, 2, 3, 4] : [0]
const SERVERS = 10
const NOTHING_LEFT = { events: 0, timers: 0, channels: 0, links: 0 }

/** Servers that know one another. */
function network(seed: number | string, servers = SERVERS): ServerNetwork {
  const net = new ServerNetwork(seed, { servers })
  net.startServers()
  net.world.runFor(3_000)
  return net
}

function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T
}

/** Clients of `each` servers, online and in the registry. */
function addClients(net: ServerNetwork, count: number, each: number): Member[] {
  const clients = Array.from({ length: count }, (_, number) => {
    const homes = Array.from({ length: each }, (_, i) => at(net.servers, number + 3 * i))
    return net.addClient(homes)
  })
  expect(net.untilOnline()).toBe(true)
  net.world.runFor(1_000)
  return clients
}

/** Everybody talks to the one that is `apart` places on, and is answered. */
function talkAll(net: ServerNetwork, apart: number, messages: number, everyMs: number): number {
  net.clients.forEach((client, number) => {
    net.talk(client, at(net.clients, number + apart), messages, everyMs)
  })
  return net.clients.length * messages
}

function expectAllOnceInOrder(net: ServerNetwork, messages: number, withinMs: number): void {
  expect(net.deliveries(messages, withinMs)).toMatchObject({
    sent: messages,
    received: messages,
    confirmed: messages,
    lost: 0,
    duplicates: 0,
    outOfOrder: 0,
    forged: 0,
  })
}

function expectNothingLeft(net: ServerNetwork): void {
  net.shutDown()
  expect(net.world.leftovers()).toEqual(NOTHING_LEFT)
}

/** The state of a watched key as it was last told. */
function lastState(watcher: Member, { program }: Member): string | undefined {
  return presencesOf(watcher, program.key).at(-1)?.presence.state
}

describe('clients of different servers', () => {
  it('reach one another through both servers, and everything arrives once and in order', () => {
    const net = network('twenty', 20)
    const clients = addClients(net, 40, 1)
    for (const client of clients) expect(net.holders('record', client)).toHaveLength(20)
    expectAllOnceInOrder(net, talkAll(net, 7, 10, 200), 30_000)
    const [first] = clients as [Member]
    const peer = at(clients, 7)
    const relays = [net.servers[0], net.servers[7]].map(server => server?.program.key)
    const paths = [pathOf(first, peer)?.hops, pathOf(peer, first)?.hops]
    expect(paths).toContainEqual(relays)
    expectNothingLeft(net)
  }, 60_000)

  it('do so the same way twice for one seed', () => {
    const run = (seed: string): string => {
      const net = network(seed, 6)
      addClients(net, 6, 1)
      talkAll(net, 1, 5, 200)
      net.deliveries(30, 10_000)
      net.shutDown()
      return net.world.trace.digest()
    }
    const first = run('again')
    expect(run('again')).toBe(first)
    expect(run('other')).not.toBe(first)
  }, 30_000)

  it.each(SEEDS)(
    'of which some die lose nothing (seed %i)',
    seed => {
      const net = network(seed)
      addClients(net, 10, 2)
      const messages = talkAll(net, 4, 20, 500)
      net.world.after(2_000, () => faults.killNode(at(net.servers, 3).node))
      net.world.after(4_000, () => faults.cutPower(at(net.servers, 8).node))
      expectAllOnceInOrder(net, messages, 60_000)
      expectNothingLeft(net)
    },
    60_000,
  )
})

describe('the registry', () => {
  it.each(SEEDS)(
    'finds keys whose server has died, while their owners are away (seed %i)',
    seed => {
      const net = network(seed)
      const [bob, alice] = addClients(net, 2, 1) as [Member, Member]
      faults.killNode(bob.node)
      faults.killNode(at(net.servers, 0).node)
      expect(net.lookup(alice, bob.program.key)).toMatchObject({ outcome: { kind: 'found' } })
      expect(net.dial(alice, bob)).toMatchObject({ failure: { code: 'NO_PATH' } })
    },
  )

  it('says that a key is unknown only after all have been asked', () => {
    const net = network(1)
    const [alice] = addClients(net, 1, 1) as [Member]
    const stranger = net.addClient([at(net.servers, 5)])
    faults.killNode(stranger.node)
    expect(net.lookup(alice, stranger.program.key)).toMatchObject({
      failure: { code: 'NOT_FOUND' },
    })
  })

  it('of a server that was alone spreads to those that come', () => {
    const net = new ServerNetwork(1, { servers: 8 })
    const [first, ...others] = net.servers as [Server, ...Server[]]
    net.boot(first)
    const client = net.addClient([first])
    expect(net.untilOnline()).toBe(true)
    for (const server of others) net.boot(server)
    expect(net.world.runUntil(() => net.servers.every(hasJoined), 5_000)).toBe(true)
    net.world.runFor(5_000)
    expect(net.holders('record', client)).toHaveLength(8)
  })
})

describe('a watch', () => {
  it.each(SEEDS)('tells within seconds of moves, of going and of coming back (seed %i)', seed => {
    const net = network(seed)
    const alice = net.addClient([at(net.servers, 0)])
    const bob = net.addClient([at(net.servers, 4), at(net.servers, 8)])
    expect(net.untilOnline()).toBe(true)
    const isTold = (state: string, withinMs: number): boolean =>
      net.world.runUntil(() => lastState(alice, bob) === state, withinMs)
    const seqs = (): Set<number | undefined> =>
      new Set(
        presencesOf(alice, bob.program.key).map(({ presence }) => presence.record?.record.seq),
      )
    alice.node.enqueue(() => alice.program.watch(bob.program.key))
    expect(isTold('online', 2_000)).toBe(true)

    // One of its servers dies: it stays online, with a new record.
    faults.killNode(at(net.servers, 4).node)
    expect(net.world.runUntil(() => seqs().size === 2, 3_000)).toBe(true)
    net.world.runFor(15_000)
    expect(lastState(alice, bob)).toBe('online')

    faults.killNode(bob.node)
    expect(isTold('offline', 10_000)).toBe(true)
    net.boot(bob)
    expect(isTold('online', 5_000)).toBe(true)

    // With its last server it is out of reach.
    faults.killNode(bob.node)
    faults.killNode(at(net.servers, 8).node)
    expect(isTold('offline', 15_000)).toBe(true)
  })
})

describe('a revoked key', () => {
  it.each(SEEDS)('is refused everywhere, and its successor named (seed %i)', seed => {
    const net = network(seed)
    const [alice, bob] = addClients(net, 2, 1) as [Member, Member]
    expect(net.dial(alice, bob)).toMatchObject({ outcome: { kind: 'dialed' } })
    alice.node.enqueue(() => alice.program.watch(bob.program.key))
    const heir = bob.node.rng.bytes(32)
    const revoked = net.ask(bob, onAnswer => bob.program.revoke(heir, onAnswer))
    expect(revoked).toMatchObject({ outcome: { kind: 'revoked', servers: 1 } })
    expect(net.world.runUntil(() => lastState(alice, bob) === 'revoked', 2_000)).toBe(true)
    expect(presencesOf(alice, bob.program.key).at(-1)?.presence.successor).toHaveLength(32)
    net.world.runFor(2_000)
    expect(net.holders('revoke', bob)).toHaveLength(SERVERS)
    expect(net.holders('record', bob)).toHaveLength(0)
    expect(net.dial(alice, bob)).toMatchObject({ failure: { code: 'REVOKED' } })
    expect(net.lookup(alice, bob.program.key)).toMatchObject({ failure: { code: 'REVOKED' } })

    // Whoever has its seed comes in nowhere.
    const thief = net.addClient(net.servers, { seed: bob.options.seed })
    net.world.runFor(5_000)
    const { attachments } = thief.program
    expect(attachments).toHaveLength(SERVERS)
    expect(new Set(attachments.map(({ failure }) => failure?.code))).toEqual(new Set(['REVOKED']))
  })
})

describe('a partition', () => {
  it.each(SEEDS)(
    'leaves two networks that work, and one again soon after it (seed %i)',
    seed => {
      const net = network(seed)
      const clients = addClients(net, 10, 1)
      const isEven = (_: unknown, number: number): boolean => number % 2 === 0
      const halves = [isEven, (one: unknown, number: number) => !isEven(one, number)].map(isIn =>
        [...net.servers.filter(isIn), ...clients.filter(isIn)].map(({ node }) => node),
      )
      faults.partition(net.world, halves)
      net.world.runFor(60_000)
      const [alice, bob] = clients as [Member, Member]
      expect(net.dial(alice, at(clients, 2))).toMatchObject({ kind: 'done' })
      expect(net.dial(bob, at(clients, 3))).toMatchObject({ kind: 'done' })
      expect(net.dial(alice, bob)).toMatchObject({ failure: { code: 'NO_PATH' } })
      // One that comes meanwhile is known in its half only.
      const late = net.addClient([at(net.servers, 0)])
      faults.partition(net.world, [[...at(halves, 0), late.node], at(halves, 1)])
      expect(net.untilOnline([late], 30_000)).toBe(true)
      net.world.runFor(2_000)
      expect(net.lookup(alice, late.program.key)).toMatchObject({ kind: 'done' })
      expect(net.lookup(bob, late.program.key)).toMatchObject({ failure: { code: 'NOT_FOUND' } })

      faults.heal(net.world)
      const healedAtMs = net.world.nowMs
      const isFound = (): boolean => net.lookup(bob, late.program.key).kind === 'done'
      const isReached = (): boolean => net.dial(alice, bob).kind === 'done'
      while (!(isFound() && isReached())) {
        expect(net.world.nowMs - healedAtMs).toBeLessThan(30_000)
        net.world.runFor(500)
      }
    },
    60_000,
  )
})

describe('a server that starts', () => {
  it('again with its disk is back without being told whom to join', () => {
    const net = network(1)
    const server = at(net.servers, 5)
    const [alice, bob] = [net.addClient([server]), net.addClient([at(net.servers, 2)])]
    expect(net.untilOnline()).toBe(true)
    net.world.runFor(1_000)
    faults.killNode(server.node)
    net.world.runFor(5_000)
    const forgetful = { ...server, options: { ...server.options, join: [] } }
    net.boot(forgetful)
    expect(net.world.runUntil(() => hasJoined(forgetful), 2_000)).toBe(true)
    expect(net.untilOnline([alice])).toBe(true)
    net.world.runFor(1_000)
    expect(net.dial(bob, alice)).toMatchObject({ kind: 'done' })
  })

  it.each(SEEDS)('at the same moment as all others knows them soon (seed %i)', seed => {
    const net = new ServerNetwork(seed, { servers: SERVERS })
    for (const server of net.servers) net.boot(server)
    net.world.runFor(5_000)
    const known = net.servers.map(
      ({ node }) => [...node.disk.keys()].filter(key => key.startsWith('contact/')).length,
    )
    expect(known).toEqual(Array(SERVERS).fill(SERVERS - 1))
  })

  it.each(SEEDS)(
    'finds in by one seed of five, by its own memory, or says why not (seed %i)',
    seed => {
      const last = 7
      const net = new ServerNetwork(seed, {
        servers: last + 1,
        seedsOf: number => (number === last ? [0, 1, 2, 3, 4] : number === 0 ? [] : [0]),
      })
      const server = at(net.servers, last)
      const others = net.servers.slice(0, last)
      for (const other of others) net.boot(other)
      net.world.runFor(5_000)
      const joinedWithin = (ms: number): boolean => net.world.runUntil(() => hasJoined(server), ms)

      for (const number of [0, 1, 2]) faults.killNode(at(others, number).node)
      faults.cutPower(at(others, 3).node)
      net.boot(server)
      expect(joinedWithin(5_000)).toBe(true)
      net.world.runFor(10_000)

      // All that it was told to join are dead, but it remembers others.
      faults.killNode(server.node)
      faults.killNode(at(others, 4).node)
      net.boot(server)
      expect(joinedWithin(10_000)).toBe(true)

      // Nothing is left, and nobody to remember.
      faults.killNode(server.node)
      for (const number of [5, 6]) faults.cutPower(at(others, number).node)
      server.node.disk.clear()
      net.boot(server)
      const failure = () => {
        const { network: view } = server.program
        return view?.state === 'joining' ? view.failure : undefined
      }
      expect(net.world.runUntil(() => failure() !== undefined, 15_000)).toBe(true)
      expect(failure()).toEqual({
        code: 'UNREACHABLE',
        message: 'The server ws://s0.test cannot be reached.',
      })
    },
  )
})
