// The greatest handshake timestamp of each initiator (docs/PROTOCOL.md 7, WireGuard 5.1): a recorded
// handshake can never be played again. An entry is forgotten only when the clock slack alone refuses what it
// guarded against; a full table refuses new initiators rather than forget. Also the initiator's own side:
// stamps that always rise.

import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import { CLOCK_SLACK_MS, MAX_REMEMBERED_INITIATORS } from '../wire/limits.ts'

export type StampVerdict = 'fresh' | 'clock' | 'busy'

interface Entry {
  readonly stampMs: number
  readonly forgetAt: number
}

/** A stamp up to one slack ahead is refused by its age one more slack later. */
const REMEMBER_MS = 2 * CLOCK_SLACK_MS

export class InitiatorTimestamps {
  // In the order of `forgetAt`: entries are put at the end when they change.
  readonly #entries = new Map<KeyId, Entry>()
  readonly #max: number

  constructor(max: number = MAX_REMEMBERED_INITIATORS) {
    this.#max = max
  }

  get size(): number {
    return this.#entries.size
  }

  /** Changes nothing that matters: call `commit` once everything else about the handshake is right. */
  check(time: Time, initiator: KeyId, stampMs: number): StampVerdict {
    this.#forget(time.now)
    if (Math.abs(stampMs - time.unixMs) > CLOCK_SLACK_MS) return 'clock'
    const known = this.#entries.get(initiator)
    if (known !== undefined) return stampMs > known.stampMs ? 'fresh' : 'clock'
    return this.#entries.size < this.#max ? 'fresh' : 'busy'
  }

  commit(time: Time, initiator: KeyId, stampMs: number): void {
    this.#entries.delete(initiator)
    this.#entries.set(initiator, { stampMs, forgetAt: time.now + REMEMBER_MS })
  }

  #forget(now: number): void {
    for (const [initiator, entry] of this.#entries) {
      if (entry.forgetAt > now) return
      this.#entries.delete(initiator)
    }
  }
}

/** One per node: two dials in one millisecond, or a clock set back a little, must not look like a replay. */
export class RisingStamps {
  #lastMs = 0

  next(unixMs: number): number {
    // After a step back of more than the slack the true time serves better than the old one plus one.
    const isNear = this.#lastMs - unixMs < CLOCK_SLACK_MS
    this.#lastMs = isNear ? Math.max(unixMs, this.#lastMs + 1) : unixMs
    return this.#lastMs
  }
}
