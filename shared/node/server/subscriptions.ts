// Who wants to hear of which key (docs/PROTOCOL.md 3.6, `watch`): leases by link, renewed by asking again.
// Knows nothing of records and sends nothing.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { MAX_SUBSCRIPTIONS, MAX_SUBSCRIPTIONS_PER_LINK, WATCH_LEASE_MS } from '../../wire/limits.ts'

export class Subscriptions {
  /** Ends of the leases. */
  readonly #byKey = new Map<KeyId, Map<LinkId, number>>()
  readonly #byLink = new Map<LinkId, Set<KeyId>>()
  #size = 0
  #sweepAt: number | undefined

  /** @returns `false` when the link, or this server, has too many */
  add(now: number, link: LinkId, key: KeyId): boolean {
    const keys = this.#byLink.get(link) ?? new Set()
    if (!keys.has(key)) {
      if (keys.size >= MAX_SUBSCRIPTIONS_PER_LINK || this.#size >= MAX_SUBSCRIPTIONS) return false
      this.#size += 1
    }
    const links = this.#byKey.get(key) ?? new Map()
    this.#byLink.set(link, keys.add(key))
    this.#byKey.set(key, links.set(link, now + WATCH_LEASE_MS))
    this.#sweepAt ??= now + WATCH_LEASE_MS
    return true
  }

  /** @returns whether the link wanted to hear of the key */
  remove(link: LinkId, key: KeyId): boolean {
    const links = this.#byKey.get(key)
    if (links === undefined || !links.delete(link)) return false
    this.#size -= 1
    const keys = this.#byLink.get(link)
    keys?.delete(key)
    if (keys?.size === 0) this.#byLink.delete(link)
    if (links.size === 0) this.#byKey.delete(key)
    return true
  }

  /** @returns the keys that it wanted to hear of */
  linkClosed(link: LinkId): KeyId[] {
    return [...(this.#byLink.get(link) ?? [])].filter(key => this.remove(link, key))
  }

  linksOf(key: KeyId): readonly LinkId[] {
    return [...(this.#byKey.get(key)?.keys() ?? [])]
  }

  /** Ends leases that were not renewed. @returns their keys */
  timeout(now: number): KeyId[] {
    if (this.#sweepAt === undefined || now < this.#sweepAt) return []
    const ended: KeyId[] = []
    let next: number | undefined
    for (const [key, links] of this.#byKey) {
      for (const [link, untilMs] of links) {
        if (untilMs > now) next = Math.min(next ?? untilMs, untilMs)
        else if (this.remove(link, key)) ended.push(key)
      }
    }
    this.#sweepAt = next
    return ended
  }

  nextTimeout(): number | undefined {
    return this.#sweepAt
  }
}
