// What a node makes of its neighbours on the LAN (docs/PROTOCOL.md 12): servers are for its parent to attach to,
// clients are linked directly once somebody wants to reach them, and those that relay at once. Discovery itself is
// lan.ts, and what open links are good for is neighbours/neighbour-links.ts.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { Time } from '../../machine/machine.ts'
import { MAX_DIRECT_LINKS } from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { NeighbourLinks } from '../neighbours/neighbour-links.ts'
import type { HeardDatagram, Lan, Neighbour } from './lan.ts'
import { RelayLinks } from './relay-links.ts'

export type LanSideEffect =
  | { readonly kind: 'sendBeacon'; readonly bytes: Uint8Array }
  /** The parent dials and answers with `dialing`. */
  | { readonly kind: 'dial'; readonly neighbour: KeyId; readonly url: ServerUrl }
  /** A server is near. */
  | { readonly kind: 'server'; readonly key: KeyId; readonly url: ServerUrl }

interface Dialed {
  readonly key: KeyId
  readonly url: ServerUrl
  isOpen: boolean
}

export class LanSide {
  readonly #lan: Lan
  readonly #neighbours: NeighbourLinks
  /** Only links that we dialed count toward the cap, or neighbours could use it up. */
  readonly #dialed = new Map<LinkId, Dialed>()
  /** Dials that the parent is asked for and has not begun. */
  readonly #begun = new Set<KeyId>()
  /** Neighbours that somebody wants to reach. */
  readonly #wanted = new LruMap<KeyId, true>(MAX_DIRECT_LINKS)
  readonly #relayLinks = new RelayLinks()
  readonly #effects = new EffectQueue<LanSideEffect>()

  /** @param neighbours where the open links are kept */
  constructor(lan: Lan, neighbours: NeighbourLinks) {
    this.#lan = lan
    this.#neighbours = neighbours
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

  dialing(key: KeyId, link: LinkId, url: ServerUrl): void {
    this.#begun.delete(key)
    this.#dialed.set(link, { key, url, isOpen: false })
  }

  /** @returns whether the link is one that we dialed */
  opened(link: LinkId): boolean {
    const dialed = this.#dialed.get(link)
    if (dialed !== undefined) dialed.isOpen = true
    return dialed !== undefined
  }

  /** A link to a neighbour ended, or one that we dialed was not opened. */
  closed(time: Time, link: LinkId, key: KeyId | undefined): void {
    const dialed = this.#dialed.get(link)
    this.#dialed.delete(link)
    if (dialed?.isOpen === false) this.#lan.unreachable(dialed.key, dialed.url)
    const lost = dialed?.key ?? key
    if (lost === undefined) return
    this.#relayLinks.lost(time.now, lost)
    this.#drain(time)
  }

  /** What was heard of that neighbour. */
  recordOf(key: KeyId): SignedRecord | undefined {
    return this.#lan.neighbour(key)?.record
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
    const isLinked = (key: KeyId): boolean => this.#isLinked(key)
    const relays = this.#relayLinks.due(time.now, this.#lan.neighbours(), isLinked)
    for (const relay of relays) this.#dial(relay)
  }

  #met(time: Time, neighbour: Neighbour): void {
    const { key, type, url, record } = neighbour
    this.#neighbours.told(time, key, record)
    if (type === 'server') this.#effects.push({ kind: 'server', key, url })
    else if (this.#wanted.has(key)) this.#dial(neighbour)
  }

  #dial({ key, type, url }: Neighbour): void {
    const isFull = this.#dialed.size >= MAX_DIRECT_LINKS
    if (type !== 'client' || isFull || this.#begun.has(key) || this.#isLinked(key)) return
    this.#begun.add(key)
    this.#effects.push({ kind: 'dial', neighbour: key, url })
  }

  #isLinked(key: KeyId): boolean {
    if (this.#neighbours.hasLinkTo(key)) return true
    for (const dialed of this.#dialed.values()) {
      if (dialed.key === key) return true
    }
    return false
  }
}
