// The WebRTC connections of one node (docs/PROTOCOL.md 9): with whom one is tried, when again, and which gives place to
// another. Each needs a session to signal in, and outlives it for a while. What is said to a peer, and what its words
// mean, is direct-peer.ts; what an open one is good for is neighbours/neighbour-links.ts.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import type { DirectRefusal } from '../../wire/direct-signal.ts'
import { decodeDirectSignal } from '../../wire/direct-signal.ts'
import {
  RTC_ASK_AFTER_MS,
  RTC_IDLE_MS,
  RTC_MAX_CONNECTIONS,
  RTC_MAX_CREATED,
} from '../../wire/limits.ts'
import type { RtcSignal } from '../rtc-host.ts'
import { DirectPeer } from './direct-peer.ts'
import type { DirectConfig, DirectEffect, DirectView } from './direct-types.ts'

interface Entry {
  readonly direct: DirectPeer
  hasSession: boolean
  /** Without a session: when to see whether the connection is of use to others. */
  idleAt: number | undefined
}

const NO_VIEW: DirectView = { state: 'idle' }

export class DirectLinks {
  readonly #config: DirectConfig
  readonly #peers = new Map<KeyId, Entry>()
  readonly #byLink = new Map<LinkId, Entry>()
  readonly #deadlines = new DeadlineHeap<KeyId>()
  readonly #effects = new EffectQueue<DirectEffect>()
  /** In the life of this node: a page can make so many and no more. */
  #created = 0

  constructor(config: DirectConfig) {
    this.#config = config
  }

  view({ now }: Time, peer: KeyId): DirectView {
    return this.#peers.get(peer)?.direct.view(now) ?? NO_VIEW
  }

  /** There is a session with that peer, perhaps a new one. */
  sessionUp(time: Time, peer: KeyId): void {
    const entry = this.#entryOf(time, peer)
    entry.hasSession = true
    entry.idleAt = undefined
    if (!entry.direct.isTrying) this.#soon(time, entry)
    this.#settle(entry)
  }

  sessionDown({ now }: Time, peer: KeyId): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) return
    entry.hasSession = false
    entry.idleAt = now + RTC_IDLE_MS
    entry.direct.giveUp()
    this.#settle(entry)
  }

  /** What that peer may see of us is something else now. */
  modeChanged(time: Time, peer: KeyId): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) return
    if (this.#config.isAllowed(peer)) this.#soon(time, entry)
    else {
      entry.direct.giveUp()
      entry.direct.closeLink()
    }
    this.#settle(entry)
  }

  /** A link to that peer is gone, of whatever kind. */
  linkGone(time: Time, peer: KeyId): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined || entry.direct.retry.at !== undefined) return
    this.#soon(time, entry)
    this.#settle(entry)
  }

  /** Another network, or this device slept: what failed may work, and what worked may not. */
  networkChanged(time: Time): void {
    for (const entry of this.#peers.values()) {
      entry.direct.retry.forget()
      this.#soon(time, entry)
      this.#settle(entry)
    }
  }

  /** The peer says that in its session. */
  heard(time: Time, peer: KeyId, bytes: Uint8Array): void {
    const signal = tryDecode(() => decodeDirectSignal(bytes))
    if (signal === undefined) return
    const entry = this.#entryOf(time, peer)
    const mayOffer = entry.direct.heard(time, signal, () => this.#refusal(time, entry))
    if (mayOffer) entry.direct.begin(time)
    this.#settle(entry)
  }

  opening(peer: KeyId, link: LinkId): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) return
    this.#created += 1
    this.#byLink.set(link, entry)
    entry.direct.opening(link)
  }

  hostSignal(link: LinkId, signal: RtcSignal): void {
    this.#byLink.get(link)?.direct.hostSignal(link, signal)
  }

  /** @returns whether the link is one of these */
  opened(link: LinkId): boolean {
    const entry = this.#byLink.get(link)
    const isOurs = entry?.direct.opened(link) ?? false
    if (entry !== undefined) this.#settle(entry)
    return isOurs
  }

  closed(time: Time, link: LinkId): void {
    const entry = this.#byLink.get(link)
    if (entry === undefined) return
    this.#byLink.delete(link)
    entry.direct.closed(time, link)
    if (!entry.hasSession) entry.direct.giveUp()
    this.#settle(entry)
  }

  stop(): void {
    this.#peers.clear()
    this.#byLink.clear()
    this.#effects.clear()
  }

  timeout(time: Time): void {
    const due: KeyId[] = []
    for (let key = this.#deadlines.takeExpired(time.now); key !== undefined; ) {
      due.push(key)
      key = this.#deadlines.takeExpired(time.now)
    }
    for (const key of due) {
      const entry = this.#peers.get(key)
      if (entry !== undefined) this.#onTime(time, entry)
    }
  }

  nextTimeout(): number | undefined {
    return this.#deadlines.next()
  }

  poll(): DirectEffect | undefined {
    return this.#effects.shift()
  }

  #entryOf({ now }: Time, peer: KeyId): Entry {
    const known = this.#peers.get(peer)
    if (known !== undefined) return known
    const direct = new DirectPeer(this.#config, peer, now, effect => this.#effects.push(effect))
    const entry: Entry = { direct, hasSession: true, idleAt: undefined }
    this.#peers.set(peer, entry)
    return entry
  }

  /** The higher key leaves it to the other one to begin, and asks only if it does not. */
  #soon({ now }: Time, { direct, hasSession }: Entry): void {
    if (!hasSession || direct.isTrying || this.#config.hasLinkTo(direct.key)) return
    direct.retry.schedule(direct.isOfferer ? now : now + RTC_ASK_AFTER_MS)
  }

  #onTime(time: Time, entry: Entry): void {
    const { direct } = entry
    direct.timeout(time)
    const { at } = direct.retry
    if (at !== undefined && at <= time.now) this.#try(time, entry)
    if (entry.idleAt !== undefined && entry.idleAt <= time.now) this.#judgeIdle(time, entry)
    this.#settle(entry)
  }

  #try(time: Time, { direct, hasSession }: Entry): void {
    const { hasLinkTo, isAllowed } = this.#config
    direct.retry.stop()
    if (!hasSession || direct.isTrying || !isAllowed(direct.key) || hasLinkTo(direct.key)) return
    if (this.#hasRoom(time)) direct.begin(time)
    else direct.retry.failed(time.now, 'full')
  }

  #judgeIdle({ now }: Time, entry: Entry): void {
    const link = entry.direct.openLink
    if (link !== undefined && this.#config.isCarrying(link)) entry.idleAt = now + RTC_IDLE_MS
    else {
      entry.idleAt = undefined
      entry.direct.closeLink()
    }
  }

  /** Makes room, if that is what it takes. */
  #refusal(time: Time, { direct }: Entry): DirectRefusal | undefined {
    if (!this.#config.isAllowed(direct.key)) return 'mode'
    return direct.takesPlace || this.#hasRoom(time) ? undefined : 'busy'
  }

  /** Whether one more can be made, if need be in place of the one that was out of use the longest. */
  #hasRoom({ now }: Time): boolean {
    if (this.#created >= RTC_MAX_CREATED) return false
    let places = 0
    let oldest: Entry | undefined
    let oldestAt = now - RTC_IDLE_MS
    for (const entry of this.#peers.values()) {
      if (entry.direct.takesPlace) places += 1
      if (entry.direct.openLink === undefined) continue
      const usedAt = this.#config.usedAt(entry.direct.key) ?? Number.NEGATIVE_INFINITY
      if (usedAt > oldestAt) continue
      oldest = entry
      oldestAt = usedAt
    }
    if (places < RTC_MAX_CONNECTIONS) return true
    if (oldest === undefined) return false
    oldest.direct.closeLink()
    this.#settle(oldest)
    return true
  }

  /** Keeps the deadline of that peer, or forgets it: nothing is held for it any more. */
  #settle(entry: Entry): void {
    const { direct, hasSession, idleAt } = entry
    if (!hasSession && !direct.takesPlace) {
      this.#peers.delete(direct.key)
      this.#deadlines.delete(direct.key)
      return
    }
    const next = earliest(direct.nextTimeout(), idleAt)
    if (next === undefined) this.#deadlines.delete(direct.key)
    else this.#deadlines.set(direct.key, next)
  }
}
