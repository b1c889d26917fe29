// The k cheapest ways without loops (Yen, Management Science 17, 1971): each next one leaves a way found before at
// one of its nodes, and is the cheapest that does.

import type { KeyId } from '../identity/node-id.ts'
import { cheapestWay } from './cheapest.ts'
import type { Step, Way } from './way.ts'
import { cheapestOf, nameOf } from './way.ts'

export interface WayProblem {
  readonly from: KeyId
  readonly to: KeyId
  readonly k: number
  readonly maxLinks: number
  /** Where one can go from here; nobody is asked about `to`. */
  stepsFrom(key: KeyId): readonly Step[]
}

/** @returns at most k ways, cheapest first */
export function yen(problem: WayProblem): Way[] {
  const { from, to, k, maxLinks, stepsFrom } = problem
  const first = k < 1 ? undefined : cheapestWay({ from, to, maxLinks, stepsFrom })
  if (first === undefined) return []
  const found = [first]
  const candidates = new Map<string, Way>()
  while (found.length < k) {
    for (const way of deviations(problem, found)) candidates.set(nameOf(way), way)
    const next = cheapestOf(candidates.values())
    if (next === undefined) break
    candidates.delete(nameOf(next))
    found.push(next)
  }
  return found
}

/** From each node of the newest way: the cheapest way that leaves there all the ways found so far. */
function* deviations(
  { to, maxLinks, stepsFrom }: WayProblem,
  found: readonly Way[],
): Generator<Way> {
  const newest = found.at(-1)?.nodes ?? []
  let rootCost = 0
  for (const [at, spur] of newest.slice(0, -1).entries()) {
    const root = newest.slice(0, at + 1)
    const alike = found.filter(({ nodes }) => root.every((key, i) => nodes[i] === key))
    const way = cheapestWay({
      from: spur,
      to,
      maxLinks: maxLinks - at,
      stepsFrom,
      avoid: new Set(root),
      avoidFirst: new Set(alike.map(({ nodes }) => nodes[at + 1] as KeyId)),
    })
    if (way !== undefined) {
      yield { nodes: [...root.slice(0, -1), ...way.nodes], cost: rootCost + way.cost }
    }
    rootCost += costOfStep(stepsFrom(spur), newest[at + 1])
  }
}

/** The sum over the steps of a way that can be walked. */
export function costOfWay({ stepsFrom }: WayProblem, nodes: readonly KeyId[]): number {
  let cost = 0
  for (const [at, key] of nodes.slice(0, -1).entries()) {
    cost += costOfStep(stepsFrom(key), nodes[at + 1])
  }
  return cost
}

function costOfStep(steps: readonly Step[], to: KeyId | undefined): number {
  return steps.find(step => step.to === to)?.cost ?? 0
}
