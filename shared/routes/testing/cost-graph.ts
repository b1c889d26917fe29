// Graphs with a cost on every link, and the routes in them found by looking at all of them.

import type { KeyId } from '../../identity/node-id.ts'
import type { Seeded } from '../../session/testing/seeded.ts'
import type { Relays } from '../route.ts'
import { RouteGraph } from '../route-graph.ts'
import { keysOf } from './keys.ts'

export interface CostGraph {
  readonly graph: RouteGraph
  readonly nodes: readonly KeyId[]
  costOf(a: KeyId, b: KeyId): number
}

/** @param links pairs of node numbers with the cost of their link */
export function costGraph(count: number, links: readonly [number, number, number][]): CostGraph {
  const graph = new RouteGraph()
  const nodes = keysOf(count)
  const costs = new Map<string, number>()
  for (const [i, j, cost] of links) {
    const [a, b] = [nodes[i], nodes[j]] as [KeyId, KeyId]
    graph.setLink(a, b, { latencyMs: undefined, source: 'own', untilMs: Infinity })
    costs.set(a + b, cost).set(b + a, cost)
  }
  return { graph, nodes, costOf: (a, b) => costs.get(a + b) ?? Number.NaN }
}

/** Each pair has a link with probability `density`; costs are small whole numbers, so that many ways cost the same. */
export function randomCostGraph(random: Seeded, count: number, density: number): CostGraph {
  const links: [number, number, number][] = []
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      if (random.next() < density) links.push([i, j, Math.floor(random.next() * 12)])
    }
  }
  return costGraph(count, links)
}

/** The readable twin of kShortest: every route without a loop, in no order. */
export function everyRoute(
  { graph, nodes }: CostGraph,
  maxRelays: number,
  mayRelay: (key: KeyId) => boolean = () => true,
): Relays[] {
  const [from, to] = [nodes[0], nodes.at(-1)] as [KeyId, KeyId]
  const routes: Relays[] = []
  const walk = (at: KeyId, relays: Relays): void => {
    for (const next of graph.neighbours(at)) {
      if (next === to) routes.push(relays)
      else if (relays.length < maxRelays && next !== from && !relays.includes(next)) {
        if (mayRelay(next)) walk(next, [...relays, next])
      }
    }
  }
  walk(from, [])
  return routes
}

export function costOfRoute({ nodes, costOf }: CostGraph, relays: Relays): number {
  const all = [nodes[0], ...relays, nodes.at(-1)] as KeyId[]
  return all.slice(1).reduce((sum, key, at) => sum + costOf(all[at] as KeyId, key), 0)
}
