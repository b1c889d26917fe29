// The byte quota of a key: the burst passes, what is above is delayed, and nothing is lost.

import { describe, expect, it } from 'vitest'
import { LARGE_CELL, SMALL_CELL } from '../wire/circuit-cells.ts'
import { RELAY_SHAPING_TICK_MS } from '../wire/limits.ts'
import { FORWARD_SMALL_DATA } from './onion-layout.ts'
import { relayRole } from './relay-role.ts'
import type { Relaying } from './router-messages.ts'
import { chainOfThree, numbered, numberOf } from './testing/circuit-fixture.ts'
import { RouterNet } from './testing/router-net.ts'

describe('the byte quota of a key', () => {
  const policy = (burst: number, perSecond: number): Relaying => ({
    role: relayRole,
    policy: { client: { burst, perSecond }, server: { burst, perSecond } },
  })

  it('lets the burst through to the byte and shapes what is above, losing nothing', () => {
    const burst = 64 * SMALL_CELL
    const { net, client, relay, end, open } = chainOfThree({
      relay: policy(burst, 100 * SMALL_CELL),
    })
    const { circuit } = open()
    for (let n = 0; n < 63; n++) net.run(client, { kind: 'send', circuit, data: numbered(n) })
    net.run(client, { kind: 'send', circuit, data: numbered(63) })
    expect(net.taken(end, 'data')).toHaveLength(64)
    // The credit for them is the first cell over the quota, and waits.
    expect(net.taken(relay, 'quota')).toEqual([
      {
        kind: 'quota',
        link: net.linkBetween(relay, client),
        limit: 'relayBytesPerS',
        retryAfterMs: 10,
      },
    ])
    for (let n = 64; n < 84; n++) net.run(client, { kind: 'send', circuit, data: numbered(n) })
    expect(net.taken(end, 'data')).toHaveLength(64)
    expect(relay.router.load.queuedBytes).toBe(21 * SMALL_CELL)
    net.advance(105)
    expect(net.taken(end, 'data').length).toBeGreaterThan(64)
    expect(net.taken(end, 'data').length).toBeLessThan(75)
    net.advance(200)
    expect(net.taken(end, 'data').map(effect => numberOf(effect.data))).toEqual(
      Array.from({ length: 84 }, (_, n) => n),
    )
    expect(relay.router.load.queuedBytes).toBe(0)
    expect(net.taken(relay, 'quota')).toHaveLength(1)
  })

  it('is the key’s, whatever link or circuit it uses', () => {
    const { net, client, relay, end, open } = chainOfThree({
      relay: policy(16 * SMALL_CELL, SMALL_CELL),
    })
    const first = open()
    for (let n = 0; n < 16; n++)
      net.run(client, { kind: 'send', circuit: first.circuit, data: numbered(n) })
    net.run(client, { kind: 'destroy', circuit: first.circuit, reason: 'closed' })
    net.feed(relay, { kind: 'linkDown', link: net.linkBetween(relay, client) })
    net.feed(client, { kind: 'linkDown', link: net.linkBetween(client, relay) })
    net.connect(client, relay)
    const again = open()
    net.run(client, { kind: 'send', circuit: again.circuit, data: numbered(0) })
    expect(net.taken(end, 'data')).toHaveLength(16)
    net.advance(1_000)
    expect(net.taken(end, 'data')).toHaveLength(17)
  })

  it('lets no circuit of the key overtake one that waits', () => {
    const { net, client, end, open } = chainOfThree({ relay: policy(LARGE_CELL, SMALL_CELL) })
    const first = open(true)
    const second = open()
    net.run(client, { kind: 'send', circuit: first.circuit, data: numbered(1) })
    const large = new Uint8Array(FORWARD_SMALL_DATA + 1)
    net.run(client, { kind: 'send', circuit: first.circuit, data: large })
    net.run(client, { kind: 'send', circuit: second.circuit, data: numbered(2) })
    expect(net.taken(end, 'data')).toHaveLength(1)
    net.advance(1_000)
    net.advance(2_000)
    expect(net.taken(end, 'data').map(effect => effect.circuit)).toContain(second.far)
  })

  it('looks at waiting cells once a tick, not once a cell', () => {
    const { net, client, relay, open } = chainOfThree({
      relay: policy(16 * SMALL_CELL, 10_000 * SMALL_CELL),
    })
    const { circuit } = open()
    for (let n = 0; n < 40; n++) net.run(client, { kind: 'send', circuit, data: numbered(n) })
    const next = relay.router.nextTimeout() ?? 0
    expect(next - net.time.now).toBe(RELAY_SHAPING_TICK_MS)
  })

  it('waits for the link where both hold it up', () => {
    const { net, client, relay, end, open, link } = chainOfThree({
      relay: policy(16 * SMALL_CELL, 100 * SMALL_CELL),
    })
    const { circuit } = open()
    for (let n = 0; n < 20; n++) net.run(client, { kind: 'send', circuit, data: numbered(n) })
    net.feed(relay, { kind: 'linkPause', link: link.toEnd })
    net.advance(1_000)
    expect(net.taken(end, 'data')).toHaveLength(16)
    net.run(relay, { kind: 'linkResume', link: link.toEnd })
    expect(net.taken(end, 'data')).toHaveLength(20)
  })

  it('has a burst that takes a large cell', () => {
    const net = new RouterNet()
    expect(() => net.node('relay', { relay: policy(LARGE_CELL - 1, 1) })).toThrow(RangeError)
    net.node('relay', { relay: policy(LARGE_CELL, 1) })
  })
})
