// The way to a peer, in a few words.

import type { Path } from '../client/node.ts'
import { candidatesText } from './links-text.ts'
import { shortKey } from './output.ts'

export function pathText({
  kind,
  hops,
  score,
  candidates,
}: Pick<Path, 'kind' | 'hops' | 'score' | 'candidates'>): string {
  if (hops.length === 0) {
    return candidates === undefined
      ? `(${kind})`
      : `(${kind} by WebRTC: ${candidatesText(candidates)})`
  }
  const nodes = hops.map(shortKey).join(', ')
  return score === undefined
    ? `(opened by the peer, of which only the last node is known: ${nodes})`
    : `(${kind} through ${nodes})`
}

/** Whether two paths are the same way; measured times aside. */
export function isSamePath(a: Path | undefined, b: Path | undefined): boolean {
  return a?.kind === b?.kind && a?.hops.join() === b?.hops.join()
}
