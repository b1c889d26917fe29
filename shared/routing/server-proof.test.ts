// What a key may do before and after our own dial has proven it to be a server's (docs/PROTOCOL.md 6.6): its
// rates, its circuits, and what comes over its link upon one client.

import { describe, expect, it } from 'vitest'
import { SMALL_CELL } from '../wire/circuit-cells.ts'
import {
  LEAF_SETUPS_BURST,
  LEAF_SETUPS_PER_S,
  MAX_CIRCUITS_PER_LINK,
  SERVER_CIRCUITS_TOWARD,
  SERVER_SETUPS_TOWARD_BURST,
  SERVER_SETUPS_TOWARD_PER_S,
  SESSION_MAX_PATHS,
  SETUPS_BURST,
  SETUPS_TOWARD_BURST,
} from '../wire/limits.ts'
import type { CircuitId } from './circuit.ts'
import { relayRole } from './relay-role.ts'
import { neighbour } from './testing/apart.ts'
import { numbered, reasons } from './testing/circuit-fixture.ts'
import type { TestNode } from './testing/router-net.ts'
import { RouterNet } from './testing/router-net.ts'

/** `stranger` dialed the relay and calls itself a server; the relay did not look yet. */
function stranger(relayConfig: Parameters<RouterNet['node']>[1] = {}) {
  const net = new RouterNet()
  const node = net.node('stranger', { isServer: false })
  const relay = net.node('relay', relayConfig)
  net.connect(node, relay)
  const far = net.node('far')
  net.connect(relay, far)
  const prove = () => net.run(relay, { kind: 'serverProven', peer: node.keyId })
  return { net, node, relay, far, prove }
}

/** Opens circuits and ends each at once. @returns how many were opened */
function openAndEnd(net: RouterNet, path: readonly TestNode[], count: number): number {
  const [client] = path as [TestNode]
  const before = net.taken(client, 'opened').length
  for (let n = 0; n < count; n++) {
    const circuit = net.open(path)
    net.run(client, { kind: 'destroy', circuit, reason: 'closed' })
  }
  return net.taken(client, 'opened').length - before
}

describe('a proof', () => {
  it('gives a key the circuits of a server, on the links that it has and on later ones', () => {
    const { net, node, relay, far, prove } = stranger()
    for (let n = 0; n < MAX_CIRCUITS_PER_LINK; n++) net.open([node, relay, far])
    net.open([node, relay, far])
    expect(reasons(net, node)).toEqual(['quota'])
    prove()
    net.open([node, relay, far])
    net.connect(node, relay)
    for (let n = 0; n <= MAX_CIRCUITS_PER_LINK; n++) net.open([node, relay, far])
    expect(reasons(net, node)).toEqual(['quota'])
    expect(relay.router.load.circuits).toBe(2 * MAX_CIRCUITS_PER_LINK + 2)
  })

  it('may come before any link', () => {
    const { net, relay, far } = stranger()
    const late = net.node('late', { isServer: false })
    net.run(relay, { kind: 'serverProven', peer: late.keyId })
    net.connect(late, relay)
    expect(openAndEnd(net, [late, relay, far], SETUPS_BURST + 1)).toBe(SETUPS_BURST + 1)
  })

  it('gives no fresh burst: what was used stays used, and a second proof changes nothing', () => {
    // A node that does not relay: its burst for a server is one that a test can use up.
    const { net, node, relay: leaf, prove } = stranger({ relay: undefined })
    const path = [node, leaf]
    expect(openAndEnd(net, path, 21)).toBe(21)
    prove()
    expect(openAndEnd(net, path, LEAF_SETUPS_BURST)).toBe(LEAF_SETUPS_BURST - 21)
    prove()
    expect(openAndEnd(net, path, 1)).toBe(0)
    net.advance(1000)
    prove()
    expect(openAndEnd(net, path, LEAF_SETUPS_PER_S + 1)).toBe(LEAF_SETUPS_PER_S)
  })

  it('after more was used than a server has leaves no debt beyond an empty burst', () => {
    const { net, node, relay: leaf, prove } = stranger({ relay: undefined })
    expect(openAndEnd(net, [node, leaf], SETUPS_BURST)).toBe(SETUPS_BURST)
    prove()
    net.advance(1000)
    expect(openAndEnd(net, [node, leaf], LEAF_SETUPS_PER_S + 1)).toBe(LEAF_SETUPS_PER_S)
  })

  it('is one of our dial, too: a link that we opened later', () => {
    const { net, node, relay, far } = stranger()
    expect(openAndEnd(net, [node, relay, far], SETUPS_BURST + 1)).toBe(SETUPS_BURST)
    const link = net.connect(relay, node)[0]
    net.run(relay, { kind: 'linkUp', link, peer: node.keyId, isServer: true, initiator: true })
    expect(openAndEnd(net, [node, relay, far], 2)).toBe(2)
  })

  it('lets what waits for bytes go on at the rate of a server', () => {
    const policy = {
      client: { perSecond: SMALL_CELL, burst: 16 * SMALL_CELL },
      server: { perSecond: 1_000 * SMALL_CELL, burst: 32 * SMALL_CELL },
    }
    const { net, node, relay, far, prove } = stranger({ relay: { role: relayRole, policy } })
    const circuit = net.open([node, relay, far])
    for (let n = 0; n < 40; n++) net.run(node, { kind: 'send', circuit, data: numbered(n) })
    expect(net.taken(far, 'data')).toHaveLength(16)
    prove()
    net.advance(0)
    prove()
    net.advance(0)
    // 16 of the burst of 32 were used as a client.
    expect(net.taken(far, 'data')).toHaveLength(32)
    net.advance(20)
    expect(net.taken(far, 'data')).toHaveLength(40)
  })
})

describe('a server that is not proven', () => {
  it('brings a client no more than one key may, for whomever it claims to carry it', () => {
    const { net, node, relay } = stranger()
    const client = neighbour(net, relay, 'client')
    for (let n = 0; n < SESSION_MAX_PATHS; n++) net.open([node, relay, client])
    net.open([node, relay, client])
    expect(reasons(net, node)).toEqual(['quota'])
    expect(net.taken(client, 'incoming')).toHaveLength(SESSION_MAX_PATHS)
  })

  it('is reached like a client', () => {
    const { net, node, relay, prove } = stranger()
    const client = neighbour(net, relay, 'client')
    const path = [client, relay, node]
    expect(openAndEnd(net, path, SETUPS_TOWARD_BURST + 1)).toBe(SETUPS_TOWARD_BURST)
    prove()
    expect(openAndEnd(net, path, SETUPS_TOWARD_BURST)).toBe(SETUPS_TOWARD_BURST)
  })
})

describe('a proven server', () => {
  it('brings one client more setups, for the many keys behind it, and leaves room for others', () => {
    const { net, node, relay, prove } = stranger()
    prove()
    const client = neighbour(net, relay, 'client')
    const most = SERVER_SETUPS_TOWARD_BURST
    expect(openAndEnd(net, [node, relay, client], most + 1)).toBe(most)
    expect(reasons(net, node).slice(most)).toEqual(['quota'])
    expect(openAndEnd(net, [neighbour(net, relay, 'other'), relay, client], 1)).toBe(1)
    expect(openAndEnd(net, [node, relay, neighbour(net, relay, 'another')], 1)).toBe(1)
    net.advance(1000)
    expect(openAndEnd(net, [node, relay, client], SERVER_SETUPS_TOWARD_PER_S + 1)).toBe(
      SERVER_SETUPS_TOWARD_PER_S,
    )
  })

  it('brings one client so many circuits at once, and others still reach it', () => {
    const { net, node, relay, prove } = stranger()
    prove()
    const client = neighbour(net, relay, 'client')
    const opened: CircuitId[] = []
    while (opened.length < SERVER_CIRCUITS_TOWARD) {
      opened.push(net.open([node, relay, client]))
      if (opened.length >= SERVER_SETUPS_TOWARD_BURST) {
        net.time = { ...net.time, now: net.time.now + 1000 / SERVER_SETUPS_TOWARD_PER_S }
      }
    }
    expect(reasons(net, node)).toEqual([])
    net.open([node, relay, client])
    expect(reasons(net, node)).toEqual(['quota'])
    expect(openAndEnd(net, [neighbour(net, relay, 'other'), relay, client], 1)).toBe(1)
    net.run(node, { kind: 'destroy', circuit: opened[0] as CircuitId, reason: 'closed' })
    net.open([node, relay, client])
    expect(net.taken(node, 'opened')).toHaveLength(SERVER_CIRCUITS_TOWARD + 1)
  })
})
