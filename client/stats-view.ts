// What a node tells of itself, in the words of the public API: its links and their traffic are the core's to know, its
// sessions the handles'. Loaded on demand, so it is handed what it needs. Pure.

import type { KeyId } from '../shared/identity/node-id.ts'
import type * as core from '../shared/node/stats.ts'
import type { Peer } from './api.ts'
import type { LinkKind, LinkStats, NodeStats, SessionStats, Traffic } from './stats-types.ts'

export type WithSession = Pick<Peer, 'key' | 'path'>

const NO_TRAFFIC: Traffic = { sentBytes: 0, receivedBytes: 0 }
/** A client has a WebSocket to another one on the local network, and nowhere else. */
const KINDS = { server: 'server', client: 'lan', rtc: 'rtc' } as const

/** @param peers those that have a session */
export function statsOf(
  stats: core.NodeStats,
  peers: Iterable<WithSession>,
  unixMs: number,
  writeKey: (key: KeyId) => string,
): NodeStats {
  return {
    links: stats.links.map(
      ({ key, kind, isInitiator, ageMs, ...measured }): LinkStats => ({
        key: writeKey(key),
        kind: KINDS[kind],
        openedBy: isInitiator ? 'us' : 'peer',
        since: unixMs - ageMs,
        ...measured,
      }),
    ),
    totals: totalsOf(stats.totals),
    sessions: Array.from(peers, sessionOf),
  }
}

function totalsOf(totals: core.NodeStats['totals']): Record<LinkKind, Traffic> {
  return {
    server: totals.get('server') ?? NO_TRAFFIC,
    lan: totals.get('client') ?? NO_TRAFFIC,
    rtc: totals.get('rtc') ?? NO_TRAFFIC,
  }
}

function sessionOf({ key, path }: WithSession): SessionStats {
  return path === undefined ? { key } : { key, path }
}
