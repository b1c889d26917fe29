// Replay of setups (threat 19) and the quotas of setups and circuits, each crossed by one.

import { describe, expect, it } from 'vitest'
import { CELL_HEADER, encodeCell, INITIATOR_BIT } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import {
  MAX_CIRCUITS_PER_LINK,
  QUOTA_NOTICE_MS,
  SESSION_MAX_PATHS,
  SETUPS_BURST,
  SETUPS_PER_S,
} from '../wire/limits.ts'
import type { Three } from './testing/circuit-fixture.ts'
import { reasons, typeOf } from './testing/circuit-fixture.ts'
import type { TestNode } from './testing/router-net.ts'
import { RouterNet } from './testing/router-net.ts'

describe('replay (threat 19)', () => {
  it('of a recorded setup is refused at every hop', () => {
    const net = new RouterNet()
    const path = net.chain(3)
    net.open(path)
    const setups = net.log.filter(wired => typeOf(wired) === FRAME.cellSetup)
    expect(setups).toHaveLength(4)
    for (const [n, { from, to, bytes }] of setups.entries()) {
      const before = to.router.load.circuits
      net.log.length = 0
      net.inject(
        from,
        to,
        encodeCell(FRAME.cellSetup, INITIATOR_BIT + 500 + n, bytes.subarray(CELL_HEADER)),
      )
      expect(to.router.load.circuits).toBe(before)
      expect(net.log.map(wired => [typeOf(wired), wired.bytes[CELL_HEADER]])).toEqual([
        [FRAME.cellDestroy, 1],
      ])
    }
  })

  it('is refused after the circuit ended and the link is another', () => {
    const net = new RouterNet()
    const [client, end] = net.chain(0) as [TestNode, TestNode]
    const circuit = net.open([client, end])
    const setup = net.log[0]?.bytes as Uint8Array
    net.run(client, { kind: 'destroy', circuit, reason: 'closed' })
    const thief = net.node('thief', { isServer: false })
    net.connect(thief, end)
    net.inject(thief, end, setup)
    expect(net.taken(end, 'incoming')).toHaveLength(1)
  })

  it('cannot make room in a full cache: new setups are refused as busy', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1, { maxReplayTags: 2 }) as Three
    const first = net.open([client, relay, end])
    net.open([client, relay, end])
    net.open([client, relay, end])
    expect(reasons(net, client)).toEqual(['busy'])
    net.run(client, { kind: 'destroy', circuit: first, reason: 'closed' })
    net.open([client, relay, end])
    expect(reasons(net, client)).toEqual(['busy', 'closed', 'busy'])
  })
})

/** As `net.chain(1)`, but the end is a server: what one key may bring upon a client is far less. */
function chainToServer(net: RouterNet): Three {
  const client = net.node('client', { isServer: false })
  const [relay, end] = [net.node('relay'), net.node('end')]
  net.connect(client, relay)
  net.connect(relay, end)
  return [client, relay, end]
}

describe('quotas', () => {
  it('refuse the setup after the burst, say so seldom, and recover at the rate', () => {
    const net = new RouterNet()
    const [client, relay, end] = chainToServer(net)
    for (let n = 0; n < SETUPS_BURST; n++) {
      const circuit = net.open([client, relay, end])
      net.run(client, { kind: 'destroy', circuit, reason: 'closed' })
    }
    expect(net.taken(client, 'opened')).toHaveLength(SETUPS_BURST)
    net.open([client, relay, end])
    net.open([client, relay, end])
    expect(reasons(net, client).slice(SETUPS_BURST)).toEqual(['quota', 'quota'])
    const link = net.linkBetween(relay, client)
    const retryAfterMs = Math.ceil(1000 / SETUPS_PER_S)
    expect(relay.effects).toEqual([{ kind: 'quota', link, limit: 'setupsPerS', retryAfterMs }])
    net.advance(retryAfterMs)
    net.open([client, relay, end])
    expect(net.taken(client, 'opened')).toHaveLength(SETUPS_BURST + 1)
    net.advance(QUOTA_NOTICE_MS - retryAfterMs)
    for (let n = 0; n < 3; n++) net.open([client, relay, end])
    expect(net.taken(relay, 'quota')).toHaveLength(2)
  })

  it('hold a client to its circuits and not one more', () => {
    const net = new RouterNet()
    const [client, relay, end] = chainToServer(net)
    for (let n = 0; n < MAX_CIRCUITS_PER_LINK; n++) net.open([client, relay, end])
    expect(net.taken(client, 'opened')).toHaveLength(MAX_CIRCUITS_PER_LINK)
    net.open([client, relay, end])
    expect(reasons(net, client)).toEqual(['quota'])
    expect(net.taken(relay, 'quota')[0]?.limit).toBe('circuitsPerLink')
  })

  it('do not hold a client to its own number for circuits that others open to it', () => {
    const net = new RouterNet()
    const [, relay, end] = net.chain(1) as Three
    const names = Array.from({ length: MAX_CIRCUITS_PER_LINK / SESSION_MAX_PATHS + 1 }, String)
    for (const name of names) {
      const client = net.node(name, { isServer: false })
      net.connect(client, relay)
      for (let n = 0; n < SESSION_MAX_PATHS; n++) net.open([client, relay, end])
      net.advance(1_000)
    }
    const carried = MAX_CIRCUITS_PER_LINK + SESSION_MAX_PATHS
    expect(net.taken(end, 'incoming')).toHaveLength(carried)
    expect(relay.router.load.circuits).toBe(carried)
  })

  it('bound all circuits of a node', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1, { maxCircuits: 2 }) as Three
    for (let n = 0; n < 3; n++) net.open([client, relay, end])
    expect(reasons(net, client)).toEqual(['busy'])
    expect(relay.router.load.circuits).toBe(2)
  })
})
