// The cheapest way between two nodes over a limited number of links: one pass over the links for each link that the
// way may have (Bellman-Ford by layers). With a limit of five, that is less work and less code than a heap with
// states of node and length. Ties go to the way with fewer links, so that no way meets a node twice.

import type { KeyId } from '../identity/node-id.ts'
import type { Step, Way } from './way.ts'

export interface Search {
  readonly from: KeyId
  readonly to: KeyId
  readonly maxLinks: number
  /** Where one can go from here; nobody is asked about `to`. */
  stepsFrom(key: KeyId): readonly Step[]
  /** Nodes that the way must not touch. */
  readonly avoid?: ReadonlySet<KeyId>
  /** Nodes that it must not go to from `from`. */
  readonly avoidFirst?: ReadonlySet<KeyId>
}

interface Reached {
  readonly key: KeyId
  readonly cost: number
  readonly previous: Reached | undefined
}

export function cheapestWay(search: Search): Way | undefined {
  const { from, to, maxLinks, stepsFrom } = search
  const start: Reached = { key: from, cost: 0, previous: undefined }
  const best = new Map([[from, start]])
  let layer = [start]
  for (let links = 1; links <= maxLinks && layer.length > 0; links++) {
    const next = new Map<KeyId, Reached>()
    for (const reached of layer) {
      if (reached.key === to) continue
      for (const step of stepsFrom(reached.key)) {
        if (isBarred(search, reached, step.to)) continue
        const cost = reached.cost + step.cost
        if (cost >= (best.get(step.to)?.cost ?? Infinity)) continue
        const further = { key: step.to, cost, previous: reached }
        best.set(step.to, further)
        next.set(step.to, further)
      }
    }
    layer = [...next.values()]
  }
  const end = best.get(to)
  return end && { nodes: nodesTo(end), cost: end.cost }
}

function isBarred({ avoid, avoidFirst }: Search, { previous }: Reached, to: KeyId): boolean {
  if (avoid?.has(to)) return true
  return previous === undefined && avoidFirst?.has(to) === true
}

function nodesTo(end: Reached): KeyId[] {
  const nodes: KeyId[] = []
  for (let at: Reached | undefined = end; at !== undefined; at = at.previous) nodes.push(at.key)
  return nodes.reverse()
}
