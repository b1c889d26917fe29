// Whether and how a peer is reached, and how that reads in a badge: `relay · 1 hop · 12 ms`. Pure.

import type { Path } from '../../client/api.ts'
import type { Problem } from './problem.ts'

export type Reach =
  | { readonly kind: 'dialing' }
  /** A session is open; without a path its messages wait. */
  | { readonly kind: 'open'; readonly path: Path | undefined }
  | { readonly kind: 'failed'; readonly problem: Problem }

export interface PathBadge {
  readonly tone: 'good' | 'busy' | 'none'
  readonly text: string
  /** The same in a sentence, for tooltips and screen readers. */
  readonly title: string
}

const KIND_TITLE = {
  direct: 'Connected directly',
  relay: 'Connected through a relay server that cannot read your messages',
  mesh: 'Connected through other peers that cannot read your messages',
  onion: 'Connected through several nodes, none of which knows both ends',
} as const satisfies Record<Path['kind'], string>

export function pathBadge(reach: Reach | undefined): PathBadge {
  if (reach === undefined || reach.kind === 'failed') {
    return { tone: 'none', text: 'not connected', title: 'There is no session with this key now.' }
  }
  if (reach.kind === 'dialing') {
    return { tone: 'busy', text: 'connecting…', title: 'Looking for a path to this key.' }
  }
  if (reach.path === undefined) {
    return {
      tone: 'busy',
      text: 'finding a path…',
      title: 'The session is kept and messages wait until there is a path again.',
    }
  }
  const { kind, mode, hops, rttMs } = reach.path
  const hopsText =
    hops.length === 0 ? undefined : `${hops.length} ${hops.length === 1 ? 'hop' : 'hops'}`
  const rttText = rttMs === undefined ? undefined : formatRtt(rttMs)
  const facts = [hopsText, rttText].filter(fact => fact !== undefined)
  return {
    tone: 'good',
    text: [mode === 'private' ? mode : kind, ...facts].join(' · '),
    title: `${KIND_TITLE[kind]}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}.`,
  }
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
