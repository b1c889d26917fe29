// When to try again to connect to one peer (docs/PROTOCOL.md 9): at once when something changed, else after a time that
// doubles with each failure, with jitter, so that two that failed together do not go on together.

import { unitInterval } from '../../link/jitter.ts'
import type { RandomBytes } from '../../machine/machine.ts'
import { RTC_DOUBT_MS, RTC_RETRY_MAX_MS, RTC_RETRY_MIN_MS } from '../../wire/limits.ts'
import type { DirectFailure } from './direct-types.ts'

export class DirectRetry {
  readonly #random: RandomBytes
  #failures = 0
  #at: number | undefined
  #failure: DirectFailure | undefined
  #doubtedUntil = 0

  constructor(random: RandomBytes) {
    this.#random = random
  }

  /** When the next attempt is due; `undefined`: there is none to come. */
  get at(): number | undefined {
    return this.#at
  }

  /** The last one, until an attempt succeeded. */
  get failure(): DirectFailure | undefined {
    return this.#failure
  }

  /** The next attempt is due then, whatever failed before. */
  schedule(at: number): void {
    this.#at = at
  }

  /** An attempt begins. */
  began(): void {
    this.#at = undefined
  }

  failed(now: number, failure: DirectFailure): void {
    this.#failure = failure
    // It will not learn it while this session lasts.
    const delayMs = failure === 'lost' && now < this.#doubtedUntil ? 0 : this.#delayMs()
    this.#at = failure === 'unsupported' ? undefined : now + delayMs
    this.#failures += 1
  }

  succeeded(): void {
    this.#failures = 0
    this.#failure = undefined
    this.#doubtedUntil = 0
    this.#at = undefined
  }

  /** What failed before may not fail now, and a connection that is lost soon is lost because of it. */
  networkChanged(now: number): void {
    this.#failures = 0
    this.#doubtedUntil = now + RTC_DOUBT_MS
  }

  stop(): void {
    this.#at = undefined
  }

  /** Half of it at least, and the rest at random. */
  #delayMs(): number {
    const mostMs = Math.min(RTC_RETRY_MAX_MS, RTC_RETRY_MIN_MS * 2 ** Math.min(this.#failures, 16))
    return mostMs * (0.5 + 0.5 * unitInterval(this.#random))
  }
}
