// The order in which routes are tried: always the cheapest of those that are left, where each relay counts more for
// every route before that has it, for what killed one route kills the next one over the same relay. Pure.

import type { KeyId } from '../identity/node-id.ts'
import { REUSED_RELAY_COST_MS } from '../routes/k-shortest.ts'
import type { RankedRoute, Relays } from '../routes/route.ts'

/** @param inUse paths that there are: they count as if they had been first */
export function orderToTry(
  routes: readonly RankedRoute[],
  inUse: readonly Relays[] = [],
): RankedRoute[] {
  const uses = new Map<KeyId, number>()
  const note = (relays: Relays): void => {
    for (const relay of relays) uses.set(relay, (uses.get(relay) ?? 0) + 1)
  }
  const costOf = ({ relays, score }: RankedRoute): number =>
    score.total + REUSED_RELAY_COST_MS * relays.reduce((sum, key) => sum + (uses.get(key) ?? 0), 0)
  for (const relays of inUse) note(relays)
  const left = new Set(routes)
  const order: RankedRoute[] = []
  while (left.size > 0) {
    let [best] = left as Set<RankedRoute> & Iterable<RankedRoute>
    for (const route of left) if (best === undefined || costOf(route) < costOf(best)) best = route
    if (best === undefined) break
    left.delete(best)
    order.push(best)
    note(best.relays)
  }
  return order
}

/** Whether a route lives when a relay of that path dies: one that needs all of them is no spare for it. */
export function isSpareFor(relays: Relays, path: Relays): boolean {
  if (path.length === 0) return relays.length > 0
  return path.some(relay => !relays.includes(relay))
}
