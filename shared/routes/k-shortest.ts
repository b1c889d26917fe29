// The best few routes between two nodes (docs/PROTOCOL.md 5): the k cheapest without loops (yen.ts), and those that
// share no relay with the ones before, however much they cost. Costs and who may relay are the caller's to say.

import type { KeyId } from '../identity/node-id.ts'
import { ROUTES_MAX_FOUND } from '../wire/limits.ts'
import { cheapestWay } from './cheapest.ts'
import { fewWays } from './few-ways.ts'
import { RelayUses } from './relay-uses.ts'
import type { Relays } from './route.ts'
import type { Step, Way } from './way.ts'
import { nameOf, relaysOf } from './way.ts'
import type { WayProblem } from './yen.ts'
import { costOfWay, yen } from './yen.ts'

export interface KShortestOptions {
  /** Routes wanted, 1 to ROUTES_MAX_FOUND; more are cut to that. */
  readonly k: number
  /** Relays of one route at most; 0 finds the direct link only. */
  readonly maxRelays: number
  /** Of going from `a` over their link to `b`. A link whose cost is negative or not finite is not used. */
  costOf(a: KeyId, b: KeyId): number
  /** Whether a route may go over this node; not asked of its ends. */
  mayRelay(key: KeyId): boolean
}

/** The part of a RouteGraph that is searched. */
export interface Neighbourhood {
  neighbours(key: KeyId): Iterable<KeyId>
}

/**
 * The cheapest first; then always the one that is cheapest when each relay counts REUSED_RELAY_COST_MS more for every
 * route before that has it.
 */
export function kShortest(
  graph: Neighbourhood,
  from: KeyId,
  to: KeyId,
  options: KShortestOptions,
): Relays[] {
  if (from === to) return []
  const k = Math.min(options.k, ROUTES_MAX_FOUND)
  const stepsFrom = rememberedSteps(graph, from, to, options)
  const problem: WayProblem = { from, to, k, maxLinks: options.maxRelays + 1, stepsFrom }
  const ways = fewWays(problem) ?? bestWays(problem)
  const routes = ways.map(way => ({ relays: relaysOf(way), cost: way.cost }))
  return new RelayUses().choose(routes, k).map(({ relays }) => relays)
}

/** Asks for each cost once, however many passes there are. */
function rememberedSteps(
  graph: Neighbourhood,
  from: KeyId,
  to: KeyId,
  { costOf, mayRelay }: KShortestOptions,
): (key: KeyId) => readonly Step[] {
  const known = new Map<KeyId, readonly Step[]>()
  const mayPass = new Map<KeyId, boolean>([
    [from, false],
    [to, true],
  ])
  const isPassable = (key: KeyId): boolean => {
    const may = mayPass.get(key) ?? mayRelay(key)
    mayPass.set(key, may)
    return may
  }
  return key => {
    const before = known.get(key)
    if (before !== undefined) return before
    const steps: Step[] = []
    for (const next of graph.neighbours(key)) {
      const cost = isPassable(next) ? costOf(key, next) : Infinity
      if (Number.isFinite(cost) && cost >= 0) steps.push({ to: next, cost })
    }
    known.set(key, steps)
    return steps
  }
}

function bestWays(problem: WayProblem): Way[] {
  const found = yen(problem)
  const ways = new Map([...found, ...apartFrom(problem, found)].map(way => [nameOf(way), way]))
  return [...ways.values()]
}

/** Ways that share as few relays as can be with the cheapest one and each other: Yen's may all go over one relay. */
function apartFrom(problem: WayProblem, found: readonly Way[]): Way[] {
  const { from, to, k, maxLinks } = problem
  const uses = new RelayUses()
  const apart = found.slice(0, 1)
  const stepsFrom = (key: KeyId): readonly Step[] =>
    problem.stepsFrom(key).map(step => ({ to: step.to, cost: step.cost + uses.costOf([step.to]) }))
  // No relay makes a direct link dear: where it is one of them, the others are searched without it.
  const isDirect = apart.some(({ nodes }) => nodes.length === 2)
  const avoidFirst = new Set(isDirect ? [to] : [])
  for (const way of apart) {
    if (apart.length >= k) break
    uses.add(relaysOf(way))
    const next = cheapestWay({ from, to, maxLinks, stepsFrom, avoidFirst })
    if (next === undefined) break
    if (next.nodes.length === 2) avoidFirst.add(to)
    apart.push({ nodes: next.nodes, cost: costOfWay(problem, next.nodes) })
  }
  return apart
}
