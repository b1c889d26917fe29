// Links to other servers that this one opened, the least recently used first: who makes way when there are too
// many, and whom nobody has used for long: soon where it was opened for a proof only. A link that carries
// circuits stays. Closes nothing itself.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import {
  MAX_SERVER_LINKS,
  SERVER_LINK_IDLE_MS,
  UNUSED_SERVER_LINK_IDLE_MS,
} from '../../wire/limits.ts'

interface Opened {
  readonly link: LinkId
  usedAtMs: number
  /** How long it stays without use. */
  idleMs: number
}

export class OpenedLinks {
  readonly #isCarrying: (link: LinkId) => boolean
  readonly #links = new Map<KeyId, Opened>()
  /** When each is looked at: never after its time, as use does not move it. */
  readonly #deadlines = new DeadlineHeap<KeyId>()

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
    const idleMs = UNUSED_SERVER_LINK_IDLE_MS
    this.#links.set(key, { link, usedAtMs: now, idleMs })
    this.#deadlines.set(key, now + idleMs)
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
    opened.idleMs = SERVER_LINK_IDLE_MS
    this.#links.delete(key)
    this.#links.set(key, opened)
    return opened.link
  }

  remove(key: KeyId, link: LinkId): void {
    if (this.#links.get(key)?.link !== link) return
    this.#links.delete(key)
    this.#deadlines.delete(key)
  }

  /** Those that nobody has used for too long. */
  takeIdle(now: number): LinkId[] {
    const idle: LinkId[] = []
    let key = this.#deadlines.takeExpired(now)
    for (; key !== undefined; key = this.#deadlines.takeExpired(now)) {
      const opened = this.#links.get(key)
      if (opened === undefined) continue
      const { link, usedAtMs, idleMs } = opened
      const isIdle = usedAtMs + idleMs <= now
      if (isIdle && !this.#isCarrying(link)) idle.push(link)
      // Those that carry circuits are looked at again.
      this.#deadlines.set(key, isIdle ? now + idleMs : usedAtMs + idleMs)
    }
    return idle
  }

  nextTimeout(): number | undefined {
    return this.#deadlines.next()
  }
}
