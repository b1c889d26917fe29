// Larger networks of whole servers, and an hour of churn: minutes, not seconds.

import { describe, expect, it } from 'vitest'
import * as faults from '../faults.ts'
import type { Member } from './server-network.ts'
import { hasJoined, ServerNetwork } from './server-network.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)
const MINUTE_MS = 60_000

describe('a hundred servers', () => {
  it.each(TEN_SEEDS.slice(0, 3))('with three hundred clients lose nothing (seed %i)', seed => {
    const net = new ServerNetwork(seed, { servers: 100 })
    net.startServers(60_000)
    net.world.runFor(10_000)
    for (let i = 0; i < 300; i += 1)
      net.addClient([net.servers[i % 100] as (typeof net.servers)[0]])
    expect(net.untilOnline(net.clients, 30_000)).toBe(true)
    net.world.runFor(5_000)
    net.clients.forEach((client, at) => {
      net.talk(client, net.clients[(at + 37) % 300] as Member, 10, 500)
    })
    const sent = 3_000
    expect(net.deliveries(sent, 2 * MINUTE_MS)).toMatchObject({
      sent,
      received: sent,
      confirmed: sent,
      lost: 0,
      duplicates: 0,
      outOfOrder: 0,
    })
  })
})

describe('an hour in which a third of thirty servers is replaced every ten minutes', () => {
  it.each(TEN_SEEDS)('loses no record and no message (seed %i)', seed => {
    const net = new ServerNetwork(seed, {
      servers: 90,
      scheme: 'wss',
      // Whoever comes later is told of some that came before, dead ones among them.
      seedsOf: number => [number - 1, number - 7, number - 15, number - 29].filter(one => one >= 0),
    })
    let next = 0
    let alive: number[] = []
    const server = (number: number) => net.servers[number] as (typeof net.servers)[0]
    const come = (): void => {
      net.boot(server(next))
      alive.push(next)
      next += 1
    }
    for (let i = 0; i < 30; i += 1) come()
    net.world.runFor(20_000)
    const rng = net.world.rng.fork('churn')
    for (let i = 0; i < 20; i += 1) net.addClient([server(rng.pick(alive))])
    expect(net.untilOnline()).toBe(true)

    let lookups = 0
    let found = 0
    let sent = 0
    for (let minute = 0; minute < 60; minute += 1) {
      const victim = rng.pick(alive)
      alive = alive.filter(number => number !== victim)
      if (rng.below(2) === 0) faults.killNode(server(victim).node)
      else faults.cutPower(server(victim).node)
      if (next < 90) come()
      net.world.runFor(MINUTE_MS / 2)
      // Each client was told one server, long dead by now, and lives on those that it heard of.
      expect(net.clients.filter(({ program }) => program.isOnline)).toHaveLength(20)
      for (let i = 0; i < 20; i += 2) {
        const [from, to] = [net.clients[i], net.clients[i + 1]] as [Member, Member]
        lookups += 1
        if (net.lookup(from, to.program.key).kind === 'done') found += 1
        net.talk(from, to, 1)
        sent += 1
      }
      net.world.runFor(MINUTE_MS / 2)
    }
    expect(found / lookups).toBeGreaterThanOrEqual(0.999)
    const delivery = net.deliveries(sent, 2 * MINUTE_MS)
    expect(delivery).toMatchObject({ received: sent, confirmed: sent, lost: 0, duplicates: 0 })
    expect(alive.every(number => hasJoined(server(number)))).toBe(true)
  })
})
