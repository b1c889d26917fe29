// How long things take between two virtual servers, and in which ways they fail.

import { describe, expect, it } from 'vitest'
import type { Contact } from '../../shared/dht/contact.ts'
import {
  LINK_DEAD_MS,
  SERVER_CALL_TIMEOUT_MS,
  SERVER_DIAL_TIMEOUT_MS,
  SERVER_LINK_IDLE_MS,
} from '../../shared/wire/limits.ts'
import type { DhtServer } from './dht-server.ts'
import { LINKS_OF_50_MS } from './network-profile.ts'
import { RegistryNet } from './registry-net.ts'
import { linksOf } from './server-links.ts'

const STEADY = { ...LINKS_OF_50_MS, jitterMs: 0 }
const DIAL_MS = 150

describe('a check', () => {
  it('takes the round trips of a dial, and proves the acceptor to the dialer only', () => {
    const { net, a, b } = twoServers()
    net.world.transport.check(a, b.contact)
    net.world.runFor(DIAL_MS - 1)
    expect(knows(a, b)).toBe(false)
    expect(net.world.traffic.dials).toBe(1)
    net.world.runFor(1)
    expect([knows(a, b), knows(b, a)]).toEqual([true, false])
    expect([a.outbound.size, a.inbound.size, b.outbound.size, b.inbound.size]).toEqual([1, 0, 0, 1])
    // Whoever was dialed has heard of the dialer, and checks it in turn.
    net.world.runFor(DIAL_MS)
    expect(knows(b, a)).toBe(true)
    expect(net.world.traffic.count()).toMatchObject({ dials: 2, failedDials: 0 })
  })

  it.each([
    ['refused', 50],
    ['silent', SERVER_DIAL_TIMEOUT_MS],
    ['cut off', SERVER_DIAL_TIMEOUT_MS],
    ['someone else', DIAL_MS],
  ] as const)('of a server that is %s fails after %i ms', (how, afterMs) => {
    const { net, a, b } = twoServers()
    const { world } = net
    if (how === 'refused') world.kill(b, 'dead')
    if (how === 'silent') world.kill(b, 'gone')
    if (how === 'cut off') world.setGroups(new Map([[a, 1]]))
    const contact: Contact =
      how === 'someone else' ? { ...b.contact, key: a.contact.key } : b.contact
    world.transport.check(a, contact)
    world.runFor(afterMs - 1)
    expect(world.traffic.failedDials).toBe(0)
    world.runFor(1)
    expect(world.traffic.failedDials).toBe(1)
    expect(knows(a, b)).toBe(false)
  })
})

describe('a lookup', () => {
  it('takes one round trip over a link that is open', () => {
    const { net, a } = linkedServers()
    expect(lookUp(net, a)).toBe(50)
  })

  it('dials first when the links have been idle', () => {
    const { net, a, b } = linkedServers()
    for (const link of linksOf(a)) link.usedAtMs = net.world.nowMs - SERVER_LINK_IDLE_MS
    expect(lookUp(net, a)).toBe(DIAL_MS + 50)
    expect([a.outbound.size, b.outbound.size]).toEqual([1, 0])
  })

  it('waits for a vanished server no longer than a call may take', () => {
    const { net, a, b } = linkedServers()
    net.world.kill(b, 'gone')
    expect(lookUp(net, a)).toBe(SERVER_CALL_TIMEOUT_MS)
  })

  it('ends at once when the only other server refuses', () => {
    const { net, a, b } = linkedServers()
    net.world.kill(b, 'dead')
    expect(a.outbound.size).toBe(0)
    expect(lookUp(net, a)).toBe(50)
  })
})

describe('a link', () => {
  it('to a vanished computer stays until it is known to be dead', () => {
    const { net, a, b } = linkedServers()
    net.world.kill(b, 'gone')
    net.world.runFor(LINK_DEAD_MS - 1)
    expect(a.outbound.size).toBe(1)
    net.world.runFor(1)
    expect(a.outbound.size).toBe(0)
  })
})

function twoServers() {
  const net = new RegistryNet('transport', { profile: STEADY })
  return { net, a: net.addServer(), b: net.addServer() }
}

function linkedServers() {
  const { net, a, b } = twoServers()
  net.world.transport.check(a, b.contact)
  net.world.runFor(2_000)
  return { net, a, b }
}

function knows(a: DhtServer, b: DhtServer): boolean {
  return a.dht.contact(b.contact.key) !== undefined
}

/** @returns how long a lookup of an unknown key took, in virtual milliseconds */
function lookUp(net: RegistryNet, from: DhtServer): number {
  const key = net.addServer().contact.key
  const startMs = net.world.nowMs
  let isDone = false
  from.find(key, () => {
    isDone = true
  })
  net.world.runUntil(() => isDone, 60_000)
  return net.world.nowMs - startMs
}
