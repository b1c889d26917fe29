// The open links between us and other clients, on the LAN (lan/) or by WebRTC (direct/), whoever opened them
// (docs/PROTOCOL.md 9, 12). One leads to that client by a circuit without relays and, if it relays, to whom that one is
// linked. Opens nothing and closes nothing.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { Time } from '../../machine/machine.ts'
import { TokenBucket } from '../../machine/token-bucket.ts'
import {
  MAX_NEIGHBOURS,
  NEIGHBOUR_BEACONS_BURST,
  NEIGHBOUR_BEACONS_PER_S,
  ROUTES_NEIGHBOURS_ASKED,
} from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { decodeRecord, verifyRecord } from '../../wire/record.ts'
import { readRecordBody } from '../../wire/registry-bodies.ts'
import { decodePush } from '../../wire/rpc-messages.ts'
import type { LinkRtts } from '../links/link-rtts.ts'
import { liveOnionKey } from '../onion-key-choice.ts'
import type { EntryServer } from '../peers/peer-context.ts'
import type { LookedUp } from '../registry/lookups.ts'
import type { RouteSource } from '../routes/route-queries.ts'
import type { LinkedNeighbour } from './linked-neighbour.ts'
import { isRelaying } from './linked-neighbour.ts'

export type NeighbourLinksEffect =
  /** There is one more way, or one that leads further than before. */
  { readonly kind: 'linked'; readonly key: KeyId } | LookedUp

export interface NeighbourLinksConfig {
  readonly suite: CryptoSuite
  /** The network's id. */
  readonly net: Uint8Array
  /** Of all links, as they are measured. */
  readonly rtts: LinkRtts
}

interface OpenLink {
  readonly key: KeyId
  /** Bounds the signatures that are checked of what it tells of itself. */
  readonly checks: TokenBucket
}

const CHECK_RATE = { perSecond: NEIGHBOUR_BEACONS_PER_S, burst: NEIGHBOUR_BEACONS_BURST }

export class NeighbourLinks {
  readonly #config: NeighbourLinksConfig
  /** Of several links to one key, the one opened last counts. */
  readonly #open = new Map<LinkId, OpenLink>()
  readonly #linkOf = new Map<KeyId, LinkId>()
  /** What neighbours told of themselves over links, or were told of by others: verified. */
  readonly #records = new LruMap<KeyId, SignedRecord>(MAX_NEIGHBOURS)
  readonly #effects = new EffectQueue<NeighbourLinksEffect>()

  constructor(config: NeighbourLinksConfig) {
    this.#config = config
  }

  /** @param record what it said of itself as the link was opened */
  opened(time: Time, link: LinkId, key: KeyId, record: Uint8Array | undefined): void {
    this.#open.set(link, { key, checks: new TokenBucket(CHECK_RATE, time.now) })
    this.#linkOf.set(key, link)
    if (record !== undefined) {
      // A copy: the received bytes are a view into a larger network buffer.
      this.told(
        time,
        key,
        tryDecode(() => decodeRecord(record.slice())),
      )
    }
    this.#effects.push({ kind: 'linked', key })
  }

  /** Harmless for other links. */
  closed(link: LinkId): void {
    const open = this.#open.get(link)
    if (open === undefined) return
    this.#open.delete(link)
    if (this.#linkOf.get(open.key) !== link) return
    this.#linkOf.delete(open.key)
    for (const [other, { key }] of this.#open) {
      if (key === open.key) this.#linkOf.set(key, other)
    }
  }

  /** A neighbour says something unasked: of itself, if it is of use. */
  pushed(time: Time, link: LinkId, frame: Uint8Array): void {
    const key = this.keyOf(link)
    const record = tryDecode(() => {
      const { method, body } = decodePush(frame)
      return method === 'record' ? decodeRecord(readRecordBody(body).slice()) : undefined
    })
    if (key !== undefined && this.told(time, key, record))
      this.#effects.push({ kind: 'linked', key })
  }

  /** What a linked neighbour says of itself. @returns whether it is news, and true */
  told({ now, unixMs }: Time, key: KeyId, signed: SignedRecord | undefined): boolean {
    const link = this.#linkOf.get(key)
    const checks = link === undefined ? undefined : this.#open.get(link)?.checks
    const isNews = signed !== undefined && signed.record.seq > this.#seqOf(key)
    if (!isNews || checks?.take(now) !== true) return false
    const verified = this.#verified({ now, unixMs }, key, signed)
    if (verified !== undefined) this.#records.set(key, verified)
    return verified !== undefined
  }

  /** Others know that record, which was verified: of a neighbour, or of whom a neighbour leads to. */
  learn(signed: SignedRecord): void {
    const key = keyIdOf(signed.record.key)
    if (this.#seqOf(key) < signed.record.seq) this.#records.set(key, signed)
  }

  hasLinkTo(key: KeyId): boolean {
    return this.#linkOf.has(key)
  }

  /** Whose link that is, if a neighbour's. */
  keyOf(link: LinkId): KeyId | undefined {
    return this.#open.get(link)?.key
  }

  /** Each key once. */
  linked(): LinkedNeighbour[] {
    const { rtts } = this.#config
    return [...this.#linkOf].map(([key, link]) => ({
      key,
      link,
      rttMs: rtts.of(link),
      record: this.#records.get(key),
    }))
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
    const signed = this.#verified(time, key, this.#records.get(key))
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

  poll(): NeighbourLinksEffect | undefined {
    return this.#effects.shift()
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
    const { suite, net } = this.#config
    const expectation = { unixMs, net, expectedKey: publicKeyOf(key) }
    return verifyRecord(suite, signed, expectation) === 'valid' ? signed : undefined
  }
}
