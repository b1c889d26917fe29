// All ways of a graph that has few, by walking each of them to its end. Most nodes know of a server or two, and a search
// for the k cheapest (yen.ts) is much work for what is seen at a glance. Gives up where there is more to see.

import type { KeyId } from '../identity/node-id.ts'
import type { Way } from './way.ts'
import type { WayProblem } from './yen.ts'

/** Steps that are looked at before it gives up: ways grow with the power of their length. */
const MAX_STEPS = 64

/** @returns all ways without loops in no order, if there are at most k; `undefined`: they must be searched */
export function fewWays({ from, to, k, maxLinks, stepsFrom }: WayProblem): Way[] | undefined {
  const found: Way[] = []
  let steps = 0
  /** @returns whether everything behind `at` was seen */
  const walk = (at: KeyId, nodes: readonly KeyId[], cost: number): boolean => {
    for (const step of stepsFrom(at)) {
      steps += 1
      if (steps > MAX_STEPS) return false
      if (nodes.includes(step.to)) continue
      const way = { nodes: [...nodes, step.to], cost: cost + step.cost }
      if (step.to === to) found.push(way)
      else if (nodes.length < maxLinks && !walk(step.to, way.nodes, way.cost)) return false
    }
    return found.length <= k
  }
  return walk(from, [from], 0) ? found : undefined
}
