// What one stranger may bring upon one client through a relay (docs/PROTOCOL.md 6.6), each limit crossed
// by one: setups, which cost a browser milliseconds each, and circuits, of which a link holds so many.

import { describe, expect, it } from 'vitest'
import {
  LEAF_SETUPS_BURST,
  LEAF_SETUPS_PER_S,
  SESSION_MAX_PATHS,
  SETUPS_TOWARD_BURST,
  SETUPS_TOWARD_PER_S,
} from '../wire/limits.ts'
import type { CircuitId } from './circuit.ts'
import type { Three } from './testing/circuit-fixture.ts'
import { reasons } from './testing/circuit-fixture.ts'
import type { TestNode } from './testing/router-net.ts'
import { RouterNet } from './testing/router-net.ts'

/** Opens that many circuits and ends each at once. */
function openAndEnd(net: RouterNet, path: readonly TestNode[], count: number): void {
  const [client] = path as [TestNode]
  for (let n = 0; n < count; n++) {
    const circuit = net.open(path)
    net.run(client, { kind: 'destroy', circuit, reason: 'closed' })
  }
}

function clientOf(net: RouterNet, relay: TestNode, name: string): TestNode {
  const client = net.node(name, { isServer: false })
  net.connect(client, relay)
  return client
}

describe('setups toward one client', () => {
  it('of one key are refused after the burst, without a word to that client, and recover', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1) as Three
    openAndEnd(net, [client, relay, end], SETUPS_TOWARD_BURST)
    net.open([client, relay, end])
    expect(reasons(net, client).slice(SETUPS_TOWARD_BURST)).toEqual(['quota'])
    expect(net.taken(end, 'incoming')).toHaveLength(SETUPS_TOWARD_BURST)
    expect(relay.router.load.circuits).toBe(0)
    net.advance(1000 / SETUPS_TOWARD_PER_S)
    openAndEnd(net, [client, relay, end], 2)
    expect(net.taken(end, 'incoming')).toHaveLength(SETUPS_TOWARD_BURST + 1)
  })

  it('are counted by key and not by link', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1) as Three
    openAndEnd(net, [client, relay, end], SETUPS_TOWARD_BURST)
    net.connect(client, relay)
    net.connect(end, relay)
    net.open([client, relay, end])
    expect(net.taken(end, 'incoming')).toHaveLength(SETUPS_TOWARD_BURST)
  })

  it('leave that key its setups toward others, and others theirs toward that client', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1) as Three
    openAndEnd(net, [client, relay, end], SETUPS_TOWARD_BURST + 1)
    openAndEnd(net, [client, relay, clientOf(net, relay, 'other end')], 1)
    openAndEnd(net, [clientOf(net, relay, 'other client'), relay, end], 1)
    expect(net.taken(client, 'opened')).toHaveLength(SETUPS_TOWARD_BURST + 1)
    expect(net.taken(end, 'incoming')).toHaveLength(SETUPS_TOWARD_BURST + 1)
  })

  it('are not limited between servers, whose links carry many keys', () => {
    const net = new RouterNet()
    const path = net.chain(2)
    openAndEnd(net, path.slice(0, 3), SETUPS_TOWARD_BURST + 1)
    expect(net.taken(path[0] as TestNode, 'opened')).toHaveLength(SETUPS_TOWARD_BURST + 1)
    const others = [1, 2].map(n => clientOf(net, path[1] as TestNode, `client${n}`))
    for (const other of others) openAndEnd(net, [other, ...path.slice(1)], SETUPS_TOWARD_BURST)
    expect(net.taken(path.at(-1) as TestNode, 'incoming')).toHaveLength(2 * SETUPS_TOWARD_BURST)
  })
})

describe('setups over the link of a server', () => {
  it('cost a node that does not relay its burst and then its rate, whoever they come from', () => {
    const net = new RouterNet()
    const [first, relay, end] = net.chain(1) as Three
    const clients = [first]
    while (clients.length * SETUPS_TOWARD_BURST < LEAF_SETUPS_BURST) {
      clients.push(clientOf(net, relay, `client${clients.length}`))
    }
    for (const client of clients) openAndEnd(net, [client, relay, end], SETUPS_TOWARD_BURST)
    expect(net.taken(end, 'incoming')).toHaveLength(LEAF_SETUPS_BURST)
    const late = clientOf(net, relay, 'late')
    net.open([late, relay, end])
    const retryAfterMs = 1000 / LEAF_SETUPS_PER_S
    const link = net.linkBetween(end, relay)
    expect(net.taken(end, 'quota')).toEqual([
      { kind: 'quota', link, limit: 'setupsPerS', retryAfterMs },
    ])
    expect(net.taken(late, 'opened')).toEqual([])
    net.advance(retryAfterMs)
    net.open([late, relay, end])
    expect(net.taken(late, 'opened')).toHaveLength(1)
  })

  it('are many more for a node that relays', () => {
    const net = new RouterNet()
    const [first, second] = [net.node('first'), net.node('second')]
    net.connect(first, second)
    openAndEnd(net, [first, second], LEAF_SETUPS_BURST + 1)
    expect(net.taken(first, 'opened')).toHaveLength(LEAF_SETUPS_BURST + 1)
  })
})

describe('circuits toward one client', () => {
  it('of one key are as many as a session has paths, over all of its links', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1) as Three
    const circuits: CircuitId[] = []
    for (let n = 0; n < SESSION_MAX_PATHS; n++) {
      if (n === 3) net.connect(client, relay)
      circuits.push(net.open([client, relay, end]))
    }
    net.open([client, relay, end])
    expect(reasons(net, client)).toEqual(['quota'])
    expect(relay.router.load.circuits).toBe(SESSION_MAX_PATHS)
    net.run(client, { kind: 'destroy', circuit: circuits[0] as CircuitId, reason: 'closed' })
    net.open([client, relay, end])
    expect(net.taken(client, 'opened')).toHaveLength(SESSION_MAX_PATHS + 1)
    expect(relay.router.load.circuits).toBe(SESSION_MAX_PATHS)
  })

  it('of one key leave room for its circuits elsewhere and for those that come to it', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1) as Three
    for (let n = 0; n < SESSION_MAX_PATHS; n++) net.open([client, relay, end])
    net.open([client, relay, clientOf(net, relay, 'other')])
    net.open([end, relay, client])
    expect(net.taken(client, 'opened')).toHaveLength(SESSION_MAX_PATHS + 1)
    expect(net.taken(end, 'opened')).toHaveLength(1)
  })

  it('may be more from a server, which carries them for many keys', () => {
    const net = new RouterNet()
    const path = net.chain(2)
    const relay = path[1] as TestNode
    const clients = [path[0] as TestNode, clientOf(net, relay, 'second')]
    for (const client of clients) {
      for (let n = 0; n < SESSION_MAX_PATHS; n++) net.open([client, ...path.slice(1)])
    }
    expect(net.taken(path.at(-1) as TestNode, 'incoming')).toHaveLength(2 * SESSION_MAX_PATHS)
  })
})
