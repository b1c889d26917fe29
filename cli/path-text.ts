// The way to a peer, in a few words.

import type { LinkKind, Path } from '../client/node.ts'
import { candidatesText } from './links-text.ts'
import { shortKey } from './output.ts'

export const LINK_WORDS = {
  lan: 'LAN',
  rtc: 'WebRTC',
  server: 'WebSocket',
} as const satisfies Record<LinkKind, string>

/** @param link of a direct one, where it is known */
export function pathText(
  { kind, hops, score, candidates }: Pick<Path, 'kind' | 'hops' | 'score' | 'candidates'>,
  link?: LinkKind,
): string {
  if (hops.length === 0) {
    if (candidates !== undefined) return `${kind} by WebRTC (${candidatesText(candidates)})`
    return link === undefined ? kind : `${kind} (${LINK_WORDS[link]})`
  }
  const nodes = hops.map(shortKey).join(', ')
  return score === undefined
    ? `opened by the peer, of which only the last node is known: ${nodes}`
    : `${kind} through ${nodes}`
}

/** Whether two paths are the same way; measured times aside. */
export function isSamePath(a: Path | undefined, b: Path | undefined): boolean {
  return a?.kind === b?.kind && a?.hops.join() === b?.hops.join()
}
