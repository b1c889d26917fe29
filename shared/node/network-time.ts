// The network's wall clock as seen from here: our own plus the median offset that authenticated servers
// showed (threat 31). A device whose clock is minutes off still makes setups that others accept.
// Not used for timers, and never moved by anybody we did not authenticate.

import type { Time } from '../machine/machine.ts'

/** Servers whose offset is remembered: enough for a median that one liar cannot move. */
const MAX_SAMPLES = 5

export class NetworkTime {
  readonly #offsetsMs: number[] = []

  /** A server told its clock; half the round trip makes it ours. */
  sample(time: Time, serverUnixMs: number, rttMs: number): void {
    this.#offsetsMs.push(serverUnixMs + rttMs / 2 - time.unixMs)
    if (this.#offsetsMs.length > MAX_SAMPLES) this.#offsetsMs.shift()
  }

  /** The network's clock in Unix milliseconds. */
  at(time: Time): number {
    return Math.round(time.unixMs + this.#offsetMs())
  }

  #offsetMs(): number {
    if (this.#offsetsMs.length === 0) return 0
    const sorted = [...this.#offsetsMs].sort((a, b) => a - b)
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  }
}
