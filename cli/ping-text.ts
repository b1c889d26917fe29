// By which way a ping went, and when that is another one than before.

import type { Path } from '../client/node.ts'
import { isSamePath, pathText } from './path-text.ts'
import { countText } from './quantity-text.ts'

/** Behind a round trip: ` relay, 1 hop`; a hop is a node in between. Those of a path that the peer chose are not known. */
export function wayText(path: Path | undefined): string {
  if (path === undefined) return ''
  const { kind, hops, score } = path
  const isCounted = hops.length > 0 && score !== undefined
  return isCounted ? ` ${kind}, ${countText(hops.length, 'hop')}` : ` ${kind}`
}

export function pathNewsText(path: Path): string {
  return `the path changed: now ${pathText(path)}`
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
