// An origin that cheats inside its own circuit: it loses the circuit, and nobody else anything.

import { describe, expect, it } from 'vitest'
import { LARGE_CELL, writePayload } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import {
  CIRCUIT_CREDIT_UNITS,
  CIRCUIT_WINDOW_UNITS,
  LARGE_CELL_UNITS,
  RELAY_QUEUE_MAX_UNITS,
} from '../wire/limits.ts'
import type { CircuitId } from './circuit.ts'
import { emptyPlaintext, FORWARD_PAYLOAD } from './onion-cell.ts'
import type { Three } from './testing/circuit-fixture.ts'
import { reasons, typeOf } from './testing/circuit-fixture.ts'
import { RogueOrigin } from './testing/rogue-origin.ts'
import { RouterNet } from './testing/router-net.ts'

const NO_DATA = new Uint8Array(0)

describe('an origin that cheats inside its circuit', () => {
  function rogueChain() {
    const net = new RouterNet()
    const [client, relay, end] = net.chain(1) as Three
    const rogue = new RogueOrigin(net, [client, relay, end])
    const far = net.taken(end, 'incoming')[0]?.circuit as CircuitId
    return { net, client, relay, end, rogue, far }
  }

  it('loses the circuit by overrunning the window by one cell', () => {
    const { net, relay, end, rogue } = rogueChain()
    net.feed(end, { kind: 'linkPause', link: net.linkBetween(end, relay) })
    for (let n = 0; n < CIRCUIT_WINDOW_UNITS; n++) rogue.send('data', NO_DATA)
    expect(net.taken(end, 'data')).toHaveLength(CIRCUIT_WINDOW_UNITS)
    rogue.send('data', NO_DATA)
    expect(net.taken(end, 'data')).toHaveLength(CIRCUIT_WINDOW_UNITS)
    expect(reasons(net, end)).toEqual(['protocol'])
  })

  it.each([
    ['forged', new Uint8Array(16)],
    ['of another length', NO_DATA],
  ])('loses it by a credit that is %s', (_, tag) => {
    const { net, end, rogue, far } = rogueChain()
    for (let n = 0; n < CIRCUIT_CREDIT_UNITS; n++) {
      net.run(end, { kind: 'send', circuit: far, data: NO_DATA })
    }
    expect(end.router.room(far)).toBe(CIRCUIT_WINDOW_UNITS - CIRCUIT_CREDIT_UNITS)
    rogue.send('credit', tag)
    expect(reasons(net, end)).toEqual(['protocol'])
  })

  it('loses it by a credit for cells that were not sent yet', () => {
    const { net, end, rogue } = rogueChain()
    rogue.send('credit', new Uint8Array(16))
    expect(reasons(net, end)).toEqual(['protocol'])
  })

  it.each([
    ['an unknown command', [3, 0, 0, 0]],
    ['flags', [1, 1, 0, 0]],
    ['a length past the end', [1, 0, 3, 165]],
  ])('loses it by a payload with %s', (_, head) => {
    const { net, end, rogue } = rogueChain()
    const plaintext = emptyPlaintext(false)
    plaintext.set(head, FORWARD_PAYLOAD)
    rogue.sendPlain(plaintext)
    expect(reasons(net, end)).toEqual(['protocol'])
    expect(net.taken(end, 'data')).toEqual([])
  })

  it.each([0, 1])('loses it by a large cell where the setup asked for none (%i relays)', relays => {
    const net = new RouterNet()
    const path = net.chain(relays)
    const rogue = new RogueOrigin(net, path)
    net.log.length = 0
    const plaintext = emptyPlaintext(true)
    writePayload(plaintext, FORWARD_PAYLOAD, 'data', NO_DATA)
    rogue.sendPlain(plaintext)
    expect(net.log.every(wired => typeOf(wired) === FRAME.cellDestroy)).toBe(true)
    expect(net.log).toHaveLength(relays + 1)
    expect(path.flatMap(node => net.taken(node, 'data'))).toEqual([])
    expect(path.flatMap(node => net.taken(node, 'misbehaved'))).toEqual([])
  })

  it('cannot make a relay queue more large cells than their weight allows', () => {
    const net = new RouterNet()
    const path = net.chain(1) as Three
    const rogue = new RogueOrigin(net, path, true)
    net.feed(path[1], { kind: 'linkPause', link: net.linkBetween(path[1], path[2]) })
    const most = RELAY_QUEUE_MAX_UNITS / LARGE_CELL_UNITS
    for (let n = 0; n < most; n++) rogue.sendPlain(emptyPlaintext(true))
    expect(path[1].router.load).toEqual({ circuits: 1, queuedBytes: most * LARGE_CELL })
    rogue.sendPlain(emptyPlaintext(true))
    expect(path[1].router.load).toEqual({ circuits: 0, queuedBytes: 0 })
  })
})
