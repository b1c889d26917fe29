// Smoothed round-trip time of one path (RFC 9002 5), and how long to wait for an ack before probing. A sample of a
// path that is measured seldom, as a spare one is, counts for more: else it would be out of date for half a minute.

import { PROBE_MIN_MS } from '../wire/limits.ts'

/** Round trips without an ack until a probe is due. */
const PROBE_ROUND_TRIPS = 3
/** Shares of the newest sample: usually, and when the one before is so old. */
const USUAL_SHARE = 1 / 8
const SELDOM_SHARE = 1 / 2
const SELDOM_MS = 1_000

export class Rtt {
  #smoothedMs: number | undefined
  #sampledAt = 0

  /** `undefined` before the first sample. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs
  }

  /** How long something may be unacknowledged before the path is probed. */
  get probeAfterMs(): number {
    return Math.max(PROBE_MIN_MS, PROBE_ROUND_TRIPS * (this.#smoothedMs ?? 0))
  }

  /** `ackDelayMs` is the peer's word: never trusted to bring a sample to zero or below. */
  sample(now: number, elapsedMs: number, ackDelayMs: number): void {
    const net = elapsedMs - ackDelayMs
    const sampleMs = net > 0 ? net : elapsedMs
    const share = now - this.#sampledAt >= SELDOM_MS ? SELDOM_SHARE : USUAL_SHARE
    this.#sampledAt = now
    const before = this.#smoothedMs ?? sampleMs
    this.#smoothedMs = before + share * (sampleMs - before)
  }
}
