// When to ask others once more for routes to a peer whose session is in use (docs/PROTOCOL.md 5.2): before their word
// is forgotten, and more seldom the longer they tell nothing new. Asks nobody.

import type { Time } from '../../machine/machine.ts'
import type { RankedRoute } from '../../routes/route.ts'
import { TOLD_LINK_MS } from '../../wire/limits.ts'

/** Others' word lasts from one question to the one after the next. */
const ASK_INTERVAL_MS = TOLD_LINK_MS / 2
const MAX_DOUBLINGS = 3

export class AskSchedule {
  #nextAt = Number.NEGATIVE_INFINITY
  /** Questions in a row that brought nothing new. */
  #vain = 0
  /** Those that were known when it was last asked. */
  #known: ReadonlySet<string> | undefined

  isDue({ now }: Time): boolean {
    return now >= this.#nextAt
  }

  /** @param routes that are known now, with what the question before brought */
  asked({ now }: Time, routes: readonly RankedRoute[]): void {
    const before = this.#known
    this.#known = new Set(routes.map(({ relays }) => relays.join('')))
    const isNews = [...this.#known].some(name => before?.has(name) === false)
    this.#vain = before === undefined || isNews ? 0 : this.#vain + 1
    this.#nextAt = now + ASK_INTERVAL_MS * 2 ** Math.min(this.#vain, MAX_DOUBLINGS)
  }

  /** The session is idle: what is asked when it is used again counts as the first question. */
  reset(): void {
    this.#nextAt = Number.NEGATIVE_INFINITY
    this.#vain = 0
    this.#known = undefined
  }
}
