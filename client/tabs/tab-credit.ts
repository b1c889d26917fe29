// When a peer's messages count as taken while several tabs are shown them: once all tabs have taken them, except those
// that have stopped taking. Pure bookkeeping, in bytes, by peer.

import type { KeyId } from '../../shared/identity/node-id.ts'
import { TAB_HELD_MAX_BYTES, TAB_PATIENCE_MS } from '../../shared/wire/limits.ts'
import type { TabId } from './tab-messages.ts'

interface Taker {
  /** Bytes that it was shown and has not taken, by peer; none are left out. */
  readonly behind: Map<KeyId, number>
  heldBytes: number
  /** When it last took something, or began to have something to take. */
  progressAt: number
}

interface Peer {
  shownBytes: number
  creditedBytes: number
}

export class TabCredit {
  readonly #takers = new Map<TabId, Taker>()
  readonly #peers = new Map<KeyId, Peer>()
  readonly #onTaken: (peer: KeyId, bytes: number) => void

  /** @param onTaken told of bytes that need not be waited for any more, each once */
  constructor(onTaken: (peer: KeyId, bytes: number) => void) {
    this.#onTaken = onTaken
  }

  add(tab: TabId): void {
    this.#takers.set(tab, { behind: new Map(), heldBytes: 0, progressAt: 0 })
  }

  remove(now: number, tab: TabId): void {
    this.#takers.delete(tab)
    this.check(now)
  }

  /** @returns the tabs that are to be shown the message: those in which too much waits already are not */
  shown(now: number, peer: KeyId, bytes: number): TabId[] {
    const tabs: TabId[] = []
    for (const [tab, taker] of this.#takers) {
      if (taker.heldBytes > 0 && taker.heldBytes + bytes > TAB_HELD_MAX_BYTES) continue
      if (taker.heldBytes === 0) taker.progressAt = now
      taker.heldBytes += bytes
      taker.behind.set(peer, (taker.behind.get(peer) ?? 0) + bytes)
      tabs.push(tab)
    }
    const known = this.#peers.get(peer) ?? { shownBytes: 0, creditedBytes: 0 }
    known.shownBytes += bytes
    this.#peers.set(peer, known)
    return tabs
  }

  taken(now: number, tab: TabId, peer: KeyId, bytes: number): void {
    const taker = this.#takers.get(tab)
    const behind = taker?.behind.get(peer)
    if (taker === undefined || behind === undefined) return
    const isAll = bytes >= behind
    taker.heldBytes -= isAll ? behind : bytes
    if (isAll) taker.behind.delete(peer)
    else taker.behind.set(peer, behind - bytes)
    taker.progressAt = now
    this.#credit(now, peer)
  }

  /** Call now and then: a tab may have stopped taking. */
  check(now: number): void {
    for (const peer of [...this.#peers.keys()]) this.#credit(now, peer)
  }

  /** Where no tab takes anything it is the most advanced one that counts: then the sender has to wait. */
  #credit(now: number, key: KeyId): void {
    const peer = this.#peers.get(key)
    if (peer === undefined) return
    let mostOfActive: number | undefined
    let least: number | undefined
    for (const { behind, heldBytes, progressAt } of this.#takers.values()) {
      const bytes = behind.get(key) ?? 0
      least = Math.min(least ?? bytes, bytes)
      const isActive = heldBytes === 0 || now - progressAt < TAB_PATIENCE_MS
      if (isActive) mostOfActive = Math.max(mostOfActive ?? 0, bytes)
    }
    const waiting = mostOfActive ?? least ?? 0
    const bytes = peer.shownBytes - waiting - peer.creditedBytes
    // A tab that was passed over comes to take what is credited already.
    if (bytes > 0) peer.creditedBytes += bytes
    const isDone = peer.creditedBytes === peer.shownBytes && this.#isTakenEverywhere(key)
    if (isDone) this.#peers.delete(key)
    if (bytes > 0) this.#onTaken(key, bytes)
  }

  #isTakenEverywhere(key: KeyId): boolean {
    for (const { behind } of this.#takers.values()) if (behind.has(key)) return false
    return true
  }
}
