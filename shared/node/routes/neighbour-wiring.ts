// What neighbours and route queries mean for a node: frames in from neighbours' links, news out to routes, peers and
// links. No logic.

import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { FrameType } from '../../wire/frame-type.ts'
import { FRAME } from '../../wire/frame-type.ts'
import type { NodeEffect } from '../effects.ts'
import type { NodeParts } from '../node-parts.ts'
import type { RouteQueriesEffect, RoutesHeard } from './route-queries.ts'

/** @returns whether the frame was for neither of a client's servers */
export function takeNeighbourFrame(
  { lan, links, relay, routeQueries }: NodeParts,
  time: Time,
  link: LinkId,
  type: FrameType,
  bytes: Uint8Array,
): boolean {
  const key = lan?.keyOf(link)
  if (type === FRAME.response) routeQueries.response(time, link, bytes)
  else if (type === FRAME.request) {
    // Nobody asks a client anything, but neighbours one that relays.
    if (relay !== undefined && key !== undefined) relay.request(time, { link, key }, bytes)
    else links.feed(time, link, { kind: 'close', reason: 'protocol' })
  } else if (key !== undefined) lan?.pushed(time, link, bytes)
  return key !== undefined || type === FRAME.request
}

export function endNeighbourLink(
  { lan, relay, routeQueries, rtts }: NodeParts,
  time: Time,
  link: LinkId,
): void {
  rtts.closed(link)
  relay?.linkClosed(link)
  routeQueries.linkClosed(time, link)
  lan?.closed(time, link)
}

/** @param emit to the host @returns whether there was anything */
export function passRouteNews(
  parts: NodeParts,
  time: Time,
  emit: (effect: NodeEffect) => void,
): boolean {
  const { relay, relayRole, routeQueries } = parts
  relay?.advance(time)
  const own = relay?.poll()
  if (own !== undefined) relayRole?.apply(parts, time, own, emit)
  const news = routeQueries.poll()
  if (news !== undefined) applyQuery(parts, time, news)
  return own !== undefined || news !== undefined
}

function applyQuery(parts: NodeParts, time: Time, effect: RouteQueriesEffect): void {
  const { links, relay } = parts
  switch (effect.kind) {
    case 'sendFrame':
      links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
      return
    case 'misbehaved':
      links.feed(time, effect.link, { kind: 'close', reason: 'protocol' })
      return
    case 'passedOn':
      relay?.passedOn(effect)
      return
    case 'routesHeard':
      hear(parts, time, effect)
  }
}

function hear({ lan, peers, routes }: NodeParts, time: Time, heard: RoutesHeard): void {
  // Of the sought key itself: so that a lookup without any server finds it.
  for (const signed of heard.records) {
    if (keyIdOf(signed.record.key) === heard.key) lan?.learn(signed)
  }
  routes.heard(time, heard)
  peers.heard(time, heard)
}
