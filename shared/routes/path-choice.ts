// Which of several paths to use, without going back and forth between equals (docs/PROTOCOL.md 5): the one in use
// stays until another has been clearly better for a while; a new direct one need not prove itself that long. Knows costs only, and measures nothing: costs are to be
// averages, not single measurements.

import { PATH_SWITCH_AFTER_MS, PATH_SWITCH_MIN_MS, PATH_SWITCH_MIN_SHARE } from '../wire/limits.ts'

export interface PathCandidate<Id> {
  readonly id: Id
  /** Milliseconds, lower is better. One that is not finite is no candidate. */
  readonly cost: number
  /** Without relays: unlike two relayed ones, it and another differ in more than what was measured. */
  readonly isDirect?: boolean
}

export class PathChoice<Id> {
  #current: Id | undefined
  /** Of those that there are, the ones that were in use. */
  #used = new Set<Id>()
  /** Since when a candidate has been clearly better than the current one, each time we were asked. */
  #betterSince = new Map<Id, number>()

  /** @param inUse stays until another is clearly better */
  constructor(inUse?: Id) {
    this.#current = inUse
    if (inUse !== undefined) this.#used.add(inUse)
  }

  get current(): Id | undefined {
    return this.#current
  }

  /** @returns the one to use from now on; `undefined` when there is none */
  choose(now: number, candidates: readonly PathCandidate<Id>[]): Id | undefined {
    const usable = candidates.filter(({ cost }) => Number.isFinite(cost))
    this.#used = new Set(usable.flatMap(({ id }) => (this.#used.has(id) ? [id] : [])))
    const current = usable.find(({ id }) => id === this.#current)
    if (current === undefined) return this.#take(cheapest(usable))
    const better = usable.filter(({ cost }) => isClearlyBetter(cost, current.cost))
    this.#betterSince = new Map(better.map(({ id }) => [id, this.#betterSince.get(id) ?? now]))
    const proven = better.filter(
      ({ id, isDirect }) =>
        (isDirect === true && !this.#used.has(id)) || this.#wasBetterLongEnough(id, now),
    )
    return proven.length > 0 ? this.#take(cheapest(proven)) : this.#current
  }

  /** When to ask again, in `Time.now` milliseconds: the earliest time at which another may have proven itself. */
  nextTimeout(): number | undefined {
    if (this.#betterSince.size === 0) return undefined
    return Math.min(...this.#betterSince.values()) + PATH_SWITCH_AFTER_MS
  }

  #wasBetterLongEnough(id: Id, now: number): boolean {
    return now - (this.#betterSince.get(id) ?? now) >= PATH_SWITCH_AFTER_MS
  }

  #take(candidate: PathCandidate<Id> | undefined): Id | undefined {
    this.#betterSince.clear()
    this.#current = candidate?.id
    if (candidate !== undefined) this.#used.add(candidate.id)
    return this.#current
  }
}

/** Than what is in use: by so much that it is worth a change. */
export function isClearlyBetter(cost: number, currentCost: number): boolean {
  const gain = currentCost - cost
  return gain >= PATH_SWITCH_MIN_MS && gain >= currentCost * PATH_SWITCH_MIN_SHARE
}

function cheapest<Id>(candidates: readonly PathCandidate<Id>[]): PathCandidate<Id> | undefined {
  let best: PathCandidate<Id> | undefined
  for (const candidate of candidates) {
    if (best === undefined || candidate.cost < best.cost) best = candidate
  }
  return best
}
