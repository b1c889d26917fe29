// How busy this process's event loop is, measured when asked: no timer. An answer holds for a moment, so
// that asking often costs nothing.

import { performance } from 'node:perf_hooks'
import { BUSY_LOOP_SHARE } from '../shared/wire/limits.ts'

const HOLDS_MS = 250

export class LoopLoad {
  #measuredAt = performance.now()
  #last = performance.eventLoopUtilization()
  #isBusy = false

  /** Whether more than half of the loop's time was in use lately. */
  isBusy(): boolean {
    const now = performance.now()
    if (now - this.#measuredAt < HOLDS_MS) return this.#isBusy
    const current = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(current, this.#last)
    this.#isBusy = utilization > BUSY_LOOP_SHARE
    this.#measuredAt = now
    this.#last = current
    return this.#isBusy
  }
}
