// The round trips of open links as they were measured last: those of neighbours, which no list of servers has.

import type { LinkId } from '../../link/link-id.ts'

export class LinkRtts {
  readonly #ms = new Map<LinkId, number>()

  measured(link: LinkId, ms: number): void {
    this.#ms.set(link, ms)
  }

  closed(link: LinkId): void {
    this.#ms.delete(link)
  }

  /** In milliseconds. */
  of(link: LinkId): number | undefined {
    return this.#ms.get(link)
  }

  /** The best one of several links to the same node. */
  bestOf(links: readonly LinkId[]): number | undefined {
    const known = links.flatMap(link => this.#ms.get(link) ?? [])
    return known.length === 0 ? undefined : Math.min(...known)
  }
}
