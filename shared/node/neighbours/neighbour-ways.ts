// A client's ways to a peer when it also has links to other clients: a direct link comes before all servers, and the
// peer at its end says itself who it is, before servers do. An adapter only.

import type { KeyId } from '../../identity/node-id.ts'
import type { ServerPort } from '../peers/peer-context.ts'
import type { NeighbourLinks } from './neighbour-links.ts'

export function withNeighbours(servers: ServerPort, neighbours: NeighbourLinks): ServerPort {
  return {
    entries: time => servers.entries(time),
    neighbours: time => neighbours.relays(time),
    failure: () => servers.failure(),
    get hasOpenServer() {
      return servers.hasOpenServer
    },
    get isConnecting() {
      return servers.isConnecting
    },
    hasDirectLink: (peer: KeyId) => neighbours.hasLinkTo(peer) || servers.hasDirectLink(peer),
    quota: (time, server) => servers.quota(time, server),
    startLookup: (time, key, peer) => {
      const lookup = servers.startLookup(time, key, peer)
      neighbours.joinLookup(time, lookup, key, peer)
      return lookup
    },
    cancelLookup: lookup => servers.cancelLookup(lookup),
  }
}
