// Whole circuits over routers: data both ways in both classes, what relays see, and every way to end.

import { describe, expect, it } from 'vitest'
import { CELL_HEADER, LARGE_CELL, SMALL_CELL } from '../wire/circuit-cells.ts'
import { CIRCUIT_MAX_AGE_MS } from '../wire/limits.ts'
import type { CircuitId } from './circuit.ts'
import { bytes, expectNothingLeft, HELLO, opened } from './testing/circuit-fixture.ts'
import type { TestNode } from './testing/router-net.ts'
import { RouterNet } from './testing/router-net.ts'

describe('a circuit', () => {
  it.each([0, 1, 2, 3, 4])(
    'opens over %i relays in one round trip, with data both ways',
    relays => {
      const { net, client, end, circuit } = opened(relays)
      expect(net.taken(end, 'incoming')[0]?.data).toEqual(HELLO)
      expect(net.taken(client, 'opened')).toEqual([
        { kind: 'opened', circuit, data: Uint8Array.of(1, ...HELLO), rttMs: 0 },
      ])
      expect(net.log).toHaveLength(2 * (relays + 1))
    },
  )

  it.each([
    [0, false],
    [1, false],
    [2, true],
    [3, true],
    [4, false],
    [4, true],
  ])('carries every size both ways over %i relays, large cells: %s', (relays, large) => {
    const { net, client, end, circuit, far } = opened(relays, large)
    for (const [from, to, id, other] of [
      [client, end, circuit, far],
      [end, client, far, circuit],
    ] as const) {
      const { smallBytes, largeBytes } = from.router.capacity(id)
      const sizes = [0, 1, smallBytes - 1, smallBytes]
      if (large) sizes.push(smallBytes + 1, largeBytes - 1, largeBytes)
      for (const size of sizes) {
        net.log.length = 0
        net.run(from, { kind: 'send', circuit: id, data: bytes(size) })
        expect(to.effects.at(-1)).toEqual({ kind: 'data', circuit: other, data: bytes(size) })
        const cell = size > smallBytes ? LARGE_CELL : SMALL_CELL
        expect(new Set(net.log.map(wired => wired.bytes.length))).toEqual(new Set([cell]))
      }
      const most = Math.max(smallBytes, largeBytes)
      const send = { kind: 'send', circuit: id, data: bytes(most + 1) } as const
      expect(() => net.feed(from, send)).toThrow(RangeError)
    }
  })

  it('says what one cell carries', () => {
    const { client, end, circuit, far } = opened(1, true)
    expect(client.router.capacity(circuit)).toEqual({ smallBytes: 932, largeBytes: 16_292 })
    expect(end.router.capacity(far)).toEqual({ smallBytes: 996, largeBytes: 16_356 })
    expect(client.router.capacity(999 as CircuitId)).toEqual({ smallBytes: 0, largeBytes: 0 })
  })

  it('shows each relay its two neighbours only, and different bytes on every link', () => {
    const { net, client, end, circuit } = opened(3)
    net.run(client, { kind: 'send', circuit, data: bytes(500) })
    for (const wired of net.log) {
      expect(Math.abs(position(wired.from) - position(wired.to))).toBe(1)
    }
    const bodies = net.log.map(wired =>
      Buffer.from(wired.bytes.subarray(CELL_HEADER)).toString('hex'),
    )
    expect(new Set(bodies).size).toBe(bodies.length)
    // No link but the last two may carry the name of the end, and that one only encrypted.
    const name = Buffer.from(end.publicKey).toString('hex')
    expect(bodies.some(body => body.includes(name))).toBe(false)
    function position(node: TestNode): number {
      return ['client', 'relay1', 'relay2', 'relay3', 'end'].indexOf(node.name)
    }
  })

  it('ends on both sides when one destroys it, the far one learning only that it closed', () => {
    const { net, path, client, end, circuit, far } = opened(3)
    net.run(end, { kind: 'destroy', circuit: far, reason: 'busy' })
    expect(net.taken(end, 'closed')).toEqual([
      { kind: 'closed', circuit: far, reason: 'busy', side: 'local' },
    ])
    expect(net.taken(client, 'closed')).toEqual([
      { kind: 'closed', circuit, reason: 'closed', side: 'remote' },
    ])
    expectNothingLeft(path)
  })

  it('tells a direct neighbour the reason of a refusal', () => {
    const net = new RouterNet()
    const path = net.chain(0)
    const end = path[1] as TestNode
    end.answers = false
    const circuit = net.open(path)
    const far = net.taken(end, 'incoming')[0]?.circuit as CircuitId
    net.run(end, { kind: 'refuse', circuit: far, reason: 'busy' })
    expect(path[0]?.effects).toEqual([{ kind: 'closed', circuit, reason: 'busy', side: 'remote' }])
    expectNothingLeft(path)
  })

  it.each([1, 2, 3, 4])('dies everywhere when link %i of four is lost', lost => {
    const { net, path } = opened(3)
    const [a, b] = path.slice(lost - 1, lost + 1) as [TestNode, TestNode]
    net.feed(a, { kind: 'linkDown', link: net.linkBetween(a, b) })
    net.run(b, { kind: 'linkDown', link: net.linkBetween(b, a) })
    const reasons = [path[0], path.at(-1)].map(end => net.taken(end as TestNode, 'closed'))
    // Only whose own link it was learns that.
    expect(reasons.map(ends => ends.map(({ reason }) => reason))).toEqual([
      [lost === 1 ? 'linkLost' : 'closed'],
      [lost === 4 ? 'linkLost' : 'closed'],
    ])
    expectNothingLeft(path)
  })

  it('ends at its age', () => {
    const { net, path, client } = opened(2)
    net.advance(CIRCUIT_MAX_AGE_MS - 1)
    expect(net.taken(client, 'closed')).toEqual([])
    net.advance(1)
    expect(net.taken(client, 'closed')).toHaveLength(1)
    expectNothingLeft(path)
  })

  it('ignores cells, answers and sends that cross its end', () => {
    const { net, path, client, end, circuit, far } = opened(1)
    net.feed(end, { kind: 'send', circuit: far, data: HELLO })
    net.feed(client, { kind: 'send', circuit, data: HELLO })
    net.run(client, { kind: 'destroy', circuit, reason: 'closed' })
    for (const kind of ['send', 'answer'] as const) {
      net.run(end, { kind, circuit: far, data: HELLO })
    }
    expect(path.flatMap(node => net.taken(node, 'misbehaved'))).toEqual([])
    expectNothingLeft(path)
  })
})
