// By which way a ping went, and when that is another one than before.

import type { LinkKind, Path } from '../client/node.ts'
import { isSamePath, LINK_WORDS, pathText } from './path-text.ts'
import { countText } from './quantity-text.ts'

/**
 * Behind a round trip: ` relay, 1 hop`; a hop is a node in between. Those of a path that the peer chose are not known.
 * ` direct, LAN` where the `link` of a direct one is known.
 */
export function wayText(path: Path | undefined, link?: LinkKind): string {
  if (path === undefined) return ''
  if (link !== undefined) return ` ${path.kind}, ${LINK_WORDS[link]}`
  const { kind, hops, score } = path
  const isCounted = hops.length > 0 && score !== undefined
  return isCounted ? ` ${kind}, ${countText(hops.length, 'hop')}` : ` ${kind}`
}

export function pathNewsText(path: Path, link?: LinkKind): string {
  return `the path is another one now: ${pathText(path, link)}`
}

export class PathNews {
  #last: Path | undefined

  constructor(first: Path | undefined) {
    this.#last = first
  }

  /** Whether it is another way than the last one there was. */
  isNew(path: Path | undefined): path is Path {
    if (path === undefined || isSamePath(path, this.#last)) return false
    this.#last = path
    return true
  }
}
