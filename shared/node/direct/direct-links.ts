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
import { TokenBuckets } from '../../machine/token-buckets.ts'
import type { DirectRefusal } from '../../wire/direct-signal.ts'
import { decodeDirectSignal } from '../../wire/direct-signal.ts'
import {
  RTC_ASK_AFTER_MS,
  RTC_ATTEMPTS_BURST,
  RTC_ATTEMPTS_PER_S,
  RTC_CREATED_FOR_OWN_DIALS,
  RTC_IDLE_MS,
  RTC_MAX_CONNECTIONS,
  RTC_PEERS_REMEMBERED,
  RTC_PLACES_FOR_OWN_DIALS,
} from '../../wire/limits.ts'
import type { CandidatePair, RtcSignal } from '../rtc-host.ts'
import { DirectPeer } from './direct-peer.ts'
import { isOfUse, placesOf } from './direct-places.ts'
import type {
  DirectConfig,
  DirectEffect,
  DirectView,
  SessionFacts,
  SessionKind,
} from './direct-types.ts'
import { viewOf } from './direct-view.ts'

interface Entry {
  readonly direct: DirectPeer
  /** Those that there are. */
  readonly sessions: Set<SessionKind>
  /** Whether our application wanted the session. */
  isDialed: boolean
  /** Without a session: when to see whether the connection is of use to others. */
  idleAt: number | undefined
}

const ATTEMPT_RATE = { perSecond: RTC_ATTEMPTS_PER_S, burst: RTC_ATTEMPTS_BURST }

export class DirectLinks {
  readonly #config: DirectConfig
  readonly #peers = new Map<KeyId, Entry>()
  readonly #byLink = new Map<LinkId, Entry>()
  readonly #pairs = new Map<LinkId, CandidatePair>()
  readonly #deadlines = new DeadlineHeap<KeyId>()
  /** By key, and not by session: whoever comes and goes has no more of them. */
  readonly #attempts = new TokenBuckets<KeyId>(ATTEMPT_RATE, RTC_PEERS_REMEMBERED)
  readonly #effects = new EffectQueue<DirectEffect>()
  /** In the life of this node: a page can make so many and no more. */
  #created = 0

  constructor(config: DirectConfig) {
    this.#config = config
  }

  view({ now }: Time, peer: KeyId): DirectView {
    const entry = this.#peers.get(peer)
    return entry === undefined ? { state: 'idle' } : viewOf(entry.direct, now)
  }

  /** Whether one more leaves room for `spared` others, and in the life of this page for as many again as there were. */
  hasRoomBeside(spared: number): boolean {
    const entries = [...this.#peers.values()]
    const places = entries.filter(({ direct }) => direct.takesPlace).length
    return places + spared < RTC_MAX_CONNECTIONS && this.#created < this.#config.maxCreated / 2
  }

  /** There is a session with that peer, perhaps a new one. */
  sessionUp(
    time: Time,
    peer: KeyId,
    { kind = 'application', isIncoming = false }: SessionFacts = {},
  ): void {
    const entry = this.#entryOf(time, peer)
    entry.sessions.add(kind)
    entry.isDialed ||= kind === 'application' && !isIncoming
    entry.idleAt = undefined
    if (!entry.direct.isTrying) this.#soon(time, entry)
    this.#settle(entry)
  }

  sessionDown({ now }: Time, peer: KeyId, kind: SessionKind = 'application'): void {
    const entry = this.#peers.get(peer)
    if (entry?.sessions.delete(kind) !== true || entry.sessions.size > 0) return
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

  /** Another network, or this device slept; it may also be that a page was out of sight for a moment. */
  networkChanged(time: Time): void {
    for (const entry of this.#peers.values()) {
      entry.direct.networkChanged(time)
      // Whoever it happened to asks at once: the peer may not know that anything is wrong.
      if (this.#mayTry(entry)) entry.direct.retry.schedule(time.now)
      this.#settle(entry)
    }
  }

  /** One more server of ours can be asked for our public address. */
  serverAttached(time: Time): void {
    for (const entry of this.#peers.values()) {
      entry.direct.iceServersCame(time)
      this.#settle(entry)
    }
  }

  /** The peer says that in its session. */
  heard(time: Time, peer: KeyId, bytes: Uint8Array): void {
    const signal = tryDecode(() => decodeDirectSignal(bytes))
    if (signal === undefined) return
    const entry = this.#peers.get(peer)
    if (entry === undefined || entry.sessions.size === 0) return
    const mayOffer = entry.direct.heard(time, signal, () => this.#refusal(time, entry))
    if (mayOffer) entry.direct.begin(time)
    this.#settle(entry)
  }

  /** Whether the link that was asked for last is still wanted. */
  awaitsLink(peer: KeyId): boolean {
    return this.#peers.get(peer)?.direct.awaitsLink === true
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

  paired(link: LinkId, pair: CandidatePair): void {
    if (this.#byLink.has(link)) this.#pairs.set(link, pair)
  }

  pairOf(link: LinkId): CandidatePair | undefined {
    return this.#pairs.get(link)
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
    this.#pairs.delete(link)
    entry.direct.closed(time, link)
    if (entry.sessions.size === 0) entry.direct.giveUp()
    this.#settle(entry)
  }

  stop(): void {
    this.#peers.clear()
    this.#byLink.clear()
    this.#pairs.clear()
    this.#effects.clear()
  }

  timeout(time: Time): void {
    for (const key of this.#deadlines.takeAllExpired(time.now)) {
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
    const direct = new DirectPeer(this.#config, peer, now, {
      push: effect => this.#effects.push(effect),
      takeAttempt: at => this.#attempts.take(at, peer),
      mayReplace: () => this.#config.isAllowed(peer) && this.#mayCreate(entry),
    })
    const entry: Entry = { direct, sessions: new Set(), isDialed: false, idleAt: undefined }
    this.#peers.set(peer, entry)
    return entry
  }

  /** The higher key leaves it to the other one to begin, and asks only if it does not. */
  #soon({ now }: Time, entry: Entry): void {
    if (!this.#mayTry(entry)) return
    const { retry, isOfferer } = entry.direct
    retry.schedule(isOfferer ? now : now + RTC_ASK_AFTER_MS)
  }

  #mayTry({ direct, sessions }: Entry): boolean {
    const { hasLinkTo, isAllowed } = this.#config
    return sessions.size > 0 && !direct.isTrying && isAllowed(direct.key) && !hasLinkTo(direct.key)
  }

  #onTime(time: Time, entry: Entry): void {
    const { direct } = entry
    direct.timeout(time)
    const { at } = direct.retry
    if (at !== undefined && at <= time.now) this.#try(time, entry)
    if (entry.idleAt !== undefined && entry.idleAt <= time.now) this.#judgeIdle(time, entry)
    this.#settle(entry)
  }

  #try(time: Time, entry: Entry): void {
    const { direct } = entry
    const { key, isOfferer, retry } = direct
    retry.stop()
    if (!this.#mayTry(entry)) return
    if (isOfferer && !this.#attempts.take(time.now, key)) retry.failed(time.now, 'tooSoon')
    else if (this.#hasRoom(time, entry)) direct.begin(time)
    else retry.failed(time.now, 'full')
  }

  #judgeIdle({ now }: Time, entry: Entry): void {
    entry.idleAt = isOfUse(entry.direct, this.#config) ? now + RTC_IDLE_MS : undefined
    if (entry.idleAt === undefined) entry.direct.closeLink()
  }

  /** Makes room, if that is what it takes. */
  #refusal(time: Time, entry: Entry): DirectRefusal | undefined {
    const { direct } = entry
    if (!this.#config.isAllowed(direct.key)) return 'mode'
    const mayHave = direct.takesPlace ? this.#mayCreate(entry) : this.#hasRoom(time, entry)
    return mayHave ? undefined : 'busy'
  }

  /** Whether one more can be made, if need be in place of the one that was out of use the longest and is not pinned. */
  #hasRoom({ now }: Time, entry: Entry): boolean {
    if (!this.#mayCreate(entry)) return false
    const peers = [...this.#peers.values()].map(({ direct }) => direct)
    const { taken, spare } = placesOf(peers, now, this.#config)
    if (taken < RTC_MAX_CONNECTIONS - (entry.isDialed ? 0 : RTC_PLACES_FOR_OWN_DIALS)) return true
    const leaving = spare && this.#peers.get(spare.key)
    if (leaving === undefined) return false
    leaving.direct.closeLink()
    this.#settle(leaving)
    return true
  }

  /** A new one in the place of another counts as well. */
  #mayCreate({ isDialed }: Entry): boolean {
    return this.#created < this.#config.maxCreated - (isDialed ? 0 : RTC_CREATED_FOR_OWN_DIALS)
  }

  /** Keeps the deadline of that peer, or forgets it: nothing is held for it any more. */
  #settle(entry: Entry): void {
    const { direct, sessions, idleAt } = entry
    if (sessions.size === 0 && !direct.takesPlace) {
      this.#peers.delete(direct.key)
      this.#deadlines.delete(direct.key)
      return
    }
    const next = earliest(direct.nextTimeout(), idleAt)
    if (next === undefined) this.#deadlines.delete(direct.key)
    else this.#deadlines.set(direct.key, next)
  }
}
