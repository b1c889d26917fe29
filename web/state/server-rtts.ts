// Round trips to our servers as they are now: a node's status tells of the first measurement only. Pure.

import type { NodeStats, NodeStatus, ServerStatus } from '../../client/api.ts'

/** In milliseconds, by key. */
export type ServerRtts = ReadonlyMap<string, number>

/** The best one of several links to a server. */
export function serverRttsOf({ links }: Pick<NodeStats, 'links'>): ServerRtts {
  const rtts = new Map<string, number>()
  for (const { key, kind, rttMs } of links) {
    if (kind !== 'server' || rttMs === undefined) continue
    rtts.set(key, Math.min(rttMs, rtts.get(key) ?? Number.POSITIVE_INFINITY))
  }
  return rtts
}

/** The status with what was measured last in the place of what was measured first; unknown of a server that is not there. */
export function withRtts(status: NodeStatus, rtts: ServerRtts): NodeStatus {
  const servers = status.servers.map(({ rttMs: _, ...server }): ServerStatus => {
    const rttMs = server.key === undefined ? undefined : rtts.get(server.key)
    return rttMs === undefined ? server : { ...server, rttMs }
  })
  return { ...status, servers }
}
