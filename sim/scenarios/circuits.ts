// Circuits of one to five hops along a chain of routers: opens one, sends numbered messages down it, and
// the far end sends each back. Both directions obey room; what arrives is compared with what was sent.

import type { CircuitId } from '../../shared/routing/circuit.ts'
import type { RouterEffect } from '../../shared/routing/router-messages.ts'
import type { DeliveryReport } from '../observers.ts'
import { DeliveryObserver } from '../observers.ts'
import { numberedMessage, numberOf } from '../testing/numbered.ts'
import { buildChain, openThrough } from '../testing/router-chain.ts'
import type { RouterNode } from '../testing/router-node.ts'
import type { RouterProgram } from '../testing/router-program.ts'
import type { Topology } from '../topology.ts'
import type { Leftovers } from '../world.ts'
import { World } from '../world.ts'

export interface CircuitsOptions {
  readonly hops: number
  readonly messages: number
  readonly messageBytes: number
  /** The circuit may carry large cells. */
  readonly large?: boolean
  readonly topology?: Topology
  /** Called once the circuit is open and the traffic runs. */
  readonly fault?: (world: World, chain: readonly RouterNode[]) => void
  /** Virtual time for the traffic; default 60,000. */
  readonly withinMs?: number
}

export interface CircuitsReport {
  /** `undefined` when it did not open. */
  readonly openMs: number | undefined
  readonly forward: DeliveryReport
  readonly backward: DeliveryReport
  /** Every `closed` effect at origin and end, in order, before the scenario itself closes the links. */
  readonly closed: readonly string[]
  readonly misbehaved: number
  /** Virtual time from the opening to the last message, or to the limit. */
  readonly trafficMs: number
  readonly trace: string
  /** After every link was closed. */
  readonly leftovers: Leftovers
}

export function runCircuits(seed: string | number, options: CircuitsOptions): CircuitsReport {
  const world = new World(
    seed,
    options.topology === undefined ? {} : { topology: options.topology },
  )
  const run = new CircuitRun(world, options)
  const openMs = run.open()
  const startMs = world.nowMs
  if (openMs !== undefined) run.exchange()
  const trafficMs = world.nowMs - startMs
  const closed = [...run.closed]
  run.shutdown()
  const { misbehaved } = run
  const [forward, backward] = [run.forward.report(), run.backward.report()]
  const [trace, leftovers] = [world.trace.digest(), world.leftovers()]
  return { openMs, forward, backward, closed, misbehaved, trafficMs, trace, leftovers }
}

class CircuitRun {
  readonly forward = new DeliveryObserver()
  readonly backward = new DeliveryObserver()
  readonly closed: string[] = []
  misbehaved = 0
  readonly #world: World
  readonly #options: CircuitsOptions
  readonly #chain: readonly RouterNode[]
  readonly #origin: Talker
  readonly #end: Talker
  #openMs: number | undefined
  #answered = 0

  constructor(world: World, options: CircuitsOptions) {
    this.#world = world
    this.#options = options
    const last = options.hops
    this.#chain = buildChain(world, last + 1, place => ({
      take: effect => {
        if (effect.kind === 'misbehaved') this.misbehaved += 1
        if (place === 0) this.#onOrigin(effect)
        if (place === last) this.#onEnd(effect)
      },
    }))
    this.#origin = new Talker((this.#chain[0] as RouterNode).program)
    this.#end = new Talker((this.#chain[last] as RouterNode).program)
  }

  /** @returns the measured round trip of the setup */
  open(): number | undefined {
    this.#origin.circuit = openThrough(this.#chain, this.#options.large ?? false)
    this.#world.runUntil(() => this.#openMs !== undefined || this.closed.length > 0, 20_000)
    return this.#openMs
  }

  exchange(): void {
    const { messages, messageBytes, fault, withinMs = 60_000 } = this.#options
    for (let turn = 0; turn < messages; turn += 1) {
      const number = this.forward.sent('origin', 'end', this.#world.nowMs)
      this.#origin.waiting.push(numberedMessage(number, messageBytes))
    }
    this.#origin.flush()
    fault?.(this.#world, this.#chain)
    this.#world.runUntil(() => this.#answered >= messages, withinMs)
  }

  shutdown(): void {
    for (const { program } of this.#chain) program.shutdown()
    this.#world.runFor(10_000)
  }

  #onOrigin(effect: RouterEffect): void {
    if (effect.kind === 'opened') this.#openMs = effect.rttMs
    if (effect.kind === 'closed') this.closed.push(`origin ${effect.reason}`)
    if (effect.kind === 'data') {
      this.backward.received('end', 'origin', numberOf(effect.data), this.#world.nowMs)
      this.#answered += 1
    }
    if (effect.kind === 'room') this.#origin.flush()
  }

  #onEnd(effect: RouterEffect): void {
    if (effect.kind === 'incoming') {
      this.#end.circuit = effect.circuit
      const { circuit } = effect
      this.#end.program.handle({ kind: 'answer', circuit, data: new Uint8Array(1) })
    }
    if (effect.kind === 'closed') this.closed.push(`end ${effect.reason}`)
    if (effect.kind === 'data') {
      this.forward.received('origin', 'end', numberOf(effect.data), this.#world.nowMs)
      const number = this.backward.sent('end', 'origin', this.#world.nowMs)
      this.#end.waiting.push(numberedMessage(number, effect.data.length))
    }
    if (effect.kind === 'data' || effect.kind === 'room') this.#end.flush()
  }
}

/** One end of the circuit: sends what waits as far as there is room. */
class Talker {
  readonly program: RouterProgram
  readonly waiting: Uint8Array[] = []
  circuit: CircuitId | undefined
  #isFlushing = false

  constructor(program: RouterProgram) {
    this.program = program
  }

  flush(): void {
    if (this.#isFlushing || this.circuit === undefined) return
    this.#isFlushing = true
    while (this.waiting.length > 0 && this.program.router.room(this.circuit) > 0) {
      const data = this.waiting.shift()
      if (data === undefined) break
      this.program.handle({ kind: 'send', circuit: this.circuit, data })
    }
    this.#isFlushing = false
  }
}
