// How often relays are used by the routes that were chosen so far, and the order in which to choose on: what killed one
// route kills the next one over the same relay. The one price of a relay that is used once more. Pure.

import type { KeyId } from '../identity/node-id.ts'
import type { Relays } from './route.ts'

/** What a relay costs in milliseconds for each route before that goes over it, too: both would fail with it. */
export const REUSED_RELAY_COST_MS = 200

export interface CostedRoute {
  readonly relays: Relays
  /** Milliseconds, by itself. */
  readonly cost: number
}

export class RelayUses {
  readonly #counts = new Map<KeyId, number>()

  constructor(routes: Iterable<Relays> = []) {
    for (const relays of routes) this.add(relays)
  }

  add(relays: Relays): void {
    for (const relay of relays) this.#counts.set(relay, (this.#counts.get(relay) ?? 0) + 1)
  }

  /** Of one more route over these relays. */
  costOf(relays: Relays): number {
    return relays.reduce((sum, key) => sum + REUSED_RELAY_COST_MS * (this.#counts.get(key) ?? 0), 0)
  }

  /**
   * Takes of `routes` always the one that is cheapest with the relays used so far, which then counts as used; of equal
   * ones that with the fewest relays, then the first.
   */
  choose<Route extends CostedRoute>(routes: Iterable<Route>, count = Infinity): Route[] {
    const left = new Set(routes)
    const order: Route[] = []
    while (order.length < count) {
      const next = this.#cheapestOf(left)
      if (next === undefined) break
      left.delete(next)
      order.push(next)
      this.add(next.relays)
    }
    return order
  }

  #cheapestOf<Route extends CostedRoute>(routes: Iterable<Route>): Route | undefined {
    let best: { readonly route: Route; readonly cost: number } | undefined
    for (const route of routes) {
      const cost = route.cost + this.costOf(route.relays)
      const isShorter = cost === best?.cost && route.relays.length < best.route.relays.length
      if (best === undefined || cost < best.cost || isShorter) best = { route, cost }
    }
    return best?.route
  }
}
