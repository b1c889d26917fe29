// Smoothed round-trip time of one path (RFC 9002 5), and how long to wait for an ack before probing.

import { PROBE_MIN_MS } from '../wire/limits.ts'

/** Round trips without an ack until a probe is due. */
const PROBE_ROUND_TRIPS = 3

export class Rtt {
  #smoothedMs: number | undefined

  /** `undefined` before the first sample. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs
  }

  /** How long something may be unacknowledged before the path is probed. */
  get probeAfterMs(): number {
    return Math.max(PROBE_MIN_MS, PROBE_ROUND_TRIPS * (this.#smoothedMs ?? 0))
  }

  /** `ackDelayMs` is the peer's word: never trusted to bring a sample to zero or below. */
  sample(elapsedMs: number, ackDelayMs: number): void {
    const net = elapsedMs - ackDelayMs
    const sampleMs = net > 0 ? net : elapsedMs
    this.#smoothedMs =
      this.#smoothedMs === undefined ? sampleMs : (7 * this.#smoothedMs + sampleMs) / 8
  }
}
