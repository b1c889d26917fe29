// What neighbours and route queries mean for a node: frames in from neighbours' links, news out to routes, peers and
// links. No logic.

import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { FrameType } from '../../wire/frame-type.ts'
import { FRAME } from '../../wire/frame-type.ts'
import { recordBody } from '../../wire/registry-bodies.ts'
import { encodePush } from '../../wire/rpc-messages.ts'
import type { NodeEffect } from '../effects.ts'
import type { NodeParts } from '../node-parts.ts'
import type { RouteQueriesEffect, RoutesHeard } from '../routes/route-queries.ts'
import type { NeighbourLinksEffect } from './neighbour-links.ts'

/**
 * A link to another client is open. Who answers a login says in its WELCOME who it is; who logs in says it then.
 * @param record what that one said of itself, if it answered
 */
export function beginNeighbourLink(
  parts: NodeParts,
  time: Time,
  link: LinkId,
  key: KeyId,
  record: Uint8Array | undefined,
): void {
  const { lan, neighbours } = parts
  neighbours?.opened(time, link, key, record)
  neighbours?.told(time, key, lan?.recordOf(key))
  if (record !== undefined) tellRecord(parts, time, [link])
}

/** Our newest record, to those at the other ends. */
export function tellRecord(
  { links, ownRecord }: NodeParts,
  time: Time,
  to: readonly LinkId[],
): void {
  const body = recordBody(ownRecord.take(time).bytes)
  const bytes = encodePush({ method: 'record', body })
  for (const link of to) links.feed(time, link, { kind: 'send', bytes })
}

export function applyNeighbourEffect(
  { commands, mesh, peers }: NodeParts,
  time: Time,
  effect: NeighbourLinksEffect,
): void {
  if (effect.kind === 'linked') {
    peers.serverAttached(time, effect.key)
    mesh?.linked(time, effect.key)
  } else commands.lookedUp(time, effect)
}

/** @returns whether the frame was for neither of a client's servers */
export function takeNeighbourFrame(
  { mesh, neighbours, links, relay, routeQueries }: NodeParts,
  time: Time,
  link: LinkId,
  type: FrameType,
  bytes: Uint8Array,
): boolean {
  const key = neighbours?.keyOf(link)
  if (type === FRAME.response) {
    routeQueries.response(time, link, bytes)
    mesh?.response(link, bytes)
  } else if (type === FRAME.request) {
    // Nobody asks a client anything, but neighbours one that relays.
    if (relay !== undefined && key !== undefined) relay.request(time, { link, key }, bytes)
    else links.feed(time, link, { kind: 'close', reason: 'protocol' })
  } else if (key !== undefined) neighbours?.pushed(time, link, bytes)
  return key !== undefined || type === FRAME.request
}

export function endNeighbourLink(
  { direct, lan, mesh, neighbours, relay, routeQueries, rtts }: NodeParts,
  time: Time,
  link: LinkId,
): void {
  rtts.closed(link)
  relay?.linkClosed(link)
  routeQueries.linkClosed(time, link)
  const key = neighbours?.keyOf(link)
  neighbours?.closed(link)
  lan?.closed(time, link, key)
  direct?.closed(time, link)
  if (key !== undefined) direct?.linkGone(time, key)
  mesh?.linkClosed(time, link, key !== undefined && neighbours?.hasLinkTo(key) ? undefined : key)
}

/** What the parts say that links to other clients concern. @param emit to the host @returns whether there was anything */
export function passNeighbourNews(
  parts: NodeParts,
  time: Time,
  emit: (effect: NodeEffect) => void,
): boolean {
  const near = parts.lan?.poll()
  if (near !== undefined) parts.lanRole?.apply(parts, time, near, emit)
  const direct = parts.direct?.poll()
  if (direct !== undefined) parts.directRole?.apply(parts, time, direct, emit)
  const linked = parts.neighbours?.poll()
  if (linked !== undefined) parts.neighbourRole?.apply(parts, time, linked)
  parts.relay?.advance(time)
  const own = parts.relay?.poll()
  if (own !== undefined) parts.relayRole?.apply(parts, time, own, emit)
  parts.mesh?.advance(time)
  const mesh = parts.mesh?.poll()
  if (mesh !== undefined) parts.relayRole?.mesh.apply(parts, time, mesh)
  const news = parts.routeQueries.poll()
  if (news !== undefined) applyQuery(parts, time, news)
  return (near ?? direct ?? linked ?? own ?? mesh ?? news) !== undefined
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

function hear(
  { mesh, neighbours, peers, routes }: NodeParts,
  time: Time,
  heard: RoutesHeard,
): void {
  // Of the sought key itself: so that a lookup without any server finds it.
  for (const signed of heard.records) {
    if (keyIdOf(signed.record.key) === heard.key) neighbours?.learn(signed)
  }
  routes.heard(time, heard)
  peers.heard(time, heard)
  mesh?.peers.heard(time, heard)
}
