// The way to a peer, in a few words.

import type { Path } from '../client/node.ts'
import { shortKey } from './output.ts'

export function pathText({ kind, hops }: Pick<Path, 'kind' | 'hops'>): string {
  return hops.length === 0 ? `(${kind})` : `(${kind} through ${hops.map(shortKey).join(', ')})`
}

/** Whether two paths are the same way; measured times aside. */
export function isSamePath(a: Path | undefined, b: Path | undefined): boolean {
  return a?.kind === b?.kind && a?.hops.join() === b?.hops.join()
}
