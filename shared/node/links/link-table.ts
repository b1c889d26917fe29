// The links of one node, by id: makes the Link machines, feeds them, and keeps their deadlines in one
// heap. Knows nothing of what travels in the frames.

import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import type { ResponderSteps } from '../../link/handshake-state.ts'
import type {
  LinkConfig,
  LinkEffect,
  LinkInput,
  LinkPeer,
  LinkSide,
  ResponderSide,
} from '../../link/link.ts'
import { Link } from '../../link/link.ts'
import type { LinkId } from '../../link/link-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import type { CloseReason } from '../../wire/close-code.ts'
import { LINK_AUTH_TIMEOUT_MS, RTC_OPEN_TIMEOUT_MS } from '../../wire/limits.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { AcceptedChannel, DialedChannel, DialOptions, NetworkName } from '../host.ts'
import type { RtcOptions } from '../rtc-host.ts'
import type { AwaitedLink } from './link-side.ts'
import { sideOf } from './link-side.ts'
import type { LinkEvent, LinkTableEffect } from './link-table-types.ts'
import type { LinkKind, Traffic } from './link-uses.ts'
import { LinkUses } from './link-uses.ts'
import { LinksByKey } from './links-by-key.ts'

interface LiveEntry {
  readonly kind: 'live'
  readonly machine: Link
  readonly isInitiator: boolean
  readonly network: NetworkName | undefined
  readonly isRtc: boolean
  readonly traffic: Traffic
  peer: KeyId | undefined
  wakeAt: number | undefined
}

type Entry = AwaitedLink | LiveEntry

export class LinkTable {
  readonly uses = new LinkUses()
  readonly #config: LinkConfig
  readonly #answer: (channel: AcceptedChannel) => ResponderSide | undefined
  readonly #entries = new Map<LinkId, Entry>()
  readonly #byKey = new LinksByKey()
  readonly #deadlines = new DeadlineHeap<LinkId>()
  readonly #effects = new EffectQueue<LinkTableEffect>()
  #nextId = 1

  /** @param answer our side of a link that somebody opened to us; `undefined` on nodes that accept none */
  constructor(config: LinkConfig, answer: (channel: AcceptedChannel) => ResponderSide | undefined) {
    this.#config = config
    this.#answer = answer
  }

  get size(): number {
    return this.#entries.size
  }

  /** Starts to dial a server; ends in `open` or `closed`. */
  dial(time: Time, url: ServerUrl, { isUntrusted }: DialOptions): LinkId {
    const link = this.#newId()
    this.#entries.set(link, { kind: 'dialing', url })
    this.#deadlines.set(link, time.now + LINK_AUTH_TIMEOUT_MS)
    this.#effects.push({ kind: 'dialLink', link, url, isUntrusted })
    return link
  }

  /**
   * Starts to make a WebRTC connection with that key, whose host has to hear of it; ends in `open` or `closed`.
   * @param steps of the side that did not offer
   */
  openRtc(time: Time, peer: KeyId, options: RtcOptions, steps: ResponderSteps): LinkId {
    const link = this.#newId()
    this.#entries.set(link, {
      kind: 'connecting',
      peer: publicKeyOf(peer),
      steps: options.isOfferer ? undefined : steps,
    })
    this.#deadlines.set(link, time.now + RTC_OPEN_TIMEOUT_MS)
    this.#effects.push({ kind: 'openRtc', link, options })
    return link
  }

  /** The id for a channel that somebody opened to us. */
  newIncomingId(): LinkId {
    return this.#newId()
  }

  /** What a host tells of its channels; ids that are gone are ignored, as late events are normal. */
  handle(time: Time, input: LinkEvent): void {
    switch (input.kind) {
      case 'linkMessage':
        this.feed(time, input.link, { kind: 'message', bytes: input.bytes })
        return
      case 'linkFull':
        this.feed(time, input.link, { kind: 'full' })
        return
      case 'linkWritable':
        this.feed(time, input.link, { kind: 'writable' })
        return
      case 'linkLost':
        this.feed(time, input.link, { kind: 'lost', reason: input.reason })
        return
      case 'linkOpened':
        this.#opened(time, input.link, input.channel)
        return
      case 'linkAccepted':
        this.#accepted(time, input.link, input.channel)
    }
  }

  feed(time: Time, link: LinkId, input: LinkInput): void {
    const entry = this.#entries.get(link)
    if (entry === undefined) return
    if (entry.kind !== 'live') {
      this.#feedAwaited(link, input)
      return
    }
    if (input.kind === 'message') entry.traffic.receivedBytes += input.bytes.length
    entry.machine.handle(time, input)
    this.#drain(time, link, entry)
  }

  timeout(time: Time): void {
    for (const link of this.#deadlines.takeAllExpired(time.now)) {
      const entry = this.#entries.get(link)
      if (entry?.kind === 'live') entry.wakeAt = undefined
      this.feed(time, link, { kind: 'timeout' })
    }
  }

  /** The network changed, or this host slept: what is dead without a word is found out soon. */
  doubtAll(time: Time): void {
    for (const link of [...this.#entries.keys()]) this.feed(time, link, { kind: 'doubt' })
  }

  closeAll(time: Time, reason: CloseReason, retryAfterMs: number | undefined): void {
    for (const link of [...this.#entries.keys()]) {
      this.feed(
        time,
        link,
        retryAfterMs === undefined
          ? { kind: 'close', reason }
          : { kind: 'close', reason, retryAfterMs },
      )
    }
  }

  peerOf(link: LinkId): KeyId | undefined {
    const entry = this.#entries.get(link)
    return entry?.kind === 'live' ? entry.peer : undefined
  }

  /** Open links to that key, the oldest first. */
  linksTo(key: KeyId): readonly LinkId[] {
    return this.#byKey.of(key)
  }

  poll(): LinkTableEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return this.#deadlines.next()
  }

  #newId(): LinkId {
    return this.#nextId++ as LinkId
  }

  #accepted(time: Time, link: LinkId, channel: AcceptedChannel): void {
    const side = this.#answer(channel)
    if (side === undefined) {
      this.#effects.push({ kind: 'closeLink', link, reason: 'refused' })
      return
    }
    this.#begin(time, link, side, channel)
  }

  #opened(time: Time, link: LinkId, channel: DialedChannel): void {
    const entry = this.#entries.get(link)
    if (entry === undefined || entry.kind === 'live') return
    const side = sideOf(this.#config.suite, entry, channel)
    if (side === undefined) {
      this.#feedAwaited(link, { kind: 'close', reason: 'unauthenticated' })
      return
    }
    this.#deadlines.delete(link)
    this.#begin(time, link, side, channel, entry.kind === 'connecting')
  }

  #begin(
    time: Time,
    link: LinkId,
    side: LinkSide,
    { network }: DialedChannel | AcceptedChannel,
    isRtc = false,
  ): void {
    this.#entries.set(link, {
      kind: 'live',
      machine: new Link(this.#config, side, time),
      isInitiator: side.role === 'initiator',
      network,
      isRtc,
      traffic: { sentBytes: 0, receivedBytes: 0 },
      peer: undefined,
      wakeAt: undefined,
    })
    this.feed(time, link, { kind: 'opened' })
  }

  #feedAwaited(link: LinkId, input: LinkInput): void {
    if (input.kind === 'lost') this.#ended(link, input.reason, 'transport', undefined, undefined)
    else if (input.kind === 'close') this.#ended(link, input.reason, 'local', undefined, undefined)
    else if (input.kind === 'timeout') this.#ended(link, 'timeout', 'local', undefined, undefined)
  }

  #drain(time: Time, link: LinkId, entry: LiveEntry): void {
    for (let effect = entry.machine.poll(); effect !== undefined; effect = entry.machine.poll()) {
      this.#apply(time, link, entry, effect)
    }
    const next = entry.machine.nextTimeout()
    if (next === entry.wakeAt || !this.#entries.has(link)) return
    entry.wakeAt = next
    if (next === undefined) this.#deadlines.delete(link)
    else this.#deadlines.set(link, next)
  }

  #apply(time: Time, link: LinkId, entry: LiveEntry, effect: LinkEffect): void {
    switch (effect.kind) {
      case 'transmit':
        entry.traffic.sentBytes += effect.bytes.length
        this.#effects.push({ kind: 'transmit', link, bytes: effect.bytes })
        return
      case 'frame':
        this.#effects.push({ kind: 'frame', link, type: effect.type, bytes: effect.bytes })
        return
      case 'open':
        this.#loggedIn(time, link, entry, effect.peer)
        this.#effects.push({
          kind: 'open',
          link,
          peer: effect.peer,
          isInitiator: entry.isInitiator,
          welcome: effect.welcome,
          network: entry.network,
        })
        return
      case 'pause':
      case 'resume':
        this.#effects.push({ kind: effect.kind, link })
        return
      case 'rtt':
        this.#effects.push({ kind: 'rtt', link, ms: effect.ms })
        return
      case 'closed':
        this.#ended(link, effect.reason, effect.side, effect.hint, effect.retryAfterMs)
    }
  }

  #ended(
    link: LinkId,
    reason: CloseReason,
    side: 'local' | 'remote' | 'transport',
    hint: string | undefined,
    retryAfterMs: number | undefined,
  ): void {
    const peer = this.peerOf(link)
    if (peer !== undefined) this.#byKey.remove(peer, link)
    this.uses.remove(link)
    this.#entries.delete(link)
    this.#deadlines.delete(link)
    if (side !== 'transport') this.#effects.push({ kind: 'closeLink', link, reason })
    this.#effects.push({ kind: 'closed', link, reason, hint, retryAfterMs })
  }

  #loggedIn(time: Time, link: LinkId, entry: LiveEntry, { keyId: key, type }: LinkPeer): void {
    const { isRtc, isInitiator, traffic } = entry
    entry.peer = key
    const kind: LinkKind = isRtc ? 'rtc' : type
    this.uses.add(link, { key, kind, isInitiator, openedAt: time.now, traffic })
    const oldest = this.#byKey.add(key, link)
    if (oldest !== undefined) this.feed(time, oldest, { kind: 'close', reason: 'replaced' })
  }
}
