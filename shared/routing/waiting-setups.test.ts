// Setups that wait in a relay for the link to their next hop: how they go on, every way to end, and every cap
// crossed by one.

import { describe, expect, it } from 'vitest'
import { decodeCellHeader, encodeCell, encodeDestroy } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import {
  MAX_WAITING_SETUPS_PER_KEY,
  MAX_WAITING_SETUPS_PER_PEER,
  MAX_WAITING_SETUPS_PER_SERVER,
  SETUP_TIMEOUT_MS,
  SETUP_WAIT_MS,
  SETUPS_TOWARD_BURST,
} from '../wire/limits.ts'
import { apart, neighbour, openPatiently } from './testing/apart.ts'
import { bytes, expectNothingLeft, HELLO, reasons, typeOf } from './testing/circuit-fixture.ts'
import type { RouterNet, TestNode } from './testing/router-net.ts'

const NO_DATA = new Uint8Array(0)

function wireIdOf(net: RouterNet, from: TestNode): number {
  const wired = net.log.findLast(one => one.from === from && typeOf(one) === FRAME.cellSetup)
  if (wired === undefined) throw new Error('no setup')
  return decodeCellHeader(wired.bytes).circuitId
}

function repeat(count: number, work: (n: number) => void): void {
  for (let n = 0; n < count; n++) work(n)
}

describe('a setup for a hop that there is no link to', () => {
  it('asks for one, and goes on over it, with data both ways', () => {
    const { net, client, first, second, end, path } = apart()
    const asked: string[] = []
    first.dial = peer => {
      asked.push(peer)
      net.connect(first, second)
    }
    const circuit = net.open(path, { data: HELLO })
    expect(asked).toEqual([second.keyId])
    expect(net.taken(client, 'opened')).toHaveLength(1)
    const [incoming] = net.taken(end, 'incoming')
    expect(incoming?.data).toEqual(HELLO)
    net.run(client, { kind: 'send', circuit, data: bytes(900) })
    expect(net.taken(end, 'data').map(({ data }) => data)).toEqual([bytes(900)])
    if (incoming !== undefined) {
      net.run(end, { kind: 'send', circuit: incoming.circuit, data: bytes(900, 2) })
    }
    expect(net.taken(client, 'data').map(({ data }) => data)).toEqual([bytes(900, 2)])
    net.run(client, { kind: 'destroy', circuit, reason: 'closed' })
    expectNothingLeft(path)
  })

  it('goes on whoever dials, in the order of arrival, and the link is asked for once', () => {
    const { net, client, first, second, end, path } = apart()
    const other = neighbour(net, first, 'other')
    openPatiently(net, path, Uint8Array.of(1))
    openPatiently(net, [other, ...path.slice(1)], Uint8Array.of(2))
    openPatiently(net, path, Uint8Array.of(3))
    expect(net.taken(first, 'needLink')).toEqual([{ kind: 'needLink', peer: second.keyId }])
    expect(first.router.load.circuits).toBe(3)
    net.connect(second, first)
    net.deliver()
    expect(net.taken(end, 'incoming').map(({ data }) => data[0])).toEqual([1, 2, 3])
    expect(net.taken(client, 'opened').concat(net.taken(other, 'opened'))).toHaveLength(3)
  })

  it('has the whole time for its answer from then on', () => {
    const { net, client, first, second, end, path } = apart()
    end.answers = false
    openPatiently(net, path)
    net.advance(SETUP_WAIT_MS - 1)
    net.connect(first, second)
    net.deliver()
    net.advance(SETUP_TIMEOUT_MS - 1)
    expect(reasons(net, client)).toEqual([])
    net.advance(1)
    expect(reasons(net, client)).toHaveLength(1)
    expectNothingLeft(path)
  })

  it('does not go on over links to others', () => {
    const { net, first, end, path } = apart()
    openPatiently(net, path)
    neighbour(net, first, 'somebody', true)
    net.deliver()
    expect(first.router.load.circuits).toBe(1)
    expect(net.taken(end, 'incoming')).toEqual([])
  })

  it('that names the relay itself or the node before does not wait', () => {
    const { net, client, first } = apart()
    openPatiently(net, [client, first, first])
    openPatiently(net, [client, first, client])
    expect(reasons(net, client)).toEqual(['protocol', 'protocol'])
    expect(net.taken(first, 'needLink')).toEqual([])
  })
})

describe('a waiting setup ends', () => {
  it('as unreachable when there will be no link; the next one asks anew', () => {
    const { net, client, first, second, path } = apart()
    openPatiently(net, path)
    openPatiently(net, path)
    net.run(first, { kind: 'noLink', peer: second.keyId })
    expect(reasons(net, client)).toEqual(['unreachable', 'unreachable'])
    expectNothingLeft(path)
    openPatiently(net, path)
    expect(net.taken(first, 'needLink')).toHaveLength(2)
    net.run(first, { kind: 'noLink', peer: client.keyId })
    expect(first.router.load.circuits).toBe(1)
  })

  it('as unreachable when no link came in time', () => {
    const { net, client, path } = apart()
    openPatiently(net, path)
    net.advance(SETUP_WAIT_MS - 1)
    expect(reasons(net, client)).toEqual([])
    net.advance(1)
    expect(reasons(net, client)).toEqual(['unreachable'])
    expectNothingLeft(path)
  })

  it('when the node before destroys it', () => {
    const { net, client, first, second, end, path } = apart()
    const circuit = openPatiently(net, path)
    net.run(client, { kind: 'destroy', circuit, reason: 'closed' })
    expectNothingLeft(path)
    net.connect(first, second)
    net.deliver()
    expect(net.taken(end, 'incoming')).toEqual([])
  })

  it('when the link to the node before goes down, and only then', () => {
    const { net, client, first, second, end, path } = apart()
    openPatiently(net, path)
    const other = neighbour(net, first, 'other')
    openPatiently(net, [other, ...path.slice(1)])
    const before = net.log.length
    net.run(first, { kind: 'linkDown', link: net.linkBetween(first, client) })
    expect(net.log).toHaveLength(before)
    expect(first.router.load.circuits).toBe(1)
    net.connect(first, second)
    net.deliver()
    expect(net.taken(end, 'incoming')).toHaveLength(1)
    expect(net.taken(other, 'opened')).toHaveLength(1)
  })

  it.each([
    FRAME.cellForward,
    FRAME.cellForwardLarge,
    FRAME.cellBackward,
    FRAME.cellBackwardLarge,
    FRAME.cellAck,
  ])('as a fault of protocol when a cell of type %i comes before its answer', type => {
    const { net, client, first, path } = apart()
    openPatiently(net, path)
    net.inject(client, first, encodeCell(type, wireIdOf(net, client), NO_DATA))
    expect(reasons(net, client)).toEqual(['protocol'])
    expect(net.taken(first, 'misbehaved')).toEqual([])
    expectNothingLeft(path)
  })

  it('never by another setup with its id: that is misbehaviour', () => {
    const { net, client, first, path } = apart()
    openPatiently(net, path)
    const wireId = wireIdOf(net, client)
    net.inject(client, first, encodeCell(FRAME.cellSetup, wireId, NO_DATA))
    expect(net.taken(first, 'misbehaved')).toHaveLength(1)
    expect(first.router.load.circuits).toBe(1)
  })

  it('leaves its id free', () => {
    const { net, client, first, path } = apart()
    openPatiently(net, path)
    const wireId = wireIdOf(net, client)
    net.inject(client, first, encodeDestroy(wireId, 'closed'))
    net.inject(client, first, encodeCell(FRAME.cellSetup, wireId, NO_DATA))
    expect(net.taken(first, 'misbehaved')).toEqual([])
  })

  it('with the reason of the relay when the link is there but the circuit is too much for it', () => {
    const { net, client, first, second, end } = apart()
    const toEnd = [client, second, end]
    net.connect(client, second)
    second.dial = () => {}
    repeat(SETUPS_TOWARD_BURST, () => {
      const circuit = openPatiently(net, toEnd)
      net.run(client, { kind: 'destroy', circuit, reason: 'closed' })
    })
    net.feed(second, { kind: 'linkDown', link: net.linkBetween(second, end) })
    net.feed(end, { kind: 'linkDown', link: net.linkBetween(end, second) })
    openPatiently(net, toEnd)
    expect(second.router.load.circuits).toBe(1)
    net.connect(end, second)
    net.deliver()
    expect(reasons(net, client).slice(SETUPS_TOWARD_BURST)).toEqual(['quota'])
    expectNothingLeft([client, first, second, end])
  })
})

describe('setups wait', () => {
  it('so many of one key, over all of its links', () => {
    const { net, client, first, second, path } = apart()
    repeat(MAX_WAITING_SETUPS_PER_KEY - 1, () => openPatiently(net, path))
    net.connect(client, first)
    openPatiently(net, path)
    expect(reasons(net, client)).toEqual([])
    openPatiently(net, path)
    expect(reasons(net, client)).toEqual(['quota'])
    const notice = { kind: 'quota', limit: 'waitingSetups', retryAfterMs: 0 }
    expect(net.taken(first, 'quota')).toMatchObject([notice])
    // Others still may, and so may that key when one of its own has ended.
    openPatiently(net, [neighbour(net, first, 'other'), ...path.slice(1)])
    expect(first.router.load.circuits).toBe(MAX_WAITING_SETUPS_PER_KEY + 1)
    net.run(first, { kind: 'noLink', peer: second.keyId })
    openPatiently(net, path)
    expect(first.router.load.circuits).toBe(1)
  })

  it('toward different hops together', () => {
    const { net, client, first, end } = apart()
    repeat(MAX_WAITING_SETUPS_PER_KEY, n =>
      openPatiently(net, [client, first, net.node(`hop${n}`), end]),
    )
    expect(net.taken(first, 'needLink')).toHaveLength(MAX_WAITING_SETUPS_PER_KEY)
    openPatiently(net, [client, first, net.node('one more'), end])
    expect(reasons(net, client)).toEqual(['quota'])
    expect(net.taken(first, 'needLink')).toHaveLength(MAX_WAITING_SETUPS_PER_KEY)
  })

  it('more of a proven server, but not without end', () => {
    const { net, first, second, end } = apart()
    const server = neighbour(net, first, 'server', true)
    repeat(MAX_WAITING_SETUPS_PER_SERVER, () => openPatiently(net, [server, first, second, end]))
    expect(reasons(net, server)).toEqual([])
    openPatiently(net, [server, first, second, end])
    expect(reasons(net, server)).toEqual(['quota'])
    expect(first.router.load.circuits).toBe(MAX_WAITING_SETUPS_PER_SERVER)
  })

  it('so many for one hop: others find room', () => {
    const { net, client, first, second, end } = apart()
    const servers = MAX_WAITING_SETUPS_PER_PEER / MAX_WAITING_SETUPS_PER_SERVER
    repeat(servers, n => {
      const server = neighbour(net, first, `server${n}`, true)
      const count = MAX_WAITING_SETUPS_PER_SERVER - (n === 0 ? 1 : 0)
      repeat(count, () => openPatiently(net, [server, first, second, end]))
    })
    openPatiently(net, [client, first, second, end])
    expect(first.router.load.circuits).toBe(MAX_WAITING_SETUPS_PER_PEER)
    openPatiently(net, [client, first, second, end])
    expect(reasons(net, client)).toEqual(['busy'])
    openPatiently(net, [client, first, net.node('third'), end])
    expect(reasons(net, client)).toEqual(['busy'])
    expect(first.router.load.circuits).toBe(MAX_WAITING_SETUPS_PER_PEER + 1)
  })

  it('so many in all', () => {
    const { net, client, first, second, end } = apart({ maxWaitingSetups: 3 })
    repeat(3, n => openPatiently(net, [client, first, net.node(`hop${n}`), end]))
    expect(reasons(net, client)).toEqual([])
    openPatiently(net, [client, first, second, end])
    expect(reasons(net, client)).toEqual(['busy'])
    const [asked] = net.taken(first, 'needLink')
    if (asked !== undefined) net.run(first, { kind: 'noLink', peer: asked.peer })
    openPatiently(net, [client, first, second, end])
    expect(reasons(net, client)).toEqual(['busy', 'unreachable'])
    expect(first.router.load.circuits).toBe(3)
  })

  it('as circuits of their link and of the node', () => {
    const { net, client, path } = apart({ maxCircuits: 2 })
    repeat(3, () => openPatiently(net, path))
    expect(reasons(net, client)).toEqual(['busy'])
  })

  it('nowhere else: a node that does not relay refuses at once', () => {
    const { net, client, first, path } = apart({ relay: undefined })
    openPatiently(net, path)
    expect(reasons(net, client)).toEqual(['unreachable'])
    expect(net.taken(first, 'needLink')).toEqual([])
  })
})
