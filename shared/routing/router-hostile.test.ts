// Neighbours and ends that break the rules: what only the neighbour can have done is misbehaviour of the
// link, everything else ends the circuit; nothing throws and no table passes its cap.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import {
  CELL_HEADER,
  decodeCellHeader,
  encodeCell,
  encodeDestroy,
  INITIATOR_BIT,
  LARGE_CELL,
  SMALL_CELL,
} from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import type { CircuitId } from './circuit.ts'
import { createSetup } from './onion-setup.ts'
import type { Three } from './testing/circuit-fixture.ts'
import { reasons, typeOf } from './testing/circuit-fixture.ts'
import { flipped } from './testing/onion-path.ts'
import type { TestNode } from './testing/router-net.ts'
import { RouterNet } from './testing/router-net.ts'
import { seededRandom } from './testing/scripted-random.ts'

const NO_DATA = new Uint8Array(0)

/** A setup cell of an attacker who is `client`'s link neighbour of the target. */
function setupCell(
  net: RouterNet,
  wireId: number,
  hops: readonly TestNode[],
  seed = wireId,
): Uint8Array {
  const setup = createSetup(nodeSuite, seededRandom(2 * seed + 77), {
    hops: hops.map(node => node.hop),
    expiryS: Math.floor(net.time.unixMs / 1000) + 300,
    isLarge: false,
    data: NO_DATA,
  })
  if (setup === undefined) throw new Error('no setup')
  return encodeCell(FRAME.cellSetup, wireId, setup.body)
}

describe('misbehaviour of a link', () => {
  const BAD_CELLS: readonly [string, Uint8Array][] = [
    ['an empty message', NO_DATA],
    ['a type that is no cell', encodeCell(FRAME.cellForward, 1, NO_DATA).fill(0x20, 0, 1)],
    ['a short cell', encodeCell(FRAME.cellForward, 1, NO_DATA).subarray(1)],
    ['a small cell with a large type', encodeCell(FRAME.cellForward, 1, NO_DATA).fill(0x16, 0, 1)],
    ['another version', encodeCell(FRAME.cellForward, 1, NO_DATA).fill(2, 1, 2)],
    ['reserved bytes', encodeCell(FRAME.cellForward, 1, NO_DATA).fill(1, 3, 4)],
    ['circuit id 0', encodeCell(FRAME.cellForward, 0, NO_DATA)],
    ['padding on a circuit', encodeCell(FRAME.cellPad, 1, NO_DATA)],
    ['a setup with an id of our side', encodeCell(FRAME.cellSetup, 5, NO_DATA)],
  ]

  it.each(BAD_CELLS)('is %s', (_, cell) => {
    const net = new RouterNet()
    const [client, relay] = net.chain(1) as Three
    net.inject(client, relay, cell)
    net.inject(client, relay, cell)
    const link = net.linkBetween(relay, client)
    expect(relay.effects).toEqual([{ kind: 'misbehaved', link, reason: 'protocol' }])
  })

  it('is a setup with a live id; a dead id is free again', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1) as Three
    const id = INITIATOR_BIT + 9
    net.inject(client, relay, setupCell(net, id, [relay, end], 1))
    net.inject(client, relay, encodeDestroy(id, 'closed'))
    net.inject(client, relay, setupCell(net, id, [relay, end], 2))
    expect(relay.effects).toEqual([])
    net.inject(client, relay, setupCell(net, id, [relay, end], 3))
    expect(net.taken(relay, 'misbehaved')).toHaveLength(1)
  })

  it('stops every further cell of that link', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1) as Three
    net.inject(client, relay, NO_DATA)
    net.open([client, relay, end])
    expect(relay.router.load.circuits).toBe(0)
  })
})

describe('a changed cell', () => {
  it.each([
    [FRAME.cellSetup, 1],
    [FRAME.cellSetup, 2],
    [FRAME.cellAck, 1],
    [FRAME.cellAck, 2],
    [FRAME.cellForward, 1],
    [FRAME.cellForward, 2],
    [FRAME.cellForward, 3],
    [FRAME.cellBackward, 1],
    [FRAME.cellBackward, 3],
  ])('of type %i after %i hops ends the circuit at both sides and in between', (type, hop) => {
    const net = new RouterNet()
    const path = net.chain(3)
    const [client, end] = [path[0], path.at(-1)] as [TestNode, TestNode]
    let seen = 0
    net.intercept = wired => {
      if (typeOf(wired) !== type) return wired.bytes
      seen += 1
      return seen === hop ? flipped(wired.bytes, CELL_HEADER + 20) : wired.bytes
    }
    const circuit = net.open(path)
    const far = net.taken(end, 'incoming')[0]?.circuit
    if (net.taken(client, 'opened').length > 0 && far !== undefined) {
      net.run(client, { kind: 'send', circuit, data: Uint8Array.of(1) })
      net.run(end, { kind: 'send', circuit: far, data: Uint8Array.of(1) })
    }
    expect(net.taken(client, 'closed')).toHaveLength(1)
    expect(net.taken(client, 'data').concat(net.taken(end, 'data'))).toHaveLength(
      type === FRAME.cellBackward ? 1 : 0,
    )
    for (const { router } of path) expect(router.load.circuits).toBe(0)
    expect(path.flatMap(node => net.taken(node, 'misbehaved'))).toEqual([])
  })

  it.each([FRAME.cellForward, FRAME.cellBackward])(
    'dropped (type %i) shows at the next one',
    type => {
      const net = new RouterNet()
      const [client, relay, end] = net.chain(1) as Three
      const circuit = net.open([client, relay, end])
      const far = net.taken(end, 'incoming')[0]?.circuit as CircuitId
      const [from, id] = type === FRAME.cellForward ? [client, circuit] : [end, far]
      let isFirst = true
      net.intercept = wired => {
        const isDropped = isFirst && typeOf(wired) === type
        if (isDropped) isFirst = false
        return isDropped ? undefined : wired.bytes
      }
      for (let n = 0; n < 2; n++) net.run(from, { kind: 'send', circuit: id, data: NO_DATA })
      expect(reasons(net, client)).toHaveLength(1)
      expect(relay.router.load.circuits).toBe(0)
    },
  )

  it('repeated, or sent against its direction, or too early, ends the circuit', () => {
    const kinds = [
      FRAME.cellAck,
      FRAME.cellForward,
      FRAME.cellBackward,
      FRAME.cellForwardLarge,
    ] as const
    for (const type of kinds) {
      for (const isOpen of [true, false]) {
        for (const [from, to] of [
          [0, 1],
          [1, 2],
          [2, 1],
          [1, 0],
        ] as const) {
          const net = new RouterNet()
          const path = net.chain(1) as Three
          path[2].answers = isOpen
          net.open(path, { large: false })
          const wireId = wireIdBetween(net, path[from], path[to])
          net.log.length = 0
          net.inject(path[from], path[to], encodeCell(type, wireId, NO_DATA))
          // Nothing of it goes on, but for what only the origin can judge.
          const isExpected = type === (isOpen ? FRAME.cellBackward : FRAME.cellAck)
          if (!(isExpected && from === 2)) {
            expect(net.log.every(wired => typeOf(wired) === FRAME.cellDestroy)).toBe(true)
          }
          expect(path[to].router.load.circuits).toBe(0)
          expect(net.taken(path[0], 'data').concat(net.taken(path[2], 'data'))).toEqual([])
        }
      }
    }
  })

  it('handed over to the next hop and sent back by it ends the circuit, authentic as it is', () => {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1) as Three
    const circuit = net.open([client, relay, end])
    const wireId = wireIdBetween(net, relay, end)
    let caught: Uint8Array = NO_DATA
    net.intercept = wired => {
      if (typeOf(wired) !== FRAME.cellForward) return wired.bytes
      caught = wired.bytes
      return undefined
    }
    net.run(client, { kind: 'send', circuit, data: NO_DATA })
    net.inject(end, relay, encodeCell(FRAME.cellForward, wireId, caught.subarray(CELL_HEADER)))
    expect(relay.router.load.circuits).toBe(0)
    expect(net.taken(end, 'data')).toEqual([])
  })

  it('for a circuit that is gone costs nothing', () => {
    const net = new RouterNet()
    const [client, relay] = net.chain(1) as Three
    for (const type of [FRAME.cellAck, FRAME.cellForward, FRAME.cellBackward, FRAME.cellDestroy]) {
      net.inject(client, relay, encodeCell(type, INITIATOR_BIT + 3, NO_DATA))
    }
    expect(relay.effects).toEqual([])
    expect(net.log).toEqual([])
  })
})

describe('random cells', () => {
  it('from a hostile link only ever end circuits or the link, and leave every table within its cap', () => {
    const types = fc.constantFrom(...Object.values(FRAME))
    const ids = fc.constantFrom(0, 1, 2, INITIATOR_BIT + 1, INITIATOR_BIT + 2, INITIATOR_BIT + 3)
    const cellInput = fc.record({
      type: types,
      id: ids,
      size: fc.constantFrom(0, 8, SMALL_CELL, SMALL_CELL, SMALL_CELL, LARGE_CELL),
      seed: fc.nat(1_000),
      from: fc.constantFrom(0, 2),
    })
    fc.assert(
      fc.property(fc.array(cellInput, { maxLength: 12 }), inputs => {
        const net = new RouterNet()
        const path = net.chain(1) as Three
        net.open(path)
        for (const { type, id, size, seed, from } of inputs) {
          const cell = new Uint8Array(size)
          cell.set(encodeCell(FRAME.cellForward, id, seededRandom(seed)(64)).subarray(0, size))
          cell[0] = type
          net.inject(path[from as 0 | 2], path[1], cell)
        }
        const allowed = new Set(['misbehaved', 'quota'])
        for (const effect of path[1].effects) expect(allowed).toContain(effect.kind)
        expect(path[1].router.load.circuits).toBeLessThanOrEqual(1)
        expect(path[1].router.load.queuedBytes).toBe(0)
      }),
      { seed: 11, numRuns: 150 },
    )
  })
})

function wireIdBetween(net: RouterNet, a: TestNode, b: TestNode): number {
  const wired = net.log.find(({ from, to }) => (from === a && to === b) || (from === b && to === a))
  if (wired === undefined) throw new Error('nothing went there')
  return decodeCellHeader(wired.bytes).circuitId
}
