// What a node makes of its neighbours on the LAN (docs/PROTOCOL.md 12): servers are for its parent to attach to,
// clients are linked directly once somebody wants to reach them, and those that relay at once. A direct link leads to
// that one peer by a circuit without relays, and over one that relays to whom that one is linked. Discovery itself is
// lan.ts.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { Time } from '../../machine/machine.ts'
import { TokenBucket } from '../../machine/token-bucket.ts'
import {
  MAX_DIRECT_LINKS,
  MAX_NEIGHBOURS,
  NEIGHBOUR_BEACONS_BURST,
  NEIGHBOUR_BEACONS_PER_S,
  ROUTES_NEIGHBOURS_ASKED,
} from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { decodeRecord, verifyRecord } from '../../wire/record.ts'
import { readRecordBody } from '../../wire/registry-bodies.ts'
import { decodePush } from '../../wire/rpc-messages.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { LinkRtts } from '../links/link-rtts.ts'
import { liveOnionKey } from '../onion-key-choice.ts'
import type { EntryServer } from '../peers/peer-context.ts'
import type { LookedUp } from '../registry/lookups.ts'
import type { LinkedNeighbour } from '../relay/linked-neighbour.ts'
import { isRelaying } from '../relay/linked-neighbour.ts'
import type { RouteSource } from '../routes/route-queries.ts'
import type { HeardDatagram, Lan, LanConfig, Neighbour } from './lan.ts'
import { RelayLinks } from './relay-links.ts'

export type LanSideEffect =
  | { readonly kind: 'sendBeacon'; readonly bytes: Uint8Array }
  /** The parent dials and answers with `dialing`. */
  | { readonly kind: 'dial'; readonly neighbour: KeyId; readonly url: ServerUrl }
  /** A server is near. */
  | { readonly kind: 'server'; readonly key: KeyId; readonly url: ServerUrl }
  /** A direct link is open: one more way. */
  | { readonly kind: 'linked' }
  | LookedUp

type LanSideConfig = Pick<LanConfig, 'suite' | 'net'>

interface Direct {
  readonly key: KeyId
  readonly url: ServerUrl | undefined
  isOpen: boolean
  /** Bounds the signatures that are checked of what it tells of itself. */
  readonly checks: TokenBucket
}

const CHECK_RATE = { perSecond: NEIGHBOUR_BEACONS_PER_S, burst: NEIGHBOUR_BEACONS_BURST }

export class LanSide {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #lan: Lan
  readonly #rtts: LinkRtts
  /** Links between us and neighbours, whoever dialed; the one named last counts. */
  readonly #direct = new Map<LinkId, Direct>()
  readonly #linkOf = new Map<KeyId, LinkId>()
  /** Of these, those that we dialed: only they count toward the cap, or neighbours could use it up. */
  #dialed = 0
  /** Dials that the parent is asked for and has not begun. */
  readonly #begun = new Set<KeyId>()
  /** What neighbours told of themselves over links, or were told of by others: verified. */
  readonly #records = new LruMap<KeyId, SignedRecord>(MAX_NEIGHBOURS)
  /** Neighbours that somebody wants to reach. */
  readonly #wanted = new LruMap<KeyId, true>(MAX_DIRECT_LINKS)
  readonly #relayLinks = new RelayLinks()
  readonly #effects = new EffectQueue<LanSideEffect>()

  constructor({ suite, net }: LanSideConfig, lan: Lan, rtts: LinkRtts) {
    this.#suite = suite
    this.#net = net
    this.#lan = lan
    this.#rtts = rtts
  }

  /** @param port where neighbours may dial us; `undefined` when nowhere */
  open(time: Time, port: number | undefined): void {
    this.#lan.start(time, port)
    this.#drain(time)
  }

  stop(): void {
    this.#lan.stop()
    this.#relayLinks.stop()
    this.#effects.clear()
  }

  networkChanged(time: Time): void {
    this.#lan.networkChanged(time)
    this.#drain(time)
  }

  heard(time: Time, datagram: HeardDatagram): void {
    this.#lan.heard(time, datagram)
    this.#drain(time)
  }

  /** Somebody wants to reach that key: if it is a neighbour, a link to it is opened. */
  want(key: KeyId): void {
    this.#wanted.set(key, true)
    const neighbour = this.#lan.neighbour(key)
    if (neighbour !== undefined) this.#dial(neighbour)
  }

  dialing({ now }: Time, key: KeyId, link: LinkId, url: ServerUrl): void {
    this.#dialed += 1
    this.#begun.delete(key)
    const checks = new TokenBucket(CHECK_RATE, now)
    this.#direct.set(link, { key, url, isOpen: false, checks })
    this.#linkOf.set(key, link)
  }

  /** @returns whether the link is one of ours that we dialed */
  opened(time: Time, link: LinkId, record: Uint8Array | undefined): boolean {
    const direct = this.#direct.get(link)
    if (direct === undefined) return false
    direct.isOpen = true
    this.#told(time, direct, record && tryDecode(() => decodeRecord(record.slice())))
    this.#effects.push({ kind: 'linked' })
    return true
  }

  /** A neighbour opened a link to us. */
  accepted(time: Time, link: LinkId, key: KeyId): void {
    const checks = new TokenBucket(CHECK_RATE, time.now)
    const direct: Direct = { key, url: undefined, isOpen: true, checks }
    this.#direct.set(link, direct)
    this.#linkOf.set(key, link)
    this.#told(time, direct, this.#lan.neighbour(key)?.record)
    this.#effects.push({ kind: 'linked' })
  }

  closed(time: Time, link: LinkId): void {
    const direct = this.#direct.get(link)
    if (direct === undefined) return
    const { key, url, isOpen } = direct
    this.#direct.delete(link)
    if (url !== undefined) this.#dialed -= 1
    if (this.#linkOf.get(key) === link) this.#linkOf.delete(key)
    if (!isOpen && url !== undefined) this.#lan.unreachable(key, url)
    this.#relayLinks.lost(time.now, key)
    this.#drain(time)
  }

  /** A neighbour says something unasked: of itself, if it is of use. */
  pushed(time: Time, link: LinkId, frame: Uint8Array): void {
    const direct = this.#direct.get(link)
    const record = tryDecode(() => {
      const { method, body } = decodePush(frame)
      // A copy: the received bytes are a view into a larger network buffer.
      return method === 'record' ? decodeRecord(readRecordBody(body).slice()) : undefined
    })
    if (direct !== undefined && this.#told(time, direct, record)) {
      this.#effects.push({ kind: 'linked' })
    }
  }

  /** Others know that record, which was verified: of a neighbour, or of whom a neighbour leads to. */
  learn(signed: SignedRecord): void {
    const key = keyIdOf(signed.record.key)
    const known = this.#records.get(key)
    if (known === undefined || known.record.seq < signed.record.seq) this.#records.set(key, signed)
  }

  hasLinkTo(key: KeyId): boolean {
    const link = this.#linkOf.get(key)
    return link !== undefined && this.#direct.get(link)?.isOpen === true
  }

  /** Whose link that is, if a neighbour's. */
  keyOf(link: LinkId): KeyId | undefined {
    return this.#direct.get(link)?.key
  }

  /** Whom there are open links to, each key once. */
  linked(): LinkedNeighbour[] {
    const linked: LinkedNeighbour[] = []
    for (const [key, link] of this.#linkOf) {
      if (this.#direct.get(link)?.isOpen !== true) continue
      linked.push({ key, link, rttMs: this.#rtts.of(link), record: this.#records.get(key) })
    }
    return linked
  }

  /** Neighbours that circuits can go on over, the nearest first. */
  relays({ unixMs }: Time): EntryServer[] {
    return this.#relaying().flatMap(({ key, record }) => {
      const onionKey = record && liveOnionKey(record.record, unixMs)
      return onionKey === undefined ? [] : [{ key, hop: { id: publicKeyOf(key), onionKey } }]
    })
  }

  /** Whom to ask for routes. */
  routeSources(): RouteSource[] {
    const nearest = this.#relaying().slice(0, ROUTES_NEIGHBOURS_ASKED)
    return nearest.map(({ key, link }) => ({ key, link, isServer: false }))
  }

  /** What a neighbour says of itself is the first news of a lookup that our servers are asked for as well. */
  joinLookup(time: Time, lookup: number, key: KeyId, peer: KeyId): void {
    const near = this.hasLinkTo(key) ? this.#lan.neighbour(key)?.record : undefined
    const signed = this.#verified(time, key, this.#records.get(key) ?? near)
    if (signed === undefined) return
    this.#effects.push({
      kind: 'lookedUp',
      lookup,
      owner: { kind: 'dial', peer },
      result: { kind: 'record', signed },
      servers: [],
      isFinal: false,
    })
  }

  timeout(time: Time): void {
    this.#lan.timeout(time)
    this.#drain(time)
  }

  nextTimeout(): number | undefined {
    return earliest(this.#lan.nextTimeout(), this.#relayLinks.nextTimeout())
  }

  poll(): LanSideEffect | undefined {
    return this.#effects.shift()
  }

  #drain(time: Time): void {
    for (let effect = this.#lan.poll(); effect !== undefined; effect = this.#lan.poll()) {
      if (effect.kind === 'sendBeacon') this.#effects.push(effect)
      else if (effect.kind === 'neighbour') this.#met(time, effect.neighbour)
    }
    const isLinked = (key: KeyId): boolean => this.#linkOf.has(key)
    const relays = this.#relayLinks.due(time.now, this.#lan.neighbours(), isLinked)
    for (const relay of relays) this.#dial(relay)
  }

  #met(time: Time, neighbour: Neighbour): void {
    const { key, type, url, record } = neighbour
    const link = this.#linkOf.get(key)
    const direct = link === undefined ? undefined : this.#direct.get(link)
    if (direct !== undefined) this.#told(time, direct, record)
    if (type === 'server') this.#effects.push({ kind: 'server', key, url })
    else if (this.#wanted.has(key)) this.#dial(neighbour)
  }

  #dial({ key, type, url }: Neighbour): void {
    const isFull = this.#dialed >= MAX_DIRECT_LINKS
    const isKnown = this.#linkOf.has(key) || this.#begun.has(key)
    if (type !== 'client' || isKnown || isFull) return
    this.#begun.add(key)
    this.#effects.push({ kind: 'dial', neighbour: key, url })
  }

  /** What a linked neighbour says of itself. @returns whether it is news, and true */
  #told({ now, unixMs }: Time, { key, checks }: Direct, signed: SignedRecord | undefined): boolean {
    const isNews = signed !== undefined && signed.record.seq > this.#seqOf(key)
    if (!isNews || !checks.take(now)) return false
    const verified = this.#verified({ now, unixMs }, key, signed)
    if (verified !== undefined) this.#records.set(key, verified)
    return verified !== undefined
  }

  #seqOf(key: KeyId): number {
    return this.#records.peek(key)?.record.seq ?? -1
  }

  #relaying(): LinkedNeighbour[] {
    const rttOf = ({ rttMs }: LinkedNeighbour): number => rttMs ?? Number.POSITIVE_INFINITY
    return this.linked()
      .filter(isRelaying)
      .sort((a, b) => rttOf(a) - rttOf(b))
  }

  #verified(
    { unixMs }: Time,
    key: KeyId,
    signed: SignedRecord | undefined,
  ): SignedRecord | undefined {
    if (signed === undefined) return undefined
    const expectation = { unixMs, net: this.#net, expectedKey: publicKeyOf(key) }
    return verifyRecord(this.#suite, signed, expectation) === 'valid' ? signed : undefined
  }
}
