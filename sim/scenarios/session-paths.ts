// A session between two nodes with several relays between them, of which any may die, stall or fall silent
// while both sides send. The session loses its path, gets another one by attaching, and every message
// arrives once and in order.

import type { SessionEffect } from '../../shared/session/effects.ts'
import type { DeliveryReport } from '../observers.ts'
import { DeliveryObserver } from '../observers.ts'
import type { Rng } from '../rng.ts'
import { numberedMessage, numberOf } from '../testing/numbered.ts'
import type { RouterNode } from '../testing/router-node.ts'
import { addRouter, awaitLinks } from '../testing/router-node.ts'
import { SessionEnd } from '../testing/session-end.ts'
import type { Topology } from '../topology.ts'
import type { Leftovers } from '../world.ts'
import { World } from '../world.ts'

export interface SessionPathsOptions {
  readonly relays: number
  /** Of each side. */
  readonly messages: number
  readonly maxMessageBytes: number
  /** Each side sends its messages at random within this time; 0 = all at once. */
  readonly spreadMs: number
  readonly topology?: Topology
  /** Called as traffic begins. The caller tries the relays in their order, again and again. */
  readonly fault?: (world: World, relays: readonly RouterNode[], caller: RouterNode) => void
  /** Virtual time for the traffic; default 60,000. */
  readonly withinMs?: number
}

export interface SessionPathsReport {
  /** From the caller and from the called node. */
  readonly forward: DeliveryReport
  readonly backward: DeliveryReport
  readonly failed: number
  readonly pathsOpened: number
  /** Longest time without any delivery while something was under way, virtual milliseconds. */
  readonly stallMs: number
  readonly closed: readonly string[]
  readonly trace: string
  readonly leftovers: Leftovers
}

export function runSessionPaths(
  seed: string | number,
  options: SessionPathsOptions,
): SessionPathsReport {
  const { topology } = options
  const world = new World(seed, topology === undefined ? {} : { topology })
  const run = new SessionRun(world, options)
  run.exchange()
  return run.finish()
}

class SessionRun {
  readonly #world: World
  readonly #options: SessionPathsOptions
  readonly #forward = new DeliveryObserver()
  readonly #backward = new DeliveryObserver()
  readonly #closed: string[] = []
  readonly #ends: readonly [SessionEnd, SessionEnd]
  readonly #nodes: readonly [RouterNode, RouterNode]
  readonly #relays: readonly RouterNode[]
  #failed = 0
  #lastDeliveryMs = 0
  #stallMs = 0

  constructor(world: World, options: SessionPathsOptions) {
    this.#world = world
    this.#options = options
    const caller = new SessionEnd(world, effect => this.#take('caller', effect))
    const called = new SessionEnd(world, effect => this.#take('called', effect))
    this.#ends = [caller, called]
    this.#nodes = [addRouter(world, 'caller', caller), addRouter(world, 'called', called)]
    const [callerNode, calledNode] = this.#nodes
    caller.program = callerNode.program
    called.program = calledNode.program
    this.#relays = Array.from({ length: options.relays }, (_, number) =>
      addRouter(world, `relay-${number}`, { take: () => {} }),
    )
    for (const { url } of this.#relays) {
      callerNode.program.connect(url)
      calledNode.program.connect(url)
    }
    awaitLinks(world, [
      [callerNode, options.relays],
      [calledNode, options.relays],
    ])
  }

  exchange(): void {
    const { messages, withinMs = 60_000, fault } = this.#options
    const [caller] = this.#ends
    const [callerNode, calledNode] = this.#nodes
    caller.call(this.#relays.map(({ program }) => [program.hop, calledNode.program.hop]))
    this.#lastDeliveryMs = this.#world.nowMs
    this.#sendAll(0, this.#forward, 'caller', 'called')
    this.#sendAll(1, this.#backward, 'called', 'caller')
    fault?.(this.#world, this.#relays, callerNode)
    const isDone = () => this.#confirmed === 2 * messages
    this.#world.runUntil(isDone, withinMs)
  }

  finish(): SessionPathsReport {
    const closed = [...this.#closed]
    for (const end of this.#ends) end.stop()
    for (const { node, program } of [...this.#nodes, ...this.#relays]) {
      program.shutdown()
      node.kill()
    }
    this.#world.runFor(60_000)
    return {
      forward: this.#forward.report(),
      backward: this.#backward.report(),
      failed: this.#failed,
      pathsOpened: this.#ends[0].pathsOpened,
      stallMs: this.#stallMs,
      closed,
      trace: this.#world.trace.digest(),
      leftovers: this.#world.leftovers(),
    }
  }

  get #confirmed(): number {
    return this.#forward.confirmedCount + this.#backward.confirmedCount
  }

  #sendAll(place: 0 | 1, observer: DeliveryObserver, from: string, to: string): void {
    const { messages, maxMessageBytes, spreadMs } = this.#options
    const rng = this.#world.rng.fork(`traffic/${from}`)
    const times = Array.from({ length: messages }, () => rng.between(0, spreadMs))
    for (const atMs of times.toSorted((a, b) => a - b)) {
      this.#world.after(atMs, () => {
        this.#nodes[place].node.enqueue(() => {
          const number = observer.sent(from, to, this.#world.nowMs)
          this.#ends[place].send(rng.bytes(16), messageOf(rng, number, maxMessageBytes))
        })
      })
    }
  }

  #take(at: 'caller' | 'called', effect: SessionEffect): void {
    const [incoming, outgoing, from] =
      at === 'called'
        ? ([this.#forward, this.#backward, 'caller'] as const)
        : ([this.#backward, this.#forward, 'called'] as const)
    if (effect.kind === 'message') {
      const { nowMs } = this.#world
      this.#stallMs = Math.max(this.#stallMs, nowMs - this.#lastDeliveryMs)
      this.#lastDeliveryMs = nowMs
      incoming.received(from, at, numberOf(effect.data), nowMs)
    }
    if (effect.kind === 'delivered') outgoing.confirmed()
    if (effect.kind === 'failed') this.#failed += 1
    if (effect.kind === 'closed') this.#closed.push(`${at} ${effect.code}`)
  }
}

function messageOf(rng: Rng, number: number, maxBytes: number): Uint8Array {
  return numberedMessage(number, 4 + rng.below(maxBytes - 3))
}
