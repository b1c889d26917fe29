// An attempt over real routers: our servers and the peer's are not linked yet, and dial one another only when a
// circuit needs it, or fail to.

import { describe, expect, it } from 'vitest'
import type { CircuitId } from '../../routing/circuit.ts'
import type { TestNode } from '../../routing/testing/router-net.ts'
import { RouterNet } from '../../routing/testing/router-net.ts'
import { HEDGE_HANDSHAKE_MS, PATH_MAX_CIRCUITS, SETUP_WAIT_MS } from '../../wire/limits.ts'
import type { NodeRecord, NodeType } from '../../wire/record.ts'
import { RouteLog } from '../routes/route-log.ts'
import { identityOf, recordOf } from '../testing/records.ts'
import { routesForTests } from '../testing/routes.ts'
import type { AttemptResult } from './path-attempt.ts'
import { PathAttempt } from './path-attempt.ts'

/** The client is attached to one and two, the peer to x and y; all others have no link. */
class Country {
  readonly net = new RouterNet()
  readonly client = this.net.node('client', { isServer: false })
  readonly one = this.net.node('one')
  readonly two = this.net.node('two')
  readonly x = this.net.node('x')
  readonly y = this.net.node('y')
  readonly peer = this.net.node('peer', { isServer: false })
  readonly attempt: PathAttempt
  result: AttemptResult | undefined
  #settled = 0

  constructor() {
    const { net, client, one, two, x, y, peer } = this
    for (const server of [one, two]) net.connect(client, server)
    for (const server of [x, y]) net.connect(peer, server)
    const unused = (): never => {
      throw new Error('not of an attempt')
    }
    const entries = [one, two].map(({ keyId, hop }) => ({ key: keyId, hop }))
    this.attempt = new PathAttempt(
      {
        circuits: {
          nextId: () => client.router.nextCircuitId(),
          open: (_time, circuit, hops, data, timeoutMs) =>
            net.feed(client, { kind: 'open', circuit, hops, data, large: false, timeoutMs }),
          destroy: (_time, circuit, reason) =>
            net.feed(client, { kind: 'destroy', circuit, reason }),
          answer: unused,
          send: unused,
          linkOf: unused,
          room: unused,
          capacity: unused,
        },
        servers: {
          entries: () => entries,
          neighbours: () => [],
          failure: unused,
          hasOpenServer: true,
          isConnecting: false,
          hasDirectLink: () => false,
          quota: () => undefined,
          startLookup: () => 1,
          cancelLookup: () => {},
        },
        routes: routesForTests(),
        log: new RouteLog(),
        askRoutes: () => {},
        isAskingRoutes: () => false,
      },
      peer.keyId,
      () => Uint8Array.of(7),
      { mode: 'fast', maxCircuits: PATH_MAX_CIRCUITS, minHedgeMs: HEDGE_HANDSHAKE_MS },
    )
  }

  /** Starts, and goes on until nothing moves. */
  run(): void {
    const { net, attempt, peer, x, y } = this
    attempt.advance(net.time)
    const servers = [x, y].map(server => recordAs(server, 'server'))
    const record = recordAs(peer, 'client', [x, y])
    this.result = attempt.lookedUp(net.time, { lookup: 1, record, servers, isFinal: true })
    this.settle()
  }

  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed++) {
      this.net.advance(1)
      this.settle()
    }
  }

  /** Hands what the client's router tells to the attempt. */
  settle(): void {
    const { net, attempt, client } = this
    net.deliver()
    for (; this.#settled < client.effects.length; this.#settled++) {
      const effect = client.effects[this.#settled]
      if (effect?.kind === 'opened') {
        this.result ??= attempt.opened(net.time, effect.circuit, effect.data)
      } else if (effect?.kind === 'closed') {
        this.result ??= attempt.closed(net.time, effect.circuit, effect.reason)
      }
      net.deliver()
    }
  }

  get relays(): unknown {
    const names = new Map([this.one, this.two, this.x, this.y].map(node => [node.keyId, node.name]))
    return this.result?.kind === 'opened' && this.result.relays.map(key => names.get(key))
  }
}

function recordAs(node: TestNode, type: NodeType, servers: readonly TestNode[] = []): NodeRecord {
  const { record } = recordOf(identityOf(1), {
    type,
    servers: servers.map(({ publicKey }) => publicKey),
    onion: [{ key: node.hop.onionKey, expiresMs: Number.MAX_SAFE_INTEGER }],
  })
  return { ...record, key: node.publicKey }
}

describe('an attempt over two servers', () => {
  it('opens as soon as ours has dialed the peer’s, and carries data both ways', () => {
    const country = new Country()
    const { net, one, x, client, peer } = country
    one.dial = key => {
      expect(key).toBe(x.keyId)
      net.connect(one, x)
    }
    country.run()
    expect(country.relays).toEqual(['one', 'x'])
    const circuit = net.taken(client, 'opened')[0]?.circuit as CircuitId
    const far = net.taken(peer, 'incoming')[0]?.circuit as CircuitId
    net.run(client, { kind: 'send', circuit, data: Uint8Array.of(1) })
    net.run(peer, { kind: 'send', circuit: far, data: Uint8Array.of(2) })
    expect(net.taken(peer, 'data').map(({ data }) => [...data])).toEqual([[1]])
    expect(net.taken(client, 'data').map(({ data }) => [...data])).toEqual([[2]])
  })

  it('takes the next way when the dial was refused', () => {
    const country = new Country()
    const { net, two, y } = country
    two.dial = () => net.connect(two, y)
    country.run()
    expect(country.relays).toEqual(['two', 'y'])
  })

  it('takes the next way when the dial takes too long', () => {
    const country = new Country()
    const { net, one, two, y } = country
    one.dial = () => {}
    two.dial = () => net.connect(two, y)
    country.run()
    country.advance(SETUP_WAIT_MS - 1)
    expect(country.result).toBeUndefined()
    country.advance(1)
    expect(country.relays).toEqual(['two', 'y'])
    expect(one.router.load.circuits).toBe(0)
  })

  it('fails with NO_PATH when no dial succeeds, and nothing is left', () => {
    const country = new Country()
    country.run()
    expect(country.result).toMatchObject({ kind: 'failed', failure: { code: 'NO_PATH' } })
    const { client, one, two, x, y, peer } = country
    for (const { router } of [client, one, two, x, y, peer]) expect(router.load.circuits).toBe(0)
    expect(country.net.taken(one, 'needLink')).toHaveLength(2)
    expect(country.net.taken(two, 'needLink')).toHaveLength(2)
  })

  it('fails with NO_PATH when no dial ends, after the waits', () => {
    const country = new Country()
    for (const node of [country.one, country.two]) node.dial = () => {}
    country.run()
    country.advance(4 * SETUP_WAIT_MS - 1)
    expect(country.result).toBeUndefined()
    country.advance(1)
    expect(country.result).toMatchObject({ kind: 'failed', failure: { code: 'NO_PATH' } })
  })
})
