// A client's ways to a peer when it also knows its LAN: a direct link comes before all servers, and the peer at its
// end says itself who it is, before servers do. An adapter only.

import type { KeyId } from '../../identity/node-id.ts'
import type { ServerPort } from '../peers/peer-context.ts'
import type { LanSide } from './lan-side.ts'

export function withLan(servers: ServerPort, lan: LanSide): ServerPort {
  return {
    entries: time => servers.entries(time),
    neighbours: time => lan.relays(time),
    failure: () => servers.failure(),
    get isConnecting() {
      return servers.isConnecting
    },
    hasDirectLink: (peer: KeyId) => lan.hasLinkTo(peer) || servers.hasDirectLink(peer),
    quota: (time, server) => servers.quota(time, server),
    startLookup: (time, key, peer) => {
      const lookup = servers.startLookup(time, key, peer)
      lan.joinLookup(time, lookup, key, peer)
      return lookup
    },
    cancelLookup: lookup => servers.cancelLookup(lookup),
  }
}
