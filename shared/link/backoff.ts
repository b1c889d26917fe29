// When to dial again (docs/PROTOCOL.md 3.5): full jitter in [0, min(max, base · 2ⁿ)], so that a thousand
// clients of a restarted server do not come back together, and never before the server wants them.

import type { RandomBytes } from '../machine/machine.ts'
import {
  BACKOFF_BASE_MS,
  BACKOFF_MAX_MS,
  BACKOFF_RESET_MS,
  RETRY_AFTER_MAX_MS,
} from '../wire/limits.ts'
import { unitInterval } from './jitter.ts'

// 2¹⁰ · base is far over the maximum: counting on would only overflow.
const MAX_DOUBLINGS = 10

export class Backoff {
  readonly #random: RandomBytes
  #failures = 0
  #floorMs = 0
  #upSince: number | undefined

  constructor(random: RandomBytes) {
    this.#random = random
  }

  /** Milliseconds to wait before the next attempt. Each call counts as one attempt that failed. */
  nextDelayMs(): number {
    const ceilingMs = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, MAX_DOUBLINGS)
    const delayMs = this.#floorMs + Math.floor(unitInterval(this.#random) * ceilingMs)
    this.#floorMs = 0
    return delayMs
  }

  /** The server said "slow down": the next delay is at least this, up to `RETRY_AFTER_MAX_MS`, plus jitter. */
  retryAfter(ms: number): void {
    this.#floorMs = Math.min(Math.max(ms, this.#floorMs), RETRY_AFTER_MAX_MS)
  }

  /** The link is authenticated. */
  up(now: number): void {
    this.#upSince = now
  }

  /** The link ended. One that held for `BACKOFF_RESET_MS` wipes out the failures before it. */
  down(now: number): void {
    if (this.#upSince !== undefined && now - this.#upSince >= BACKOFF_RESET_MS) this.#failures = 0
    this.#upSince = undefined
  }
}
