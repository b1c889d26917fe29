// The one sentence about our own connection, for each state of the node and of the page. Pure.

import type { NodeStatus, ServerStatus } from '../../client/api.ts'
import type { Problem } from './problem.ts'
import { asSentence } from './problem.ts'
import { formatRtt } from './reach.ts'

export type Phase =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly problem: Problem }

export interface StatusLine {
  readonly tone: 'good' | 'busy' | 'bad'
  /** Fits a narrow bar. */
  readonly text: string
  /** Round trip to the one server there is. */
  readonly time?: string
  /** Why, and what happens next; absent when all is well. */
  readonly reason?: string
  /** The next attempt is so far away that the user may want it now. */
  readonly isTryWorth?: true
}

const TRY_WORTH_S = 4

/** @param connected how many peers there is a path to */
export function statusLine(
  phase: Phase,
  status: NodeStatus,
  unixMs: number,
  connected: number,
): StatusLine {
  switch (phase.kind) {
    case 'starting':
      return { tone: 'busy', text: 'Starting…' }
    case 'failed':
      return { tone: 'bad', text: 'Not started', reason: phase.problem.sentence }
    case 'running':
      return nodeLine(status, unixMs, connected)
  }
}

function nodeLine(status: NodeStatus, unixMs: number, connected: number): StatusLine {
  switch (status.state) {
    case 'connecting':
      return { tone: 'busy', text: connectingText(status.servers) }
    case 'online':
      return { tone: 'good', ...onlineWords(status.servers) }
    case 'offline':
      return { ...offlineTopic(connected), ...offlineWords(status.servers, unixMs) }
    case 'closed':
      return { tone: 'bad', text: 'Stopped', reason: 'Reload the page to connect again.' }
  }
}

function connectingText(servers: readonly ServerStatus[]): string {
  const [first] = servers
  return first === undefined ? 'Connecting…' : `Connecting to ${hostOf(first.url)}…`
}

function onlineWords(servers: readonly ServerStatus[]): Pick<StatusLine, 'text' | 'time'> {
  const online = servers.filter(server => server.state === 'online')
  const [first] = online
  if (first === undefined) return { text: 'Online' }
  const text = `Online via ${hostOf(first.url)}`
  if (online.length > 1) return { text: `${text} and ${online.length - 1} more` }
  return { text, ...(first.rttMs !== undefined && { time: formatRtt(first.rttMs) }) }
}

/** With those who are connected it goes on without a server. */
function offlineTopic(connected: number): Pick<StatusLine, 'tone' | 'text'> {
  if (connected === 0) return { tone: 'bad', text: 'Offline' }
  const peers = connected === 1 ? '1 peer' : `${connected} peers`
  return { tone: 'busy', text: `No server – ${peers} connected` }
}

function offlineWords(
  servers: readonly ServerStatus[],
  unixMs: number,
): Pick<StatusLine, 'reason' | 'isTryWorth'> {
  if (servers.length === 0) return { reason: 'No server is set.' }
  const why = servers.find(server => server.error !== undefined)?.error?.message
  const reason = asSentence(why ?? 'No server can be reached')
  const next = Math.min(...servers.map(server => server.retryAt ?? Number.POSITIVE_INFINITY))
  const waitS = Math.ceil((next - unixMs) / 1000)
  const isTrying = servers.some(({ state }) => state === 'connecting')
  if (isTrying || waitS <= 1) return { reason: `${reason} Trying again…` }
  if (!Number.isFinite(next)) return { reason }
  return {
    reason: `${reason} Trying again in ${waitS} s.`,
    ...(waitS >= TRY_WORTH_S && { isTryWorth: true }),
  }
}

/** `wss://one.example:8443/#key_…` → `one.example:8443` */
export function hostOf(url: string): string {
  const host = url.replace(/^[a-z]+:\/\//iu, '').replace(/[/?#].*$/u, '')
  return host.length <= 48 ? host : `${host.slice(0, 47)}…`
}
