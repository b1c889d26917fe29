// The open links of each key, oldest first. Several links of one key are normal for a while: a client is
// back before its old link is known to be dead. An array only where there are several, as a server holds
// thousands of keys with one link each.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { MAX_LINKS_PER_KEY } from '../../wire/limits.ts'

export class LinksByKey {
  readonly #links = new Map<KeyId, LinkId | readonly LinkId[]>()

  /** @returns the link that must make way for this one */
  add(key: KeyId, link: LinkId): LinkId | undefined {
    const links = [...this.of(key), link]
    this.#set(key, links)
    return links.length > MAX_LINKS_PER_KEY ? links[0] : undefined
  }

  remove(key: KeyId, link: LinkId): void {
    this.#set(
      key,
      this.of(key).filter(other => other !== link),
    )
  }

  of(key: KeyId): readonly LinkId[] {
    const known = this.#links.get(key)
    if (known === undefined) return []
    return typeof known === 'number' ? [known] : known
  }

  #set(key: KeyId, links: readonly LinkId[]): void {
    const [only] = links
    if (only === undefined) this.#links.delete(key)
    else this.#links.set(key, links.length === 1 ? only : links)
  }
}
