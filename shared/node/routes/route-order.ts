// The order in which routes are tried: always the cheapest of those that are left, where each relay counts more for
// every route before that has it, for what killed one route kills the next one over the same relay. Pure.

import { RelayUses } from '../../routes/relay-uses.ts'
import type { RankedRoute, Relays } from '../../routes/route.ts'

/**
 * @param inUse paths that there are: they count as if they had been first
 * @param isLast routes that come after all others, whatever they cost
 */
export function orderToTry(
  routes: readonly RankedRoute[],
  inUse: readonly Relays[] = [],
  isLast: (relays: Relays) => boolean = () => false,
): RankedRoute[] {
  const uses = new RelayUses(inUse)
  const costed = routes.map(route => ({ route, relays: route.relays, cost: route.score.total }))
  const first = uses.choose(costed.filter(({ relays }) => !isLast(relays)))
  const last = uses.choose(costed.filter(({ relays }) => isLast(relays)))
  return [...first, ...last].map(({ route }) => route)
}

/** Whether a route lives when a relay of that path dies: one that needs all of them is no spare for it. */
export function isSpareFor(relays: Relays, path: Relays): boolean {
  if (path.length === 0) return relays.length > 0
  return path.some(relay => !relays.includes(relay))
}
