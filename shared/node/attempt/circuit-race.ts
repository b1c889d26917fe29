// The circuits of one attempt that wait for the peer's answer. One that takes long is not given up: after a while the
// next route is tried beside it, and the first answer wins. So a relay that fell silent costs a second, not a timeout.

import type { Time } from '../../machine/machine.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import {
  HEDGE_MAX_CIRCUITS,
  HEDGE_ROUND_TRIPS,
  SETUP_TIMEOUT_FIRST_MS,
  SETUP_TIMEOUT_MS,
  SETUP_TIMEOUT_TWO_SERVERS_MS,
} from '../../wire/limits.ts'
import type { CircuitPort } from '../peers/peer-context.ts'
import type { Route } from './peer-routes.ts'

export interface Opening {
  readonly route: Route
  /** `Time.now`. */
  readonly startedAt: number
}

export class CircuitRace {
  readonly #circuits: CircuitPort
  readonly #minHedgeMs: number
  readonly #running = new Map<CircuitId, Opening>()
  #started = 0
  #hedgeAt: number | undefined

  /** @param minHedgeMs least time that a circuit has for itself */
  constructor(circuits: CircuitPort, minHedgeMs: number) {
    this.#circuits = circuits
    this.#minHedgeMs = minHedgeMs
  }

  get isRunning(): boolean {
    return this.#running.size > 0
  }

  /** Circuits in all. */
  get started(): number {
    return this.#started
  }

  /** @param makeSetup fresh data for the setup */
  open(time: Time, route: Route, makeSetup: (time: Time, circuit: CircuitId) => Uint8Array): void {
    const circuit = this.#circuits.nextId()
    const isFar = route.relays.length > 1
    const firstMs = isFar ? SETUP_TIMEOUT_TWO_SERVERS_MS : SETUP_TIMEOUT_FIRST_MS
    const timeoutMs = this.#started === 0 ? firstMs : SETUP_TIMEOUT_MS
    this.#started += 1
    this.#running.set(circuit, { route, startedAt: time.now })
    const hedgeMs = Math.max(this.#minHedgeMs, HEDGE_ROUND_TRIPS * route.latencyMs)
    this.#hedgeAt = this.#running.size < HEDGE_MAX_CIRCUITS ? time.now + hedgeMs : undefined
    this.#circuits.open(time, circuit, route.hops, makeSetup(time, circuit), timeoutMs)
  }

  /** It was answered or has failed. @returns what it was, if it is one of these */
  end(circuit: CircuitId): Opening | undefined {
    const opening = this.#running.get(circuit)
    this.#running.delete(circuit)
    if (!this.isRunning) this.#hedgeAt = undefined
    return opening
  }

  /** Whether it is time to try the next route beside those that run. True once. */
  takeHedge({ now }: Time): boolean {
    if (this.#hedgeAt === undefined || now < this.#hedgeAt) return false
    this.#hedgeAt = undefined
    return true
  }

  nextTimeout(): number | undefined {
    return this.#hedgeAt
  }

  /** Gives up all that run. @returns those of which an answer was overdue */
  stop(time: Time): Opening[] {
    const overdue: Opening[] = []
    for (const [circuit, opening] of [...this.#running]) {
      this.#circuits.destroy(time, circuit, 'closed')
      if (time.now >= opening.startedAt + this.#minHedgeMs) overdue.push(opening)
    }
    this.#running.clear()
    this.#hedgeAt = undefined
    return overdue
  }
}
