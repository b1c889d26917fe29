// The network's wall clock as seen from here: our own plus the median offset that authenticated servers
// showed (threat 31). A device whose clock is minutes off still makes setups that others accept.
// Not used for timers, and never moved by anybody we did not authenticate.

import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import { PLAUSIBLE_UNIX_MS } from '../wire/limits.ts'

/** Servers whose offset is remembered: enough for a median that one liar cannot move. */
const MAX_SAMPLES = 5
/** Voices of which one liar alone does not make the median. */
const MIN_QUORUM = 3
/**
 * How far fewer voices move what we sign: with records of the future a liar would overrule ours later on. Three
 * days, as a device that lost its time over a weekend has one server at first.
 */
const MAX_LONE_OFFSET_MS = 3 * 86_400_000

export class NetworkTime {
  /** One voice for each server, however often we log in to it; the one heard last at the end. */
  readonly #offsetsMs = new Map<KeyId, number>()
  #offsetMs = 0

  /** A server told its clock; half the round trip makes it ours. Times no clock shows are ignored. */
  sample(time: Time, server: KeyId, serverUnixMs: number, rttMs: number): void {
    if (!isPlausible(serverUnixMs)) return
    this.#offsetsMs.delete(server)
    this.#offsetsMs.set(server, serverUnixMs + rttMs / 2 - time.unixMs)
    for (const oldest of this.#offsetsMs.keys()) {
      if (this.#offsetsMs.size <= MAX_SAMPLES) break
      this.#offsetsMs.delete(oldest)
    }
    this.#offsetMs = medianOf([...this.#offsetsMs.values()])
  }

  /** The network's clock in Unix milliseconds. */
  at(time: Time): number {
    return Math.round(time.unixMs + this.#offsetMs)
  }

  /**
   * The time to sign a record with: our own clock when one or two servers claim that it is off by days.
   * A clock that shows what no clock can show has nothing to say against them.
   * @param time with the network's clock
   */
  forRecord(time: Time): Time {
    const isTrusted =
      this.#offsetsMs.size >= MIN_QUORUM || Math.abs(this.#offsetMs) <= MAX_LONE_OFFSET_MS
    if (isTrusted) return time
    const ownUnixMs = Math.round(time.unixMs - this.#offsetMs)
    return isPlausible(ownUnixMs) ? { now: time.now, unixMs: ownUnixMs } : time
  }
}

function isPlausible(unixMs: number): boolean {
  return unixMs >= PLAUSIBLE_UNIX_MS.min && unixMs <= PLAUSIBLE_UNIX_MS.max
}

/** Of two in the middle the one nearer to our own clock: of two servers one liar decides nothing. */
function medianOf(offsets: number[]): number {
  offsets.sort((a, b) => a - b)
  const lower = offsets[Math.floor((offsets.length - 1) / 2)] ?? 0
  const upper = offsets[Math.floor(offsets.length / 2)] ?? 0
  return Math.abs(lower) <= Math.abs(upper) ? lower : upper
}
