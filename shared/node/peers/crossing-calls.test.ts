// Two nodes that call each other while circuits deliver what they carry in any order, and some hold it back for long:
// whatever crosses, both end up in one session, nobody is told that the other was gone, and every message arrives once
// and in order.

import { expect, it } from 'vitest'
import { utf8Decode, utf8Encode } from '../../bytes/utf8.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import { seeded } from '../../session/testing/seeded.ts'
import { FakeCircuits, SERVER } from '../testing/fake-circuits.ts'
import { identityOf } from '../testing/records.ts'
import type { CircuitPort } from './peer-context.ts'

/** What is on its way in one direction of a circuit, in order. */
interface Lane {
  readonly waiting: (() => void)[]
  isHeldBack: boolean
}

interface End {
  readonly side: Side
  readonly circuit: CircuitId
}

class Side {
  readonly identity
  readonly node: FakeCircuits
  readonly said: string[] = []
  readonly heard: string[] = []
  readonly closed = new Set<CircuitId>()
  readonly far = new Map<CircuitId, End>()
  /** Events that no application should see. */
  readonly complaints: string[] = []

  constructor(number: number, seed: number) {
    this.identity = identityOf(number)
    this.node = new FakeCircuits(this.identity, seed)
  }
}

class Crossing {
  readonly sides: readonly [Side, Side]
  readonly #random
  readonly #holdsBack: boolean
  readonly #lanes = new Map<string, Lane>()
  #now = 1
  #messages = 0

  constructor(seed: number) {
    this.#random = seeded(seed)
    this.#holdsBack = seed % 2 === 0
    this.sides = [new Side(1, seed), new Side(2, seed + 10_000)]
    const [one, two] = this.sides
    this.#join(one, two)
    this.#join(two, one)
  }

  run(): void {
    const beginAt = this.sides.map(() => this.#below(60))
    for (let step = 0; step < 400; step++) {
      this.sides.forEach((side, i) => {
        if (step === beginAt[i]) this.#say(side)
      })
      const isTalking = step > 100 && step < 200 && this.#below(10) === 0
      if (isTalking) this.#say(this.sides[this.#below(2)] as Side)
      this.#deliver(this.#open())
      if (this.#below(30) === 0) this.#letGo(1)
      this.#pass(this.#below(40))
    }
    this.#settle()
  }

  /** Until nothing is on its way, and nothing is about to happen. */
  #settle(): void {
    for (;;) {
      this.#letGo(this.#lanes.size)
      const open = this.#open()
      if (open.length > 0) {
        this.#deliver(open)
        this.#pass(0)
        continue
      }
      const next = Math.min(...this.sides.map(({ node }) => node.peers.nextTimeout() ?? Infinity))
      if (next > this.#now + 20_000) return
      this.#pass(Math.max(1, next - this.#now))
    }
  }

  #join(side: Side, other: Side): void {
    const { node } = side
    const circuits: CircuitPort = node.context.circuits
    const toFar = (circuit: CircuitId, act: (far: End) => void): void => {
      this.#lane(side, circuit).waiting.push(() => {
        const far = side.far.get(circuit)
        if (far !== undefined && !far.side.closed.has(far.circuit)) act(far)
      })
    }
    circuits.open = (_time, circuit, _hops, data) => {
      node.peers.ownCircuit(circuit, other.identity.keyId)
      this.#lane(side, circuit).waiting.push(() => {
        const far = { side: other, circuit: other.node.newCircuit() }
        side.far.set(circuit, far)
        other.far.set(far.circuit, { side, circuit })
        other.node.peers.incoming(other.node.time, far.circuit, SERVER.keyId, data)
      })
    }
    circuits.answer = (_time, circuit, data) =>
      toFar(circuit, far =>
        far.side.node.peers.circuitOpened(far.side.node.time, far.circuit, data),
      )
    circuits.send = (_time, circuit, data) =>
      toFar(circuit, far => far.side.node.peers.circuitData(far.side.node.time, far.circuit, data))
    circuits.destroy = (_time, circuit) => {
      if (side.closed.has(circuit)) return
      side.closed.add(circuit)
      toFar(circuit, far => {
        far.side.closed.add(far.circuit)
        far.side.node.peers.circuitClosed(far.side.node.time, far.circuit, 'closed')
      })
    }
    node.context.servers.startLookup = (_time, key) => {
      this.#lane(side, undefined).waiting.push(() => node.find(other.identity))
      return node.lookups.push(key)
    }
  }

  #say(side: Side): void {
    const other = side === this.sides[0] ? this.sides[1] : this.sides[0]
    const text = `message ${this.#messages++}`
    side.said.push(text)
    const { node } = side
    const id = this.#random.bytes(16)
    node.peers.withPeer(other.identity.keyId, peer =>
      peer.send(node.time, this.#messages, id, utf8Encode(text)),
    )
  }

  #pass(ms: number): void {
    this.#now += ms
    for (const { node, heard, complaints } of this.sides) {
      node.time = { now: this.#now, unixMs: node.time.unixMs + this.#now - node.time.now }
      if ((node.peers.nextTimeout() ?? Infinity) <= this.#now) node.peers.timeout(node.time)
      for (const event of node.events.splice(0)) {
        if (event.kind === 'message') heard.push(utf8Decode(event.data))
        if (event.kind === 'failed' || event.kind === 'peerDown') complaints.push(event.kind)
      }
    }
  }

  #open(): Lane[] {
    const lanes = [...this.#lanes.values()]
    return lanes.filter(({ waiting, isHeldBack }) => waiting.length > 0 && !isHeldBack)
  }

  #deliver(open: readonly Lane[]): void {
    open[this.#below(open.length)]?.waiting.shift()?.()
  }

  #letGo(count: number): void {
    const held = [...this.#lanes.values()].filter(({ isHeldBack }) => isHeldBack)
    for (const lane of held.slice(0, count)) lane.isHeldBack = false
  }

  /** Without a circuit: lookups. */
  #lane({ identity }: Side, circuit: CircuitId | undefined): Lane {
    const name = `${identity.keyId} ${circuit}`
    const known = this.#lanes.get(name)
    if (known !== undefined) return known
    const isHeldBack = this.#holdsBack && circuit !== undefined && this.#below(4) === 0
    const lane = { waiting: [], isHeldBack }
    this.#lanes.set(name, lane)
    return lane
  }

  #below(bound: number): number {
    return Math.floor(this.#random.next() * bound)
  }
}

it('calls that cross leave one session in which everything arrives', () => {
  for (let seed = 1; seed <= 250; seed++) {
    const crossing = new Crossing(seed)
    crossing.run()
    const [one, two] = crossing.sides
    expect([seed, one.heard, one.complaints]).toEqual([seed, two.said, []])
    expect([seed, two.heard, two.complaints]).toEqual([seed, one.said, []])
    const open = crossing.sides.map(({ node }) => node.peers.size)
    expect([seed, open]).toEqual([seed, [1, 1]])
  }
}, 60_000)
