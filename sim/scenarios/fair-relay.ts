// One relay that carries the circuits of many, over one link that is narrower than all of them together: greedy
// circuits that always have more, quiet ones that say a word now and then, and stuck ones, whose ends take
// nothing. What each circuit gets through, how long words take, and what the relay holds for them all.

import type { CircuitId } from '../../shared/routing/circuit.ts'
import type { RouterEffect } from '../../shared/routing/router-messages.ts'
import { CIRCUIT_WINDOW_UNITS } from '../../shared/wire/limits.ts'
import type { Percentiles } from '../observers.ts'
import { Samples } from '../observers.ts'
import type { Rng } from '../rng.ts'
import { numberedMessage, numberOf } from '../testing/numbered.ts'
import type { RouterNode } from '../testing/router-node.ts'
import { addRouter, awaitLinks } from '../testing/router-node.ts'
import type { RouterProgram } from '../testing/router-program.ts'
import type { Leftovers } from '../world.ts'
import { World } from '../world.ts'

export interface FairRelayOptions {
  /** Always have something to send, in cells of either class. */
  readonly greedySmall: number
  readonly greedyLarge: number
  /** Say a word of 100 bytes about ten times a second. */
  readonly quiet: number
  /** As greedy as the others, toward an end that reads nothing. */
  readonly stuck: number
  /** How many setups one more neighbour throws at the relay meanwhile, evenly; default 0. */
  readonly setups?: number
  /** Of all queues of the relay; default: as without any option. */
  readonly maxQueuedBytes?: number
  readonly durationMs: number
}

export interface FairRelayReport {
  /** By circuit, within the second half of the time. */
  readonly smallBytes: readonly number[]
  readonly largeBytes: readonly number[]
  readonly wordMs: Percentiles
  readonly wordsLost: number
  /** Circuits that ended before their time, by kind. */
  readonly closed: Readonly<Record<FlowKind, number>>
  readonly peakQueuedBytes: number
  readonly peakCircuits: number
  readonly trace: string
  readonly leftovers: Leftovers
}

export type FlowKind = 'small' | 'large' | 'quiet' | 'stuck'

interface Flow {
  readonly kind: FlowKind
  readonly origin: RouterProgram
  readonly circuit: CircuitId
  isOpen: boolean
  bytes: number
  /** When each word left, by its number. */
  readonly words: number[]
}

/** Of each link but those between the relay and the ends. */
const WIDE = { latencyMs: 20, jitterMs: 0, bytesPerMs: 100_000, bufferBytes: 4_194_304 } as const
const NARROW = { ...WIDE, bytesPerMs: 1_000, bufferBytes: 65_536 } as const
/** A relay takes so many circuits of one link, and setups at once. */
const CIRCUITS_PER_ORIGIN = 20
const WORD_EVERY_MS = 100
const PAYLOAD_BYTES = { small: 900, large: 16_000, quiet: 100, stuck: 900 } as const
/** A quarter of a window: far more than the narrow link carries in a round trip. */
const GREEDY_UNITS = CIRCUIT_WINDOW_UNITS / 4
const OPEN_MS = 5_000
/** What is queued at most when the greedy ones stop, over the narrow link. */
const DRAIN_MS = 120_000

export function runFairRelay(seed: string | number, options: FairRelayOptions): FairRelayReport {
  return new FairRelay(seed, options).run()
}

/** 1 when all get the same, 1/n when one gets all (Jain, Chiu, Hawe 1984). */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  const squares = shares.reduce((total, share) => total + share * share, 0)
  return squares === 0 ? 0 : (sum * sum) / (shares.length * squares)
}

class FairRelay {
  readonly #world: World
  readonly #options: FairRelayOptions
  readonly #relay: RouterNode
  readonly #end: RouterNode
  readonly #deaf: RouterNode
  readonly #flooder: RouterNode
  readonly #origins: RouterNode[] = []
  readonly #flows: Flow[] = []
  readonly #flowAtOrigin: Map<CircuitId, Flow>[] = []
  readonly #flowAtEnd = new Map<CircuitId, Flow>()
  readonly #words = new Samples()
  readonly #closed: Record<FlowKind, number> = { small: 0, large: 0, quiet: 0, stuck: 0 }
  #wordsSaid = 0
  #peakQueuedBytes = 0
  #peakCircuits = 0
  #isCounting = false
  #isOver = false

  constructor(seed: string | number, options: FairRelayOptions) {
    const { maxQueuedBytes } = options
    this.#options = options
    // Nodes are numbered from 1 in the order in which they are added.
    const isShared = (a: number, b: number): boolean => Math.max(a, b) <= 3
    this.#world = new World(seed, { topology: (a, b) => (isShared(a, b) ? NARROW : WIDE) })
    const queues = maxQueuedBytes === undefined ? {} : { maxQueuedBytes }
    this.#relay = addRouter(this.#world, 'relay', { take: () => {} }, queues)
    this.#end = addRouter(this.#world, 'end', { take: effect => this.#atEnd(this.#end, effect) })
    this.#deaf = addRouter(this.#world, 'deaf', { take: effect => this.#atEnd(this.#deaf, effect) })
    this.#flooder = addRouter(this.#world, 'flooder', { take: () => {} })
    const { keyId } = this.#flooder.program.identity
    this.#relay.program.isServer = peer => peer !== keyId
    const { greedySmall, greedyLarge, quiet, stuck } = options
    const kinds: FlowKind[] = [
      ...Array<FlowKind>(greedySmall).fill('small'),
      ...Array<FlowKind>(greedyLarge).fill('large'),
      ...Array<FlowKind>(quiet).fill('quiet'),
      ...Array<FlowKind>(stuck).fill('stuck'),
    ]
    this.#open(this.#world.rng.fork('order').shuffle(kinds))
  }

  run(): FairRelayReport {
    const { durationMs } = this.#options
    this.#world.runFor(OPEN_MS)
    if (this.#flows.some(({ isOpen }) => !isOpen)) throw new Error('Some circuit did not open.')
    this.#deaf.node.freeze(Number.MAX_SAFE_INTEGER)
    for (const flow of this.#flows) this.#begin(flow)
    this.#flood(this.#options.setups ?? 0)
    this.#runFor(durationMs / 2)
    this.#isCounting = true
    this.#runFor(durationMs / 2)
    this.#isCounting = false
    this.#isOver = true
    const closed = { ...this.#closed }
    // Words that are under way arrive once nobody is greedy any more, unless they are lost.
    this.#world.runFor(DRAIN_MS)
    const wordsLost = this.#wordsSaid - this.#words.count
    return {
      smallBytes: this.#bytesOf('small'),
      largeBytes: this.#bytesOf('large'),
      wordMs: this.#words.percentiles(),
      wordsLost,
      closed,
      peakQueuedBytes: this.#peakQueuedBytes,
      peakCircuits: this.#peakCircuits,
      trace: this.#world.trace.digest(),
      leftovers: this.#stop(),
    }
  }

  #open(kinds: readonly FlowKind[]): void {
    const world = this.#world
    const origins = Array.from({ length: Math.ceil(kinds.length / CIRCUITS_PER_ORIGIN) }, (_, i) =>
      addRouter(world, `origin-${i}`, { take: effect => this.#atOrigin(i, effect) }),
    )
    this.#origins.push(...origins)
    this.#flowAtOrigin.push(...origins.map(() => new Map<CircuitId, Flow>()))
    for (const { program } of [...origins, this.#flooder]) program.connect(this.#relay.url)
    for (const { url } of [this.#end, this.#deaf]) this.#relay.program.connect(url)
    awaitLinks(world, [[this.#relay, origins.length + 3]])
    world.runFor(OPEN_MS)
    kinds.forEach((kind, number) => {
      const place = number % origins.length
      const origin = (origins[place] as RouterNode).program
      const circuit = origin.router.nextCircuitId()
      const end = kind === 'stuck' ? this.#deaf : this.#end
      const flow: Flow = { kind, origin, circuit, isOpen: false, bytes: 0, words: [] }
      this.#flows.push(flow)
      this.#flowAtOrigin[place]?.set(circuit, flow)
      const hops = [this.#relay.program.hop, end.program.hop]
      const data = numberedMessage(number, 4)
      origin.handle({ kind: 'open', circuit, hops, data, large: kind === 'large' })
    })
  }

  #begin(flow: Flow): void {
    if (flow.kind === 'quiet') this.#sayLater(flow, this.#world.rng.fork(flow.circuit))
    else this.#fill(flow)
  }

  /** Whatever becomes of them. */
  #flood(setups: number): void {
    const { program } = this.#flooder
    const hops = [this.#relay.program.hop, this.#end.program.hop]
    for (let setup = 0; setup < setups; setup += 1) {
      this.#world.after((setup / setups) * this.#options.durationMs, () => {
        const circuit = program.router.nextCircuitId()
        program.handle({ kind: 'open', circuit, hops, data: new Uint8Array(0), large: false })
      })
    }
  }

  /** As much as a greedy one keeps under way. */
  #fill({ kind, origin, circuit }: Flow): void {
    const leastRoom = CIRCUIT_WINDOW_UNITS - GREEDY_UNITS
    while (!this.#isOver && origin.router.room(circuit) > leastRoom) {
      const data = new Uint8Array(PAYLOAD_BYTES[kind])
      origin.handle({ kind: 'send', circuit, data })
    }
  }

  #sayLater(flow: Flow, rng: Rng): void {
    this.#world.after(rng.between(0, 2 * WORD_EVERY_MS), () => {
      if (this.#isOver) return
      if (flow.origin.router.room(flow.circuit) > 0) {
        const data = numberedMessage(flow.words.length, PAYLOAD_BYTES.quiet)
        flow.words.push(this.#world.nowMs)
        this.#wordsSaid += 1
        flow.origin.handle({ kind: 'send', circuit: flow.circuit, data })
      }
      this.#sayLater(flow, rng)
    })
  }

  #atOrigin(origin: number, effect: RouterEffect): void {
    if (!('circuit' in effect)) return
    const flow = this.#flowAtOrigin[origin]?.get(effect.circuit)
    if (flow === undefined) return
    if (effect.kind === 'opened') flow.isOpen = true
    if (effect.kind === 'closed' && !this.#isOver) this.#closed[flow.kind] += 1
    if (effect.kind === 'room' && flow.kind !== 'quiet') this.#fill(flow)
  }

  #atEnd({ program }: RouterNode, effect: RouterEffect): void {
    if (effect.kind === 'incoming') {
      const flow = this.#flows[numberOf(effect.data)]
      if (flow !== undefined) this.#flowAtEnd.set(effect.circuit, flow)
      program.handle({ kind: 'answer', circuit: effect.circuit, data: new Uint8Array(0) })
    }
    const flow = effect.kind === 'data' ? this.#flowAtEnd.get(effect.circuit) : undefined
    if (effect.kind !== 'data' || flow === undefined) return
    if (this.#isCounting) flow.bytes += effect.data.length
    if (flow.kind === 'quiet') {
      this.#words.add(this.#world.nowMs - (flow.words[numberOf(effect.data)] ?? Number.NaN))
    }
  }

  #runFor(durationMs: number): void {
    const { router } = this.#relay.program
    this.#world.runUntil(() => {
      const { circuits, queuedBytes } = router.load
      this.#peakQueuedBytes = Math.max(this.#peakQueuedBytes, queuedBytes)
      this.#peakCircuits = Math.max(this.#peakCircuits, circuits)
      return false
    }, durationMs)
  }

  #bytesOf(kind: FlowKind): number[] {
    return this.#flows.filter(flow => flow.kind === kind).map(({ bytes }) => bytes)
  }

  #stop(): Leftovers {
    this.#deaf.node.kill()
    for (const { program } of [this.#relay, this.#end, this.#flooder, ...this.#origins]) {
      program.shutdown()
    }
    this.#world.runFor(OPEN_MS)
    return this.#world.leftovers()
  }
}
