// What is known of routes, put together from the graph and our own experience, and the routes in order of their cost.
// A round trip over the whole route beats the sum of its links. Finds no routes and opens none.

import type { KeyId } from '../identity/node-id.ts'
import type { LinkHistory } from './link-history.ts'
import { linkName, NEUTRAL_RELIABILITY, routeName } from './link-history.ts'
import type { RankedRoute, Relays, RouteMetrics } from './route.ts'
import type { RouteGraph } from './route-graph.ts'
import { ASSUMED_LINK_MS, failureCost, RELAY_COST_MS, scoreOf } from './score.ts'

export interface RankContext {
  readonly self: KeyId
  readonly peer: KeyId
  /** Monotonic milliseconds. */
  readonly now: number
  readonly graph: Pick<RouteGraph, 'linkOf'>
  readonly history: Pick<LinkHistory, 'of'>
}

/** The cheapest first; equal ones stay as they came. */
export function rank(routes: readonly Relays[], context: RankContext): RankedRoute[] {
  return routes
    .map(relays => {
      const metrics = metricsOf(relays, context)
      return { relays, metrics, score: scoreOf(metrics) }
    })
    .sort((a, b) => a.score.total - b.score.total)
}

/**
 * Experience with the route as a whole lowers its reliability where it was worse than expected: a circuit that failed
 * does not always say whose fault it was.
 */
export function metricsOf(relays: Relays, context: RankContext): RouteMetrics {
  const { self, peer, now, history } = context
  const nodes = [self, ...relays, peer]
  const whole = history.of(now, routeName(relays, peer))
  let latencyMs = 0
  let reliability = Math.min(1, whole.reliability / NEUTRAL_RELIABILITY)
  for (const [at, to] of nodes.slice(1).entries()) {
    const from = nodes[at] as KeyId
    latencyMs += linkLatency(from, to, context)
    reliability *= stepReliability(from, to, context)
  }
  return {
    hops: relays.length,
    latencyMs: whole.rttMs ?? latencyMs,
    isMeasured: whole.rttMs !== undefined,
    reliability,
    ...(whole.bytesPerS === undefined ? {} : { bytesPerS: whole.bytesPerS }),
  }
}

/** Costs of single links for a search (k-shortest.ts): along a route they add up to its score, as far as that is no measure of the whole. */
export function linkCosts(context: RankContext): (from: KeyId, to: KeyId) => number {
  return (from, to) =>
    linkLatency(from, to, context) +
    (to === context.peer ? 0 : RELAY_COST_MS) +
    failureCost(stepReliability(from, to, context))
}

/** Our own measure, then what others say, then what is assumed of every link. */
function linkLatency(from: KeyId, to: KeyId, { graph, history, now }: RankContext): number {
  const link = graph.linkOf(from, to)
  if (link?.source === 'own' && link.latencyMs !== undefined) return link.latencyMs
  const latencyMs = history.of(now, linkName(from, to)).rttMs ?? link?.latencyMs
  return latencyMs ?? ASSUMED_LINK_MS
}

/** Of a link and of the relay that it leads to. */
function stepReliability(from: KeyId, to: KeyId, { peer, history, now }: RankContext): number {
  const ofLink = history.of(now, linkName(from, to)).reliability
  return to === peer ? ofLink : ofLink * history.of(now, to).reliability
}
