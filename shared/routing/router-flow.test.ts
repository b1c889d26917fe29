// Flow control and relay queues: the window stops a sender at exactly its limit, slow links and byte
// quotas delay cells but lose none, queues are bounded and served in turn, and the budget holds.

import { describe, expect, it } from 'vitest'
import { CELL_HEADER, DESTROY_REASON, LARGE_CELL, SMALL_CELL } from '../wire/circuit-cells.ts'
import {
  CIRCUIT_CREDIT_UNITS,
  CIRCUIT_WINDOW_UNITS,
  LARGE_CELL_UNITS,
  RELAY_QUEUE_MAX_UNITS,
  RELAY_SLICE_BYTES,
} from '../wire/limits.ts'
import { FORWARD_SMALL_DATA } from './onion-layout.ts'
import type { Three } from './testing/circuit-fixture.ts'
import { chainOfThree, fill, numbered, numberOf } from './testing/circuit-fixture.ts'
import { RogueOrigin } from './testing/rogue-origin.ts'
import { RouterNet } from './testing/router-net.ts'

describe('the window', () => {
  it.each(['client', 'end'] as const)(
    'stops the %s at exactly its limit and frees it by credits',
    side => {
      const { net, client, end, open, relay, link } = chainOfThree()
      const { circuit, far } = open()
      const [from, id, to] = side === 'client' ? [client, circuit, end] : [end, far, client]
      // Credits are lost to the sender while its own side of the relay stands still.
      const back = side === 'client' ? link.toClient : link.toEnd
      net.feed(relay, { kind: 'linkPause', link: back })
      expect(fill(net, from, id)).toBe(CIRCUIT_WINDOW_UNITS)
      expect(net.taken(to, 'data')).toHaveLength(CIRCUIT_WINDOW_UNITS)
      const send = { kind: 'send', circuit: id, data: numbered(0) } as const
      expect(() => net.feed(from, send)).toThrow(RangeError)
      expect(net.taken(from, 'room')).toEqual([])
      net.run(relay, { kind: 'linkResume', link: back })
      expect(from.router.room(id)).toBe(CIRCUIT_WINDOW_UNITS)
      expect(net.taken(from, 'room')).toHaveLength(CIRCUIT_WINDOW_UNITS / CIRCUIT_CREDIT_UNITS)
    },
  )

  it('counts large cells by their weight and keeps room for one', () => {
    const { net, client, open, relay, link } = chainOfThree()
    const { circuit } = open(true)
    net.feed(relay, { kind: 'linkPause', link: link.toClient })
    const large = new Uint8Array(FORWARD_SMALL_DATA + 1)
    net.run(client, { kind: 'send', circuit, data: large })
    expect(client.router.room(circuit)).toBe(CIRCUIT_WINDOW_UNITS - LARGE_CELL_UNITS)
    net.run(client, { kind: 'send', circuit, data: numbered(1) })
    const sent = fill(net, client, circuit)
    // One unit short of a full window is not enough for a large cell.
    expect(1 + LARGE_CELL_UNITS + sent).toBe(CIRCUIT_WINDOW_UNITS - LARGE_CELL_UNITS + 1)
  })

  it('has no room while the link is paused, and says when it has again', () => {
    const { net, client, relay, end, open } = chainOfThree()
    const { circuit } = open()
    const link = net.linkBetween(client, relay)
    net.run(client, { kind: 'linkPause', link })
    expect(client.router.room(circuit)).toBe(0)
    net.run(client, { kind: 'linkResume', link })
    expect(net.taken(client, 'room')).toEqual([{ kind: 'room', circuit }])
    expect(end.effects.at(-1)?.kind).toBe('incoming')
  })

  it('holds credits back while the link is paused and sends them after', () => {
    const { net, client, end, relay, open } = chainOfThree()
    const { circuit } = open()
    const link = net.linkBetween(end, relay)
    net.feed(end, { kind: 'linkPause', link })
    for (let n = 0; n < CIRCUIT_CREDIT_UNITS; n++) {
      net.run(client, { kind: 'send', circuit, data: numbered(n) })
    }
    expect(net.taken(client, 'room')).toEqual([])
    net.run(end, { kind: 'linkResume', link })
    expect(client.router.room(circuit)).toBe(CIRCUIT_WINDOW_UNITS)
  })
})

describe('a slow link', () => {
  it.each([false, true])('delays cells, in order, and loses none (large cells: %s)', large => {
    const { net, client, relay, end, open, link } = chainOfThree()
    const { circuit } = open(large)
    net.feed(relay, { kind: 'linkPause', link: link.toEnd })
    const size = large ? FORWARD_SMALL_DATA + 1 : 2
    let sent = 0
    while (client.router.room(circuit) > 0) {
      const data = new Uint8Array(size)
      data.set(numbered(sent++))
      net.run(client, { kind: 'send', circuit, data })
    }
    const queuedBytes = sent * (large ? LARGE_CELL : SMALL_CELL)
    expect(relay.router.load.queuedBytes).toBe(queuedBytes)
    expect(net.taken(end, 'data')).toEqual([])
    net.run(relay, { kind: 'linkResume', link: link.toEnd })
    net.advance(0)
    expect(net.taken(end, 'data').map(effect => numberOf(effect.data))).toEqual(
      Array.from({ length: sent }, (_, n) => n),
    )
    expect(relay.router.load.queuedBytes).toBe(0)
  })

  it('hands over a slice at a time, so that the link can say pause', () => {
    const { net, client, relay, open, link } = chainOfThree()
    const { circuit } = open()
    net.feed(relay, { kind: 'linkPause', link: link.toEnd })
    const sent = fill(net, client, circuit)
    net.log.length = 0
    net.feed(relay, { kind: 'linkResume', link: link.toEnd })
    net.feed(relay, { kind: 'linkPause', link: link.toEnd })
    expect(relay.router.load.queuedBytes).toBe(sent * SMALL_CELL - RELAY_SLICE_BYTES)
    net.feed(relay, { kind: 'timeout' })
    expect(relay.router.load.queuedBytes).toBe(sent * SMALL_CELL - RELAY_SLICE_BYTES)
    net.feed(relay, { kind: 'linkResume', link: link.toEnd })
    expect(relay.router.load.queuedBytes).toBe(sent * SMALL_CELL - 2 * RELAY_SLICE_BYTES)
    expect(relay.router.nextTimeout()).toBe(net.time.now)
  })

  it('serves its circuits in turn', () => {
    const { net, client, relay, end, open, link } = chainOfThree()
    const circuits = [open(), open(), open()]
    net.feed(relay, { kind: 'linkPause', link: link.toEnd })
    for (const { circuit } of circuits) {
      for (let n = 0; n < 5; n++) net.run(client, { kind: 'send', circuit, data: numbered(n) })
    }
    net.run(relay, { kind: 'linkResume', link: link.toEnd })
    const order = net.taken(end, 'data').map(effect => effect.circuit)
    const turn = circuits.map(({ far }) => far)
    expect(order).toEqual([turn, turn, turn, turn, turn].flat())
  })

  it('does not hold up circuits over other links', () => {
    const net = new RouterNet()
    const [client, relay, slow] = net.chain(1) as Three
    const quick = net.node('quick', { isServer: false })
    net.connect(relay, quick)
    const stuck = net.open([client, relay, slow])
    const free = net.open([client, relay, quick])
    net.feed(relay, { kind: 'linkPause', link: net.linkBetween(relay, slow) })
    fill(net, client, stuck)
    net.run(client, { kind: 'send', circuit: free, data: numbered(1) })
    expect(net.taken(quick, 'data')).toHaveLength(1)
  })

  it('ends a circuit whose sender ignores the window, one cell past the bound', () => {
    const { net, client, relay, end, link } = chainOfThree()
    const rogue = new RogueOrigin(net, [client, relay, end])
    const far = net.taken(end, 'incoming')[0]?.circuit
    net.feed(relay, { kind: 'linkPause', link: link.toEnd })
    for (let n = 0; n < RELAY_QUEUE_MAX_UNITS; n++) rogue.send('data', numbered(n))
    expect(relay.router.load).toEqual({
      circuits: 1,
      queuedBytes: RELAY_QUEUE_MAX_UNITS * SMALL_CELL,
    })
    net.log.length = 0
    rogue.send('data', numbered(0))
    expect(relay.router.load).toEqual({ circuits: 0, queuedBytes: 0 })
    expect(net.log.map(({ to, bytes }) => [to.name, bytes[CELL_HEADER]])).toEqual([
      ['client', DESTROY_REASON.quota],
      ['end', DESTROY_REASON.closed],
    ])
    expect(net.taken(end, 'closed')).toEqual([
      { kind: 'closed', circuit: far, reason: 'closed', side: 'remote' },
    ])
  })

  it('keeps all queues together within the budget, the longest stalled going first', () => {
    const maxQueuedBytes = 100 * SMALL_CELL
    const { net, client, relay, open, link } = chainOfThree({ maxQueuedBytes })
    const first = open()
    const second = open()
    net.feed(relay, { kind: 'linkPause', link: link.toEnd })
    for (let n = 0; n < 60; n++)
      net.run(client, { kind: 'send', circuit: first.circuit, data: numbered(n) })
    net.time = { ...net.time, now: net.time.now + 1 }
    for (let n = 0; n < 40; n++)
      net.run(client, { kind: 'send', circuit: second.circuit, data: numbered(n) })
    expect(relay.router.load.queuedBytes).toBe(maxQueuedBytes)
    expect(net.taken(client, 'closed')).toEqual([])
    net.run(client, { kind: 'send', circuit: second.circuit, data: numbered(40) })
    expect(net.taken(client, 'closed')).toEqual([
      { kind: 'closed', circuit: first.circuit, reason: 'busy', side: 'remote' },
    ])
    expect(relay.router.load).toEqual({ circuits: 1, queuedBytes: 41 * SMALL_CELL })
  })

  it('leaves nothing behind when it is lost', () => {
    const { net, client, relay, end, open, link } = chainOfThree()
    const { circuit } = open()
    net.feed(relay, { kind: 'linkPause', link: link.toEnd })
    fill(net, client, circuit)
    net.feed(end, { kind: 'linkDown', link: net.linkBetween(end, relay) })
    net.run(relay, { kind: 'linkDown', link: link.toEnd })
    for (const { router } of [client, relay, end]) {
      expect(router.load).toEqual({ circuits: 0, queuedBytes: 0 })
      expect(router.nextTimeout()).toBeUndefined()
    }
  })
})
