// What a node makes of its neighbours on the LAN (docs/PROTOCOL.md 12): servers are for its parent to attach to,
// clients are linked directly once somebody wants to reach them. A direct link leads to that one peer, by a
// circuit without relays. Discovery itself is lan.ts.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { Time } from '../../machine/machine.ts'
import { MAX_DIRECT_LINKS, MAX_NEIGHBOURS } from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { decodeRecord, verifyRecord } from '../../wire/record.ts'
import type { LookedUp } from '../lookups.ts'
import type { ServerUrl } from '../server-url.ts'
import type { HeardDatagram, Lan, Neighbour } from './lan.ts'

export type LanSideEffect =
  | { readonly kind: 'sendBeacon'; readonly bytes: Uint8Array }
  /** The parent dials and answers with `dialing`. */
  | { readonly kind: 'dial'; readonly neighbour: KeyId; readonly url: ServerUrl }
  /** A server is near. */
  | { readonly kind: 'server'; readonly key: KeyId; readonly url: ServerUrl }
  /** A direct link is open: one more way. */
  | { readonly kind: 'linked' }
  | LookedUp

interface Direct {
  readonly key: KeyId
  readonly url: ServerUrl | undefined
  isOpen: boolean
}

export class LanSide {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #lan: Lan
  /** Links between us and neighbours, whoever dialed; the one named last counts. */
  readonly #direct = new Map<LinkId, Direct>()
  readonly #linkOf = new Map<KeyId, LinkId>()
  /** Of these, those that we dialed: only they count toward the cap, or neighbours could use it up. */
  #dialed = 0
  /** What neighbours told of themselves when they were dialed. */
  readonly #records = new LruMap<KeyId, SignedRecord>(MAX_NEIGHBOURS)
  /** Neighbours that somebody wants to reach. */
  readonly #wanted = new LruMap<KeyId, true>(MAX_DIRECT_LINKS)
  readonly #effects = new EffectQueue<LanSideEffect>()

  constructor(suite: CryptoSuite, net: Uint8Array, lan: Lan) {
    this.#suite = suite
    this.#net = net
    this.#lan = lan
  }

  /** @param port where neighbours may dial us; `undefined` when nowhere */
  open(time: Time, port: number | undefined): void {
    this.#lan.start(time, port)
    this.#drain()
  }

  stop(): void {
    this.#lan.stop()
    this.#effects.clear()
  }

  networkChanged(time: Time): void {
    this.#lan.networkChanged(time)
    this.#drain()
  }

  heard(time: Time, datagram: HeardDatagram): void {
    this.#lan.heard(time, datagram)
    this.#drain()
  }

  /** Somebody wants to reach that key: if it is a neighbour, a link to it is opened. */
  want(key: KeyId): void {
    this.#wanted.set(key, true)
    const neighbour = this.#lan.neighbour(key)
    if (neighbour !== undefined) this.#dial(neighbour)
  }

  dialing(key: KeyId, link: LinkId, url: ServerUrl): void {
    this.#dialed += 1
    this.#direct.set(link, { key, url, isOpen: false })
    this.#linkOf.set(key, link)
  }

  /** @returns whether the link is one of ours that we dialed */
  opened(time: Time, link: LinkId, record: Uint8Array | undefined): boolean {
    const direct = this.#direct.get(link)
    if (direct === undefined) return false
    direct.isOpen = true
    const own = record && tryDecode(() => decodeRecord(record))
    const signed = this.#verified(time, direct.key, own)
    if (signed !== undefined) this.#records.set(direct.key, signed)
    this.#effects.push({ kind: 'linked' })
    return true
  }

  /** A neighbour opened a link to us. */
  accepted(link: LinkId, key: KeyId): void {
    this.#direct.set(link, { key, url: undefined, isOpen: true })
    this.#linkOf.set(key, link)
    this.#effects.push({ kind: 'linked' })
  }

  closed(link: LinkId): void {
    const direct = this.#direct.get(link)
    if (direct === undefined) return
    this.#direct.delete(link)
    if (direct.url !== undefined) this.#dialed -= 1
    if (this.#linkOf.get(direct.key) === link) this.#linkOf.delete(direct.key)
    if (!direct.isOpen && direct.url !== undefined) this.#lan.unreachable(direct.key, direct.url)
    this.#drain()
  }

  hasLinkTo(key: KeyId): boolean {
    const link = this.#linkOf.get(key)
    return link !== undefined && this.#direct.get(link)?.isOpen === true
  }

  /** What a neighbour says of itself is the first news of a lookup that our servers are asked for as well. */
  joinLookup(time: Time, lookup: number, key: KeyId, peer: KeyId): void {
    const record = this.#records.get(key) ?? this.#lan.neighbour(key)?.record
    const signed = this.hasLinkTo(key) ? this.#verified(time, key, record) : undefined
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
    this.#drain()
  }

  nextTimeout(): number | undefined {
    return this.#lan.nextTimeout()
  }

  poll(): LanSideEffect | undefined {
    return this.#effects.shift()
  }

  #drain(): void {
    for (let effect = this.#lan.poll(); effect !== undefined; effect = this.#lan.poll()) {
      if (effect.kind === 'sendBeacon') this.#effects.push(effect)
      else if (effect.kind === 'neighbour') this.#met(effect.neighbour)
    }
  }

  #met(neighbour: Neighbour): void {
    const { key, type, url } = neighbour
    if (type === 'server') this.#effects.push({ kind: 'server', key, url })
    else if (this.#wanted.has(key)) this.#dial(neighbour)
  }

  #dial({ key, type, url }: Neighbour): void {
    const isFull = this.#dialed >= MAX_DIRECT_LINKS
    if (type !== 'client' || this.#linkOf.has(key) || isFull) return
    this.#effects.push({ kind: 'dial', neighbour: key, url })
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
