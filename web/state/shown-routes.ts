// The routes of an explanation as a list to read: none twice, the one in use first and then by cost, and which of them
// the mode of the chat does not allow. Pure.

import type { Explanation, PathMode, Route } from '../../client/api.ts'

export interface ShownRoute extends Route {
  readonly tone: 'good' | 'none' | 'bad'
  /** `in use` */
  readonly word: string
  /** The peer opened it: what is known is its last node, and nothing of its cost. */
  readonly isPeers: boolean
}

const WORDS = {
  active: { tone: 'good', word: 'in use' },
  spare: { tone: 'good', word: 'spare' },
  idle: { tone: 'none', word: 'not open' },
  failed: { tone: 'bad', word: 'failed' },
} as const
const UNFIT = { tone: 'none', word: 'not for this mode' } as const
/** Of two that are the same way the one is shown that there is more to say of. */
const RANKS: readonly Route['state'][] = ['active', 'spare', 'failed', 'idle']
const MIN_HOPS: Readonly<Record<PathMode, number>> = { fast: 0, relay: 1, private: 3 }

export function shownRoutes({
  routes,
  mode,
}: Pick<Explanation, 'routes' | 'mode'>): readonly ShownRoute[] {
  const byWay = new Map<string, Route>()
  for (const route of routes) {
    const way = route.hops.join()
    const known = byWay.get(way)
    if (known === undefined || rankOf(route) < rankOf(known)) byWay.set(way, route)
  }
  return [...byWay.values()].sort(byUse).map(route => {
    const isFit = route.state === 'active' || route.hops.length >= MIN_HOPS[mode]
    const isPeers = route.openedBy === 'peer' && route.hops.length > 0
    return { ...route, ...(isFit ? WORDS[route.state] : UNFIT), isPeers }
  })
}

function byUse(a: Route, b: Route): number {
  const isActive = ({ state }: Route): number => (state === 'active' ? 0 : 1)
  return isActive(a) - isActive(b) || a.score.total - b.score.total
}

function rankOf({ state }: Route): number {
  return RANKS.indexOf(state)
}
