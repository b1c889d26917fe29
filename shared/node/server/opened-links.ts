// Links to other servers that this one opened, the least recently used first: who makes way when there are too
// many, and whom nobody has used for long. A link that carries circuits stays. Closes nothing itself.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { MAX_SERVER_LINKS, SERVER_LINK_IDLE_MS } from '../../wire/limits.ts'

interface Opened {
  readonly link: LinkId
  usedAtMs: number
}

export class OpenedLinks {
  readonly #isCarrying: (link: LinkId) => boolean
  readonly #links = new Map<KeyId, Opened>()
  #idleAt: number | undefined

  /** @param isCarrying whether circuits run over the link */
  constructor(isCarrying: (link: LinkId) => boolean) {
    this.#isCarrying = isCarrying
  }

  get size(): number {
    return this.#links.size
  }

  has(key: KeyId): boolean {
    return this.#links.has(key)
  }

  /** @returns those that make way */
  add(now: number, key: KeyId, link: LinkId): LinkId[] {
    this.#links.set(key, { link, usedAtMs: now })
    this.#idleAt ??= now + SERVER_LINK_IDLE_MS
    const leaving: LinkId[] = []
    for (const other of this.#links.values()) {
      if (this.#links.size - leaving.length <= MAX_SERVER_LINKS) break
      if (other.link !== link && !this.#isCarrying(other.link)) leaving.push(other.link)
    }
    return leaving
  }

  linkOf(key: KeyId): LinkId | undefined {
    return this.#links.get(key)?.link
  }

  /** @returns the link, which counts as used now */
  use(now: number, key: KeyId): LinkId | undefined {
    const opened = this.#links.get(key)
    if (opened === undefined) return undefined
    opened.usedAtMs = now
    this.#links.delete(key)
    this.#links.set(key, opened)
    return opened.link
  }

  remove(key: KeyId, link: LinkId): void {
    if (this.#links.get(key)?.link === link) this.#links.delete(key)
  }

  /** Those that nobody has used for too long. */
  takeIdle(now: number): LinkId[] {
    if (this.#idleAt === undefined || now < this.#idleAt) return []
    const idle: LinkId[] = []
    this.#idleAt = undefined
    for (const { link, usedAtMs } of this.#links.values()) {
      if (usedAtMs + SERVER_LINK_IDLE_MS > now) {
        this.#idleAt = usedAtMs + SERVER_LINK_IDLE_MS
        break
      }
      if (!this.#isCarrying(link)) idle.push(link)
    }
    // Those that carry circuits are looked at again.
    if (this.#links.size > idle.length) this.#idleAt ??= now + SERVER_LINK_IDLE_MS
    return idle
  }

  nextTimeout(): number | undefined {
    return this.#idleAt
  }
}
