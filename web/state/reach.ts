// Whether and how a peer is reached, and how that reads in a badge: `relay · 1 hop · 12 ms`. Pure.

import type { NodeStatus, Path } from '../../client/api.ts'
import type { PathProblem } from './path-problem.ts'
import type { Problem } from './problem.ts'

export type Reach =
  /** `problem`: what came of the last attempt. */
  | { readonly kind: 'dialing'; readonly problem?: Problem }
  /** A session is open; without a path its messages wait. */
  | { readonly kind: 'open'; readonly path: Path | undefined }
  | { readonly kind: 'failed'; readonly problem: Problem }

export interface PathBadge {
  readonly tone: 'good' | 'busy' | 'none'
  readonly text: string
  /** The same in a sentence, for tooltips and screen readers. */
  readonly title: string
}

/** What is known besides the session itself. */
export interface Circumstances {
  readonly status?: NodeStatus['state']
  /** Why there is no path, where that is known. */
  readonly problem?: PathProblem | undefined
}

export function pathBadge(
  reach: Reach | undefined,
  { status, problem }: Circumstances = {},
): PathBadge {
  if (reach?.kind === 'open' && reach.path !== undefined) return badgeOf(reach.path)
  // It may find a way through a peer.
  if (status === 'offline' && !isFirstDial(reach)) {
    return { tone: 'none', text: 'no server reached', title: SERVERLESS }
  }
  if (reach === undefined || reach.kind === 'failed') {
    return { tone: 'none', text: reach?.problem.label ?? 'not connected', title: SESSIONLESS }
  }
  if (reach.kind === 'dialing') {
    // What came of the last attempt stays while the next one runs: what comes and goes by itself cannot be read.
    const text = reach.problem?.label ?? 'connecting…'
    return { tone: 'busy', text, title: 'Looking for a path to this key.' }
  }
  return { tone: 'busy', text: problem?.label ?? 'finding a path…', title: PATHLESS }
}

const SERVERLESS =
  'No server is reached, and there is no other path: messages wait until there is one.'
const SESSIONLESS = 'There is no session with this key now.'
const PATHLESS =
  'There is no path now. The session is kept, and messages wait until there is one again.'

/** Whether the key is dialed and nothing has come of it so far: that may be over in a moment. */
export function isFirstDial(reach: Reach | undefined): boolean {
  return reach?.kind === 'dialing' && reach.problem === undefined
}

/** Whether the peer opened the path: then only the last node of it is known. */
function isOpenedByPeer({ hops, score }: Path): boolean {
  return hops.length > 0 && score === undefined
}

/** The dot beside a chat in the list. */
export type Presence = 'reached' | 'searching' | 'cut'

/** @returns `undefined` without a session */
export function presenceOf(
  reach: Reach | undefined,
  status: NodeStatus['state'],
): Presence | undefined {
  if (reach?.kind !== 'open') return undefined
  if (reach.path !== undefined) return 'reached'
  return status === 'offline' ? 'cut' : 'searching'
}

/** @returns how many there is a path to: they go on without any server */
export function connectedCount(reaches: Iterable<Reach>): number {
  return [...reaches].filter(reach => reach.kind === 'open' && reach.path !== undefined).length
}

export const PRESENCE_WORDS = {
  reached: 'Connected',
  searching: 'No path now',
  cut: 'No path now, and no server',
} as const satisfies Record<Presence, string>

function badgeOf(path: Path): PathBadge {
  const { kind, hops, rttMs } = path
  const isPeers = isOpenedByPeer(path)
  const way = isPeers ? undefined : hopsText(hops.length)
  const time = rttMs === undefined ? undefined : formatRtt(rttMs)
  const facts = [way, time].filter(fact => fact !== undefined)
  const words = [kind, isPeers ? 'peer’s path' : way, time ?? 'measuring…']
  return {
    tone: 'good',
    text: words.filter(word => word !== undefined).join(' · '),
    title: `${titleOf(path)}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}.`,
  }
}

function titleOf(path: Path): string {
  if (isOpenedByPeer(path)) {
    return 'Connected through a path that your peer opened, of which you know the last node only'
  }
  switch (path.kind) {
    case 'direct':
      return 'Connected directly'
    case 'relay':
      return path.hops.length === 1
        ? 'Connected through a server that cannot read your messages'
        : 'Connected through servers that cannot read your messages'
    case 'mesh':
      return 'Connected through other peers that cannot read your messages'
    case 'private':
      return 'Connected through several nodes, none of which knows both ends'
  }
}

/** A hop is a node in between. */
function hopsText(hops: number): string | undefined {
  return hops === 0 ? undefined : `${hops} ${hops === 1 ? 'hop' : 'hops'}`
}

/** What the user can do about a key that was not reached. */
export type Remedy =
  | { readonly kind: 'redial' }
  /** Another key took its place. */
  | { readonly kind: 'open'; readonly key: string }

/** @returns `undefined` where nothing helps */
export function remedyOf({ revoked }: Problem): Remedy | undefined {
  if (revoked === undefined) return { kind: 'redial' }
  return revoked.successor === undefined ? undefined : { kind: 'open', key: revoked.successor }
}

export function formatRtt(rttMs: number): string {
  return rttMs < 1 ? '< 1 ms' : `${Math.round(rttMs)} ms`
}
