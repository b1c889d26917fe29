// The core's view of routes and of what was tried, in the words of the public API. Pure.

import type { KeyId } from '../shared/identity/node-id.ts'
import type { DirectView } from '../shared/node/direct/direct-types.ts'
import type * as core from '../shared/node/routes/route-views.ts'
import { writeKey } from './key-input.ts'
import type { DirectState, Explanation, PrivatePath, ReachStep, Route } from './route-types.ts'
import { serverStatusOf } from './status.ts'

/** @param source our own key @param peer the key that the routes lead to */
export function routesOf(
  views: readonly core.RouteView[],
  source: string,
  peer: KeyId,
): readonly Route[] {
  const destination = writeKey(peer)
  return views.map(({ relays, metrics, score, state, openedBy, rttMs, failure }) => ({
    source,
    destination,
    hops: relays.map(writeKey),
    metrics,
    score,
    state,
    ...(openedBy !== undefined && { openedBy }),
    ...(rttMs !== undefined && { rttMs }),
    ...(failure !== undefined && { error: failure }),
  }))
}

/** @param privatePath of `view.privateFacts` (private-view.ts), which is loaded when it is needed */
export function explanationOf(
  view: core.Explanation,
  source: string,
  peer: KeyId,
  unixMs: number,
  privatePath?: PrivatePath,
): Explanation {
  const { mode, record, type, recordAgeMs, homes, servers, routes, direct, tried } = view
  return {
    key: writeKey(peer),
    mode,
    record,
    ...(type !== undefined && { type }),
    ...(recordAgeMs !== undefined && { lastSeen: unixMs - recordAgeMs }),
    homes: homes.map(writeKey),
    servers: servers.map(server => serverStatusOf(server, unixMs)),
    routes: routesOf(routes, source, peer),
    ...(direct !== undefined && { direct: directOf(direct, unixMs) }),
    ...(privatePath !== undefined && { privatePath }),
    steps: tried.map(step => stepOf(step, unixMs)),
  }
}

function directOf({ state, failure, retryInMs }: DirectView, unixMs: number): DirectState {
  return {
    state,
    ...(failure !== undefined && { reason: failure }),
    ...(retryInMs !== undefined && { retryAt: unixMs + retryInMs }),
  }
}

function stepOf(
  { step, relays, agoMs, tookMs, failure }: core.TriedStep,
  unixMs: number,
): ReachStep {
  return {
    step,
    hops: relays.map(writeKey),
    startedAt: unixMs - agoMs,
    tookMs,
    ...(failure !== undefined && { error: failure }),
  }
}
