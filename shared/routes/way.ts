// A way through the graph as a search sees it, and how ways are compared.

import type { KeyId } from '../identity/node-id.ts'
import type { Relays } from './route.ts'

/** A link to walk, in one direction. */
export interface Step {
  readonly to: KeyId
  /** Finite, not negative. */
  readonly cost: number
}

export interface Way {
  /** All nodes, both ends included. */
  readonly nodes: readonly KeyId[]
  readonly cost: number
}

export function relaysOf({ nodes }: Way): Relays {
  return nodes.slice(1, -1)
}

/** Equal for the same nodes in the same order, and for nothing else. */
export function nameOf({ nodes }: Way): string {
  return nodes.join('')
}

/** The cheapest; of equal ones that with the fewest nodes, then the first. */
export function cheapestOf(ways: Iterable<Way>): Way | undefined {
  let best: Way | undefined
  for (const way of ways) {
    const isBetter =
      best === undefined ||
      way.cost < best.cost ||
      (way.cost === best.cost && way.nodes.length < best.nodes.length)
    if (isBetter) best = way
  }
  return best
}
