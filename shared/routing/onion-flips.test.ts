// Threat 18 among whole routers: one bit changed anywhere in a cell, on any link of a circuit. What goes forward
// is caught by the very next hop, which passes nothing on; what comes back is caught by the origin. The pure
// functions meet every byte in onion-tamper.test.ts; here every link meets bytes of every part.

import { describe, expect, it } from 'vitest'
import { CELL_HEADER, SMALL_CELL } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import type { CircuitId } from './circuit.ts'
import { SLOT, SLOTS } from './onion-layout.ts'
import { flipped } from './testing/onion-path.ts'
import type { TestNode, Wired } from './testing/router-net.ts'
import { RouterNet } from './testing/router-net.ts'

const RELAYS = 3
const LINKS = RELAYS + 1
/** Odd, so that every link meets every part of a cell. */
const STRIDE = 3
/** Circuits of one key toward another come slower than this. */
const PAUSE_MS = 1_000

/** Circuits over one chain, in each of which one cell is changed on one link. */
class Flips {
  readonly net = new RouterNet()
  readonly path = this.net.chain(RELAYS)
  /** What was delivered after the change, and to whom it went first. */
  after: Wired[] = []
  #flip: ((wired: Wired) => Uint8Array | undefined) | undefined

  constructor() {
    this.net.intercept = wired => {
      const changed = this.#flip?.(wired)
      if (changed === undefined) this.after.push(wired)
      return changed ?? wired.bytes
    }
  }

  get client(): TestNode {
    return this.path[0] as TestNode
  }

  get end(): TestNode {
    return this.path[LINKS] as TestNode
  }

  /** Changes a byte of the next cell of that type on that link (counted from the client). */
  arm(type: number, link: number, at: number): void {
    const ends = [this.path[link], this.path[link + 1]]
    this.#flip = ({ from, to, bytes }) => {
      if (bytes[0] !== type || !ends.includes(from) || !ends.includes(to)) return undefined
      this.#flip = undefined
      this.after = []
      return flipped(bytes, at)
    }
  }

  /** Opens a circuit and says something both ways, as far as that goes. */
  use(): CircuitId {
    const { net, client, end } = this
    net.advance(PAUSE_MS)
    for (const node of this.path) node.effects.length = 0
    const circuit = net.open(this.path)
    const far = net.taken(end, 'incoming')[0]?.circuit
    if (net.taken(client, 'opened').length > 0 && far !== undefined) {
      net.run(client, { kind: 'send', circuit, data: Uint8Array.of(1) })
      net.run(end, { kind: 'send', circuit: far, data: Uint8Array.of(2) })
    }
    return circuit
  }

  /** Cells of that type that went on after the change. */
  passedOn(type: number): number {
    return this.after.filter(({ bytes }) => bytes[0] === type).length
  }

  get said(): number {
    return this.net.taken(this.client, 'data').length + this.net.taken(this.end, 'data').length
  }

  expectNothingLeft(): void {
    for (const { router } of this.path) expect(router.load.circuits).toBe(0)
  }
}

const positions = Array.from({ length: SMALL_CELL }, (_, at) => at).filter(
  at => at >= CELL_HEADER && at % STRIDE === 0,
)

describe('one bit changed', () => {
  it.each([
    ['a setup', FRAME.cellSetup],
    ['a forward cell', FRAME.cellForward],
  ])('in %s goes no further than the next hop, on any link', (_, type) => {
    const flips = new Flips()
    for (const [turn, at] of positions.entries()) {
      flips.arm(type, turn % LINKS, at)
      flips.use()
      expect([at, flips.passedOn(type), flips.said]).toEqual([at, 0, 0])
      expect(flips.net.taken(flips.client, 'closed')).toHaveLength(1)
      flips.expectNothingLeft()
    }
  })

  it('in a backward cell is caught by the origin, from any link', () => {
    const flips = new Flips()
    for (const [turn, at] of positions.entries()) {
      flips.arm(FRAME.cellBackward, turn % LINKS, at)
      flips.use()
      expect(flips.net.taken(flips.client, 'data')).toEqual([])
      expect(flips.net.taken(flips.client, 'closed')).toHaveLength(1)
      flips.expectNothingLeft()
    }
  })

  it('in an ack is caught by the origin wherever a layer covers it, from any link', () => {
    const flips = new Flips()
    for (const [turn, at] of positions.entries()) {
      const link = turn % LINKS
      flips.arm(FRAME.cellAck, link, at)
      flips.use()
      // The slots of hops that are not there hold random bytes that nobody reads.
      const place = at - CELL_HEADER
      const isUnread = place >= SLOT + SLOT * (LINKS - 1 - link) && place < SLOT + SLOTS
      expect([at, flips.said]).toEqual([at, isUnread ? 2 : 0])
      expect(flips.net.taken(flips.client, 'opened')).toHaveLength(isUnread ? 1 : 0)
    }
  })
})

describe('one bit changed in the head of a cell', () => {
  const heads = Array.from({ length: CELL_HEADER }, (_, at) => at)

  it.each(heads)('shows nothing that was not said, and ends the circuit (byte %i)', at => {
    for (const type of [FRAME.cellForward, FRAME.cellBackward]) {
      for (let link = 0; link < LINKS; link++) {
        const flips = new Flips()
        flips.arm(type, link, at)
        const circuit = flips.use()
        const { net, client } = flips
        const misbehaved = () => flips.path.flatMap(node => net.taken(node, 'misbehaved'))
        const listener = type === FRAME.cellForward ? flips.end : client
        expect(net.taken(listener, 'data')).toEqual([])
        // A cell that went astray shows at the next one; else its link was reported.
        if (misbehaved().length > 0 || net.taken(client, 'closed').length > 0) continue
        const far = net.taken(flips.end, 'incoming')[0]?.circuit
        if (type === FRAME.cellForward) {
          net.run(client, { kind: 'send', circuit, data: Uint8Array.of(3) })
        } else if (far !== undefined) {
          net.run(flips.end, { kind: 'send', circuit: far, data: Uint8Array.of(3) })
        }
        expect(net.taken(listener, 'data')).toEqual([])
        expect(net.taken(client, 'closed')).toHaveLength(1)
        flips.expectNothingLeft()
      }
    }
  })
})
