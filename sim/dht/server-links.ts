// The links between virtual servers, as shared/node/server/server-links.ts keeps them: dialed on demand, the
// least recently used of those that a server dialed is closed when there are too many, and idle ones too. A
// request goes over a link whoever opened it; only one's own dial proves an address.

import type { KeyId } from '../../shared/identity/node-id.ts'
import { SERVER_LINK_IDLE_MS } from '../../shared/wire/limits.ts'
import type { DhtServer } from './dht-server.ts'

export interface ServerLink {
  readonly dialer: DhtServer
  readonly acceptor: DhtServer
  usedAtMs: number
}

/** The other end of a link between the two, of whichever there is. */
export function linkedWith(server: DhtServer, key: KeyId, nowMs: number): DhtServer | undefined {
  const link = server.outbound.get(key) ?? server.inbound.get(key)
  if (link === undefined) return undefined
  if (link.usedAtMs + SERVER_LINK_IDLE_MS <= nowMs) {
    closeLink(link)
    return linkedWith(server, key, nowMs)
  }
  link.usedAtMs = nowMs
  return link.dialer === server ? link.acceptor : link.dialer
}

/** A dial has succeeded. */
export function openLink(dialer: DhtServer, acceptor: DhtServer, nowMs: number): void {
  const link = { dialer, acceptor, usedAtMs: nowMs }
  acceptor.inbound.set(dialer.contact.key, link)
  const evicted = dialer.outbound.set(acceptor.contact.key, link)
  if (evicted !== undefined) closeLink(evicted[1])
}

export function closeLink(link: ServerLink): void {
  const { dialer, acceptor } = link
  if (dialer.outbound.peek(acceptor.contact.key) === link) {
    dialer.outbound.delete(acceptor.contact.key)
  }
  if (acceptor.inbound.get(dialer.contact.key) === link) {
    acceptor.inbound.delete(dialer.contact.key)
  }
}

export function linksOf({ outbound, inbound }: DhtServer): ServerLink[] {
  return [...[...outbound.entries()].map(([, link]) => link), ...inbound.values()]
}
