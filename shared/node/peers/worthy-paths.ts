// Which paths of a session are worth having beside the one that leads, which is in use or is to be (docs/PROTOCOL.md
// 5.1): one that is so much better that it soon will be in use, and the best spare. One rule for what is opened and
// for what is let go, so that no path is opened only to be let go. Pure.

import { isClearlyBetter } from '../../routes/path-choice.ts'
import { RelayUses } from '../../routes/relay-uses.ts'
import type { RankedRoute } from '../../routes/route.ts'

/** Of `others`, none twice. */
export function worthHaving<Route extends RankedRoute>(
  lead: RankedRoute,
  others: readonly Route[],
): Set<Route> {
  const next = cheapest(others, totalOf)
  const spare = cheapest(others, route => costBeside(route, lead))
  const isNext = next !== undefined && isClearlyBetter(totalOf(next), totalOf(lead))
  return new Set([...(isNext ? [next] : []), ...(spare === undefined ? [] : [spare])])
}

/** Whether a route that is not open would be one of those, and clearly so: else equals would take turns. */
export function isWorthOpening(
  route: RankedRoute,
  lead: RankedRoute,
  others: readonly RankedRoute[],
): boolean {
  const isNext = [lead, ...others].every(one => isClearlyBetter(totalOf(route), totalOf(one)))
  const cost = costBeside(route, lead)
  return isNext || others.every(one => isClearlyBetter(cost, costBeside(one, lead)))
}

export function cheapest<Route extends RankedRoute>(
  routes: Iterable<Route>,
  costOf: (route: Route) => number = totalOf,
): Route | undefined {
  let best: Route | undefined
  for (const route of routes) if (best === undefined || costOf(route) < costOf(best)) best = route
  return best
}

function totalOf({ score }: RankedRoute): number {
  return score.total
}

/** What a spare is worth: one that fails together with the lead is worth little, however quick it is. */
function costBeside({ relays, score }: RankedRoute, lead: RankedRoute): number {
  return score.total + new RelayUses([lead.relays]).costOf(relays)
}
