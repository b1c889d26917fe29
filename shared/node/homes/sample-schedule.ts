// When a client asks its servers for others that they know (docs/PROTOCOL.md 3.6, `servers`): now and then, as
// what it has heard of grows old, and soon when it has tried all of that in vain. Asks nobody itself.

import { jittered } from '../../link/jitter.ts'
import type { RandomBytes } from '../../machine/machine.ts'
import { SAMPLE_INTERVAL_MS, SAMPLE_MIN_MS } from '../../wire/limits.ts'

export class SampleSchedule {
  readonly #random: RandomBytes
  #heardAtMs = Number.NEGATIVE_INFINITY
  #dueAtMs: number | undefined

  constructor(random: RandomBytes) {
    this.#random = random
  }

  /** A server has just told of others, or was asked to. */
  heard(now: number): void {
    this.#heardAtMs = now
    // Spread, so that the clients of a server that restarted do not ask together for ever.
    this.#dueAtMs = now + jittered(this.#random, SAMPLE_INTERVAL_MS, 1 / 4)
  }

  /** No server is left to try. */
  hurry(now: number): void {
    this.#dueAtMs = Math.max(now, this.#heardAtMs + SAMPLE_MIN_MS)
  }

  /** Nobody is there to be asked. */
  stop(): void {
    this.#dueAtMs = undefined
  }

  takeDue(now: number): boolean {
    if (this.#dueAtMs === undefined || now < this.#dueAtMs) return false
    this.heard(now)
    return true
  }

  nextTimeout(): number | undefined {
    return this.#dueAtMs
  }
}
