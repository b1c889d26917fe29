// What a relay knows of a circuit (docs/PROTOCOL.md 6, threats 6 and 18). An observer is given everything that
// the relay has: each byte of its links, each argument and result of its cryptography, its randomness, and each
// value that it holds, at every stage of the circuit. It may find the neighbours there, and nothing else.

import { expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { guardNonces } from '../crypto/testing/nonce-guard.ts'
import { CELL_HEADER } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import type { HeldState } from './testing/held-state.ts'
import { heldState } from './testing/held-state.ts'
import { observeRandom, observeSuite } from './testing/observed-suite.ts'
import type { TestNode } from './testing/router-net.ts'
import { RouterNet } from './testing/router-net.ts'
import { seededRandom } from './testing/scripted-random.ts'

/** Texts that no relay may ever see, long enough to be found by no accident. */
const SETUP_TEXT = new TextEncoder().encode('what the caller says in its setup')
const FORWARD_TEXT = new TextEncoder().encode('what the caller says to its peer')
const BACKWARD_TEXT = new TextEncoder().encode('what the peer answers to its caller')
/** Bytes in a row that two places share by no accident: one in 2^64 for each pair of positions. */
const RUN_BYTES = 8

interface Observed {
  readonly node: TestNode
  /** Copies of what went through its cryptography and its randomness. */
  readonly seen: Uint8Array[]
  readonly states: HeldState[]
}

/** A circuit over so many relays, opened, used both ways and closed, watched at every node. */
class WatchedCircuit {
  readonly net = new RouterNet()
  readonly client: Observed
  readonly relays: readonly Observed[]
  readonly end: Observed
  readonly #isLarge: boolean

  /** @param areServers the two ends as well, so that no relay tells its place by what a neighbour is */
  constructor(relays: number, isLarge = false, areServers = false) {
    this.#isLarge = isLarge
    this.client = this.#watched('client', areServers, 1)
    this.relays = Array.from({ length: relays }, (_, i) =>
      this.#watched(`relay${i + 1}`, true, 2 + i),
    )
    this.end = this.#watched('end', areServers, 2 + relays)
    const nodes = this.all.map(({ node }) => node)
    for (const [i, node] of nodes.slice(1).entries()) this.net.connect(nodes[i] as TestNode, node)
  }

  get all(): readonly Observed[] {
    return [this.client, ...this.relays, this.end]
  }

  run(): void {
    const { net } = this
    const [client, end] = [this.client.node, this.end.node]
    this.#look()
    const circuit = net.open(
      this.all.map(({ node }) => node),
      { data: SETUP_TEXT, large: this.#isLarge },
    )
    const far = net.taken(end, 'incoming')[0]?.circuit
    if (far === undefined) throw new Error('The circuit did not open.')
    this.#look()
    const pad = new Uint8Array(this.#isLarge ? 3_000 : 0)
    for (let turn = 0; turn < 3; turn++) {
      net.run(client, { kind: 'send', circuit, data: Uint8Array.from([...FORWARD_TEXT, ...pad]) })
      net.run(end, {
        kind: 'send',
        circuit: far,
        data: Uint8Array.from([...BACKWARD_TEXT, ...pad]),
      })
    }
    this.#look()
    net.run(client, { kind: 'destroy', circuit, reason: 'closed' })
    this.#look()
  }

  /** Cells that a node received or sent, as its links carried them. */
  cellsOf({ node }: Observed) {
    return this.net.log.filter(({ from, to }) => from === node || to === node)
  }

  cellsBetween({ node: a }: Observed, { node: b }: Observed): Uint8Array[] {
    const isBetween = (from: TestNode, to: TestNode) =>
      (from === a && to === b) || (from === b && to === a)
    return this.net.log.filter(({ from, to }) => isBetween(from, to)).map(({ bytes }) => bytes)
  }

  /** All bytes that an observer of this node has. */
  bytesOf(observed: Observed): Uint8Array[] {
    const cells = this.cellsOf(observed).map(({ bytes }) => bytes)
    return [...cells, ...observed.seen, ...observed.states.flatMap(({ bytes }) => bytes)]
  }

  #watched(name: string, isServer: boolean, seed: number): Observed {
    const seen: Uint8Array[] = []
    const note = (bytes: Uint8Array): void => {
      seen.push(bytes)
    }
    const suite = observeSuite(guardNonces(nodeSuite), note)
    const random = observeRandom(seededRandom(77 * seed), note)
    const node = this.net.node(name, { isServer, suite, random })
    return { node, seen, states: [] }
  }

  #look(): void {
    for (const { node, states } of this.all) states.push(heldState([node.router, node.onionKeys]))
  }
}

/** How a key may be written. */
function formsOf({ publicKey, keyId, hop }: TestNode) {
  const hex = Buffer.from(publicKey).toString('hex')
  const texts = [keyId, hex, Buffer.from(publicKey).toString('latin1')]
  return { bytes: [publicKey, nodeSuite.sha256(publicKey), hop.onionKey], texts }
}

function holds(circuit: WatchedCircuit, observed: Observed, named: TestNode): boolean {
  const { bytes, texts } = formsOf(named)
  const isInBytes = contains(circuit.bytesOf(observed), bytes)
  const said = observed.states.flatMap(state => state.texts)
  return isInBytes || said.some(text => texts.some(form => text.includes(form)))
}

function contains(haystacks: readonly Uint8Array[], needles: readonly Uint8Array[]): boolean {
  return haystacks.some(hay =>
    needles.some(needle => Buffer.from(hay).includes(Buffer.from(needle))),
  )
}

/** Every run of bytes in the bodies of cells; those that only end the circuit say so in the clear. */
function runsOf(cells: readonly Uint8Array[]): Set<string> {
  const runs = new Set<string>()
  for (const cell of cells.filter(([type]) => type !== FRAME.cellDestroy)) {
    const body = Buffer.from(cell.subarray(CELL_HEADER)).toString('latin1')
    for (let at = 0; at + RUN_BYTES <= body.length; at++) runs.add(body.slice(at, at + RUN_BYTES))
  }
  return runs
}

it.each([
  [2, false],
  [3, false],
  [4, false],
  [3, true],
])(
  '%i relays each know the node before and the node after only (large cells: %s)',
  (count, isLarge) => {
    const circuit = new WatchedCircuit(count, isLarge)
    circuit.run()
    circuit.all.forEach((observed, place) => {
      if (observed === circuit.client) return
      circuit.all.forEach(({ node }, other) => {
        const isKnown = Math.abs(place - other) <= 1
        expect([observed.node.name, node.name, holds(circuit, observed, node)]).toEqual([
          observed.node.name,
          node.name,
          isKnown,
        ])
      })
    })
  },
)

it.each([2, 3, 4])('none of %i relays sees a word of what is said', count => {
  const circuit = new WatchedCircuit(count)
  circuit.run()
  const words = [SETUP_TEXT, FORWARD_TEXT, BACKWARD_TEXT]
  for (const relay of circuit.relays) expect(contains(circuit.bytesOf(relay), words)).toBe(false)
  // Who looks like this finds what is there to be found.
  for (const one of [circuit.client, circuit.end]) {
    for (const word of words) expect(contains(circuit.bytesOf(one), [word])).toBe(true)
  }
})

it('relays share no secret, and nothing on one link is found on another', () => {
  const circuit = new WatchedCircuit(4)
  circuit.run()
  const secretsOf = ({ seen }: Observed): Set<string> =>
    new Set(
      seen.filter(({ length }) => length === 32).map(bytes => Buffer.from(bytes).toString('hex')),
    )
  circuit.relays.forEach((one, at) => {
    const secrets = secretsOf(one)
    circuit.relays.slice(at + 1).forEach((other, further) => {
      const common = [...secretsOf(other)].filter(secret => secrets.has(secret))
      // Neighbours name each other by their keys, and see what is in the clear on their link.
      const names = [one, other].map(({ node }) => Buffer.from(node.publicKey).toString('hex'))
      const link = circuit.cellsBetween(one, other).map(bytes => Buffer.from(bytes).toString('hex'))
      const isPublic = (text: string) => [...names, ...link].some(known => known.includes(text))
      expect(common.filter(secret => !isPublic(secret))).toEqual([])
      if (further > 0) expect(common).toEqual([])
    })
  })
  const hops = circuit.all.slice(1).map((to, at) => {
    return runsOf(circuit.cellsBetween(circuit.all[at] as Observed, to))
  })
  hops.forEach((runs, at) => {
    expect(runs.size).toBeGreaterThan(1_000)
    for (const others of hops.slice(at + 1)) {
      expect([...runs].filter(run => others.has(run))).toEqual([])
    }
  })
})

it.each([false, true])(
  'no relay can tell its place or how many there are by sizes or by what it holds (large: %s)',
  isLarge => {
    const views = [1, 2, 3, 4].flatMap(count => {
      const circuit = new WatchedCircuit(count, isLarge, true)
      circuit.run()
      return circuit.relays.map(relay => ({
        cells: circuit.cellsOf(relay).map(({ to, bytes }) => {
          return `${to === relay.node ? 'in' : 'out'} ${bytes[0]} ${bytes.length}`
        }),
        worked: relay.seen.map(({ length }) => length),
        held: relay.states.map(({ shape }) => shape),
      }))
    })
    const [first, ...others] = views
    expect(others).toHaveLength(9)
    for (const view of others) expect(view).toEqual(first)
    const sizes = new Set(first?.cells.map(cell => Number(cell.split(' ')[2])))
    expect([...sizes]).toEqual(isLarge ? [1_024, 16_384] : [1_024])
  },
)
