// Where the router's effects go: to links, peers and the server's part. No logic.

import type { Time } from '../../machine/machine.ts'
import type { RouterEffect } from '../../routing/router-messages.ts'
import type { NodeParts } from '../node-parts.ts'

export function applyCircuitEffect(
  { links, mesh, peers, router, server }: NodeParts,
  time: Time,
  effect: RouterEffect,
): void {
  switch (effect.kind) {
    case 'transmit':
      links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
      return
    case 'data':
      peers.circuitData(time, effect.circuit, effect.data)
      mesh?.peers.circuitData(time, effect.circuit, effect.data)
      return
    case 'room':
      peers.circuitRoom(time, effect.circuit)
      mesh?.peers.circuitRoom(time, effect.circuit)
      return
    case 'incoming': {
      const from = links.peerOf(effect.link)
      if (from === undefined) return
      const sought = mesh?.peers.isFor(effect.data) ? mesh.peers : peers
      sought.incoming(time, effect.circuit, from, effect.data)
      return
    }
    case 'opened':
      peers.circuitOpened(time, effect.circuit, effect.data)
      mesh?.peers.circuitOpened(time, effect.circuit, effect.data)
      return
    case 'closed':
      peers.circuitClosed(time, effect.circuit, effect.reason)
      mesh?.peers.circuitClosed(time, effect.circuit, effect.reason)
      return
    case 'misbehaved':
      links.feed(time, effect.link, { kind: 'close', reason: effect.reason })
      return
    case 'needLink':
      // A client that relays dials nobody for others.
      if (server === undefined) router.handle(time, { kind: 'noLink', peer: effect.peer })
      else server.reach(time, effect.peer)
      return
    case 'quota':
      server?.quota(effect.link, effect.limit, effect.retryAfterMs)
  }
}
