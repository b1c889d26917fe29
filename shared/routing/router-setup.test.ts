// Setting circuits up: timeouts, refusals, validity, choice of link, mistakes of the caller.

import { describe, expect, it } from 'vitest'
import { encodeCell } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import { SETUP_TIMEOUT_FIRST_MS, SETUP_TIMEOUT_MS, SETUP_TTL_S } from '../wire/limits.ts'
import { bytes, expectNothingLeft, HELLO, opened } from './testing/circuit-fixture.ts'
import type { TestNode } from './testing/router-net.ts'
import { RouterNet } from './testing/router-net.ts'

describe('setting up', () => {
  it('gives up after the first timeout, told by default, and after the one asked for', () => {
    for (const [timeoutMs, options] of [
      [SETUP_TIMEOUT_FIRST_MS, {}],
      [SETUP_TIMEOUT_MS, { timeoutMs: SETUP_TIMEOUT_MS }],
    ] as const) {
      const net = new RouterNet()
      const path = net.chain(2)
      net.intercept = wired => (wired.bytes[0] === FRAME.cellAck ? undefined : wired.bytes)
      const circuit = net.open(path, options)
      net.advance(timeoutMs - 1)
      expect(path[0]?.effects).toEqual([])
      net.advance(1)
      const closed = { kind: 'closed', circuit, reason: 'timeout', side: 'local' }
      expect(path[0]?.effects).toEqual([closed])
      expectNothingLeft(path)
    }
  })

  it('does not wait for an answer for ever at relays and end', () => {
    const net = new RouterNet()
    const path = net.chain(2)
    ;(path[3] as TestNode).answers = false
    net.open(path, { timeoutMs: 60_000 })
    net.advance(SETUP_TIMEOUT_MS - 1)
    expect(path[3]?.router.load.circuits).toBe(1)
    net.advance(1)
    expectNothingLeft(path)
  })

  it('is refused as unreachable where the next hop has no live link', () => {
    const net = new RouterNet()
    const path = net.chain(1)
    const stranger = net.node('stranger')
    const circuit = net.open([...path.slice(0, 2), stranger])
    expect(path[0]?.effects).toEqual([
      { kind: 'closed', circuit, reason: 'unreachable', side: 'remote' },
    ])
    const direct = net.open([path[0] as TestNode, stranger])
    expect(path[0]?.effects.at(-1)).toEqual({
      kind: 'closed',
      circuit: direct,
      reason: 'unreachable',
      side: 'local',
    })
    expectNothingLeft(path)
  })

  it('is refused by a node that does not relay', () => {
    const net = new RouterNet()
    const path = net.chain(1, { relay: undefined })
    net.open(path)
    expect(net.taken(path[0] as TestNode, 'closed')[0]?.reason).toBe('unreachable')
  })

  it('does not extend to itself or back', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1) as [TestNode, TestNode, TestNode]
    for (const path of [
      [client, relay, relay],
      [client, relay, client],
      [client, relay, end, end],
    ]) {
      net.open(path)
      expect(net.taken(client, 'closed').at(-1)?.side).toBe('remote')
    }
    expect(net.taken(client, 'closed').map(effect => effect.reason)).toEqual([
      'protocol',
      'protocol',
      'closed',
    ])
    expectNothingLeft([client, relay, end])
  })

  it('takes a setup only while it is valid', () => {
    for (const [skewS, isOpened] of [
      [-SETUP_TTL_S - 1, false],
      [-SETUP_TTL_S, true],
      [SETUP_TTL_S, true],
      [SETUP_TTL_S + 1, false],
    ] as const) {
      const net = new RouterNet()
      const path = net.chain(0)
      const atMs = net.time.unixMs
      net.intercept = wired => {
        const toEnd = wired.bytes[0] === FRAME.cellSetup
        net.time = { ...net.time, unixMs: toEnd ? atMs + skewS * 1000 : atMs }
        return wired.bytes
      }
      net.open(path)
      expect(net.taken(path[0] as TestNode, 'opened')).toHaveLength(isOpened ? 1 : 0)
    }
  })

  it('uses the newest link to a key, and an older one when that is gone', () => {
    const net = new RouterNet()
    const path = net.chain(0)
    const [client, end] = path as [TestNode, TestNode]
    const oldest = net.linkBetween(end, client)
    const middle = net.connect(client, end)
    const newest = net.connect(client, end)
    const used = () => {
      net.open(path)
      return net.taken(end, 'incoming').at(-1)?.link
    }
    expect(used()).toBe(newest[1])
    net.feed(client, { kind: 'linkDown', link: middle[0] })
    net.feed(client, { kind: 'linkDown', link: newest[0] })
    expect(used()).toBe(oldest)
  })

  it.each(['newer', 'older'])(
    'goes from server to server by the lower key’s link, the %s',
    which => {
      const net = new RouterNet()
      const [a, b, client, end] = [
        net.node('a'),
        net.node('b'),
        net.node('client', { isServer: false }),
        net.node('end', { isServer: false }),
      ]
      const [low, high] = a.keyId < b.keyId ? [a, b] : [b, a]
      if (which === 'newer') net.connect(high, low)
      const [ofLow, atHigh] = net.connect(low, high)
      if (which === 'older') net.connect(high, low)
      for (const one of [client, end]) for (const server of [low, high]) net.connect(one, server)
      const used = (...relays: TestNode[]) => {
        net.log.length = 0
        net.open([client, ...relays, end])
        return net.log.find(({ from, to }) => from === relays[0] && to === relays[1])?.link
      }
      expect(used(low, high)).toBe(atHigh)
      expect(used(high, low)).toBe(ofLow)
      net.feed(low, { kind: 'linkDown', link: ofLow })
      net.feed(high, { kind: 'linkDown', link: atHigh })
      expect(used(low, high)).toBeDefined()
    },
  )

  it('refuses mistakes of the caller loudly', () => {
    const { net, client, end, circuit } = opened(0)
    const open = { kind: 'open', circuit, hops: [end.hop], data: HELLO, large: false } as const
    expect(() => net.feed(client, open)).toThrow(RangeError)
    const fresh = client.router.nextCircuitId()
    for (const hops of [[], Array.from({ length: 6 }, () => end.hop)]) {
      expect(() => net.feed(client, { ...open, circuit: fresh, hops })).toThrow(RangeError)
    }
    const data = bytes(487)
    expect(() => net.feed(client, { ...open, circuit: fresh, data })).toThrow(RangeError)
    net.run(client, { ...open, circuit: fresh, data: bytes(486) })
    expect(net.taken(client, 'opened')).toHaveLength(2)
  })

  it('closes at once when an onion key is of small order', () => {
    const net = new RouterNet()
    const [client, end] = net.chain(0) as [TestNode, TestNode]
    const circuit = client.router.nextCircuitId()
    const hops = [{ ...end.hop, onionKey: new Uint8Array(32) }]
    net.run(client, { kind: 'open', circuit, hops, data: HELLO, large: false })
    expect(client.effects).toEqual([{ kind: 'closed', circuit, reason: 'protocol', side: 'local' }])
  })

  it('is answered once', () => {
    const { net, end, far } = opened(0)
    net.log.length = 0
    net.run(end, { kind: 'answer', circuit: far, data: HELLO })
    expect(net.log).toEqual([])
  })

  it('ignores padding', () => {
    const { net, client, end } = opened(0)
    const before = end.effects.length
    net.inject(client, end, encodeCell(FRAME.cellPad, 0, bytes(1016)))
    expect(end.effects).toHaveLength(before)
  })
})
