// The routes to a peer as the application sees them: the open ones and those that there may be, in one list. Pure.

import type { Time } from '../../machine/machine.ts'
import type { RankedRoute, Relays } from '../../routes/route.ts'
import type { Failure } from '../mesh-error.ts'
import type { PeerRouteState } from '../peers/path-upkeep.ts'
import type { RouteView } from './route-views.ts'

/**
 * The one in use first, which stays until another is clearly better; then the cheapest.
 * @param ranked all that there may be
 * @param state what is open, if the peer has a session
 */
export function routeViews(
  time: Time,
  ranked: readonly RankedRoute[],
  state: PeerRouteState | undefined,
  failureOf: (relays: Relays) => Failure | undefined,
): RouteView[] {
  const open = state === undefined ? [] : openViews(time, state)
  const names = new Set(open.map(({ relays }) => relays.join('')))
  const others = ranked
    .filter(({ relays }) => !names.has(relays.join('')))
    .map((route): RouteView => {
      const failure = failureOf(route.relays)
      return failure === undefined
        ? { ...route, state: 'idle' }
        : { ...route, state: 'failed', failure }
    })
  const isActive = ({ state: one }: RouteView): number => (one === 'active' ? 0 : 1)
  return [...open, ...others].sort(
    (a, b) => isActive(a) - isActive(b) || a.score.total - b.score.total,
  )
}

function openViews(time: Time, { keeper, activeCircuit }: PeerRouteState): RouteView[] {
  return keeper.judgedPaths(time).map(({ path: { circuit, rttMs, openedFor }, route }) => ({
    ...route,
    openedBy: openedFor === undefined ? 'peer' : 'us',
    state: circuit === activeCircuit ? 'active' : 'spare',
    ...(rttMs !== undefined && { rttMs }),
  }))
}
