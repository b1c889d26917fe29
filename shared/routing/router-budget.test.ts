// A relay with a budget: what counts, what ends when it is used up, and that nothing else does.

import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { LARGE_CELL, SMALL_CELL } from '../wire/circuit-cells.ts'
import { LEAF_CIRCUITS_TOWARD_SERVER, SETUPS_TOWARD_BURST } from '../wire/limits.ts'
import { relayRole } from './relay-role.ts'
import type { RelayBudget } from './router-messages.ts'
import { DEFAULT_RELAY_POLICY } from './router-messages.ts'
import type { Three } from './testing/circuit-fixture.ts'
import { reasons } from './testing/circuit-fixture.ts'
import { RouterNet } from './testing/router-net.ts'

class Purse implements RelayBudget {
  left: number
  constructor(bytes: number) {
    this.left = bytes
  }
  readonly payers = new Set<KeyId>()
  spend(_: unknown, neighbour: KeyId, bytes: number): boolean {
    this.payers.add(neighbour)
    if (bytes > this.left) return false
    this.left -= bytes
    return true
  }
}

function chainWith(purse: Purse): { net: RouterNet; path: Three } {
  const net = new RouterNet()
  const relay = { role: relayRole, policy: DEFAULT_RELAY_POLICY, budget: purse }
  return { net, path: net.chain(1, { relay }) as Three }
}

const SETUP_BYTES = 2 * SMALL_CELL

describe('a relay with a budget', () => {
  it.each([
    [SETUP_BYTES - 1, ['quota']],
    [SETUP_BYTES, []],
  ])('of %i bytes answers a setup with %j', (bytes, expected) => {
    const { net, path } = chainWith(new Purse(bytes))
    net.open(path)
    expect(reasons(net, path[0])).toEqual(expected)
    expect(path[1].router.load.circuits).toBe(expected.length === 0 ? 1 : 0)
  })

  it('counts every cell in both directions with its size', () => {
    const purse = new Purse(1_000_000)
    const { net, path } = chainWith(purse)
    const [client, , end] = path
    const circuit = net.open(path, { large: true })
    const [incoming] = net.taken(end, 'incoming')
    if (incoming === undefined) throw new Error('no circuit')
    purse.left = 1_000_000
    net.run(client, { kind: 'send', circuit, data: new Uint8Array(10) })
    expect(1_000_000 - purse.left).toBe(SMALL_CELL)
    net.run(end, { kind: 'send', circuit: incoming.circuit, data: new Uint8Array(5_000) })
    expect(1_000_000 - purse.left).toBe(SMALL_CELL + LARGE_CELL)
    expect([...purse.payers]).toEqual([client.keyId])
  })

  it('ends a circuit whose next cell it cannot pay: its opener reads quota, the other end closed', () => {
    const purse = new Purse(SETUP_BYTES + SMALL_CELL)
    const { net, path } = chainWith(purse)
    const [client, relay, end] = path
    const circuit = net.open(path)
    net.run(client, { kind: 'send', circuit, data: new Uint8Array(10) })
    expect(net.taken(end, 'data')).toHaveLength(1)
    net.run(client, { kind: 'send', circuit, data: new Uint8Array(10) })
    expect(net.taken(end, 'data')).toHaveLength(1)
    expect(reasons(net, client)).toEqual(['quota'])
    expect(reasons(net, end)).toEqual(['closed'])
    expect(relay.router.load).toEqual({ circuits: 0, queuedBytes: 0 })
  })

  it('has its own circuits whatever others have used up', () => {
    const { net, path } = chainWith(new Purse(0))
    const [client, relay, end] = path
    net.open([relay, end])
    net.open([client, relay])
    expect(net.taken(relay, 'opened')).toHaveLength(1)
    expect(net.taken(client, 'opened')).toHaveLength(1)
  })
})

/** A client that relays, its server, and so many neighbours. */
function leafBefore(net: RouterNet, neighbours: number) {
  const relay = { role: relayRole, policy: DEFAULT_RELAY_POLICY, isLeaf: true }
  const leaf = net.node('leaf', { isServer: false, relay })
  const [server, end] = [net.node('server'), net.node('end')]
  net.connect(leaf, server)
  net.connect(server, end)
  const clients = Array.from({ length: neighbours }, (_, i) => {
    const client = net.node(`neighbour${i}`, { isServer: false })
    net.connect(client, leaf)
    return client
  })
  return { leaf, server, end, clients }
}

describe('a client that relays', () => {
  it('passes on to its server no more setups than its own needs leave, whoever asks', () => {
    const net = new RouterNet()
    const { leaf, server, end, clients } = leafBefore(net, 2 * SETUPS_TOWARD_BURST)
    for (const client of clients) net.open([client, leaf, server, end])
    expect(net.taken(end, 'incoming')).toHaveLength(SETUPS_TOWARD_BURST)
    expect(clients.flatMap(client => reasons(net, client))).toEqual(
      new Array(SETUPS_TOWARD_BURST).fill('quota'),
    )
    net.open([leaf, server, end])
    expect(net.taken(leaf, 'opened')).toHaveLength(1)
  })

  it('carries to its server half of the circuits that it may have there', () => {
    const net = new RouterNet()
    const { leaf, server, end, clients } = leafBefore(net, LEAF_CIRCUITS_TOWARD_SERVER + 1)
    for (const client of clients) {
      net.open([client, leaf, server, end])
      net.advance(1_000)
    }
    expect(leaf.router.load.circuits).toBe(LEAF_CIRCUITS_TOWARD_SERVER)
    expect(clients.flatMap(client => reasons(net, client))).toEqual(['busy'])
    net.open([leaf, server, end])
    expect(net.taken(leaf, 'opened')).toHaveLength(1)
  })

  it('dials nobody for others: without a link to the next hop a setup ends at once', () => {
    const net = new RouterNet()
    const { leaf, end, clients } = leafBefore(net, 1)
    net.open([...clients, leaf, end])
    expect(clients.flatMap(client => reasons(net, client))).toEqual(['unreachable'])
  })
})
