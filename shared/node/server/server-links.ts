// The links between this server and others (docs/PROTOCOL.md 4): dialed on demand, and which of them a request
// goes over. A server counts as proven once we reached it at its address ourselves; of two links between two
// servers, one opened by each, that of the lower key stays. Knows no method and no circuit.

import type { Contact } from '../../dht/contact.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import { SERVER_CALL_TIMEOUT_MS } from '../../wire/limits.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf } from '../address/server-url.ts'
import type { ClosedLink } from '../homes/attachments.ts'
import { LinksByKey } from '../links/links-by-key.ts'
import { RpcClient } from '../registry/rpc-client.ts'
import { OpenedLinks } from './opened-links.ts'
import type { LinkNews, Reached } from './server-addresses.ts'
import { ServerAddresses } from './server-addresses.ts'
import type { Dial, ServerCall } from './server-dials.ts'
import { ServerDials, TRUSTED_DIAL } from './server-dials.ts'
import type { ClosedHere, ServerLinksEffect } from './server-links-effects.ts'
import type { ServerRequest } from './server-request.ts'

export type { ServerAnswer, ServerLinksEffect } from './server-links-effects.ts'

export interface ServerLinksConfig {
  readonly ownKey: KeyId
  /** Whether addresses without TLS are dialed too: a lab, or an operator who allowed it. */
  readonly allowsPlain: boolean
  /** Whether circuits run over the link: then it stays. */
  readonly isCarrying: (link: LinkId) => boolean
}

const NO_SERVER: ClosedLink = { reason: 'refused', hint: undefined, retryAfterMs: undefined }
const NOT_DIALED: ClosedLink = { reason: 'unreachable', hint: undefined, retryAfterMs: undefined }

export class ServerLinks {
  readonly #config: ServerLinksConfig
  readonly #rpc = new RpcClient<ServerRequest>()
  readonly #dials = new ServerDials()
  readonly #addresses: ServerAddresses
  readonly #outbound: OpenedLinks
  /** Links that servers opened to us. */
  readonly #inbound = new LinksByKey()
  /** Of all these links. */
  readonly #keyOf = new Map<LinkId, KeyId>()
  /** When our own links end whose other ends opened one too; in that order, as all wait equally long. */
  readonly #surplus = new Map<KeyId, number>()
  readonly #effects = new EffectQueue<ServerLinksEffect>()

  constructor(config: ServerLinksConfig) {
    this.#config = config
    this.#addresses = new ServerAddresses(config.allowsPlain)
    this.#outbound = new OpenedLinks(config.isCarrying)
  }

  /** Asks a server; ends in one `answer` or `unanswered` effect within SERVER_CALL_TIMEOUT_MS. */
  call(time: Time, contact: Contact, call: ServerCall): void {
    const link = this.#linkTo(time.now, contact.key)
    if (link === undefined) this.#callByDial(time, contact, call)
    else this.tell(time, link, call)
  }

  /** Asks over a link that is open; ends as `call` does. */
  tell(time: Time, link: LinkId, call: ServerCall, timeoutMs = SERVER_CALL_TIMEOUT_MS): void {
    const { method, body, owner } = call
    this.#rpc.request(time, link, method, body, owner, timeoutMs)
    this.#drainRpc()
  }

  /** Makes sure of a link to it, whoever opens it: ends in `reached` or `unreachable` where there is none. */
  reach(time: Time, contact: Contact): void {
    if (this.#linkTo(time.now, contact.key) === undefined) this.#dial(time, contact)
  }

  /** Whether it answers at that very address: ends in `reached` or `unreachable`. */
  check(time: Time, contact: Contact): void {
    const proof = this.#proofOf(time.now, contact.key, contact.url)
    if (proof !== undefined)
      this.#effects.push({ kind: 'reached', reached: proof, newLink: undefined })
    else this.#dial(time, contact)
  }

  /** That address may be private, whoever tells of it. */
  trust(url: ServerUrl): void {
    this.#addresses.trust(originOf(url))
  }

  /** Checks at an address whose owner we trust; its key need not be known. */
  dialTrusted(time: Time, url: ServerUrl, key: KeyId | undefined): void {
    const origin = originOf(url)
    this.trust(url)
    const proof = key === undefined ? undefined : this.#proofOf(time.now, key, origin)
    if (proof !== undefined)
      this.#effects.push({ kind: 'reached', reached: proof, newLink: undefined })
    else this.#begin(time, this.#dials.open(url, key, TRUSTED_DIAL), origin, key)
  }

  /** The same at those that the operator gave, with a key or without. */
  dialSeeds(time: Time, urls: readonly ServerUrl[]): void {
    for (const url of urls) this.dialTrusted(time, url, url.key && keyIdOf(url.key))
  }

  dialing(id: number, link: LinkId): void {
    this.#dials.dialing(id, link)
  }

  hasLinkTo(key: KeyId): boolean {
    return this.#outbound.has(key) || this.#inbound.of(key).length > 0
  }

  /** A dial of it failed there a moment ago. */
  hasFailed(now: number, contact: Contact): boolean {
    return this.#addresses.hasFailed(now, contact)
  }

  /** The other side uses that link. */
  used(now: number, link: LinkId): void {
    const key = this.#keyOf.get(link)
    if (key !== undefined && this.#outbound.linkOf(key) === link) this.#outbound.use(now, key)
  }

  /** A link that we dialed is open. */
  opened(time: Time, link: LinkId, key: KeyId, news: LinkNews): void {
    const dial = this.#dials.take(link)
    if (dial === undefined) return
    const { url } = dial
    const before = this.#outbound.use(time.now, key)
    if (before === undefined) this.#keep(time.now, link, key)
    // The address was to be proven, no more: circuits may run over the link that is there.
    else this.#close([link])
    const reached = { key, url, ...news }
    this.#addresses.reached(time.now, reached)
    const newLink = before === undefined ? link : undefined
    this.#effects.push({ kind: 'reached', reached, newLink })
    if (dial.calls.size > 0) this.#outbound.use(time.now, key)
    for (const call of dial.calls) {
      this.tell(time, before ?? link, call, Math.max(0, call.untilMs - time.now))
    }
    this.#startDials(time)
  }

  /** A link that we dialed is open, but not to a server. */
  refuse(time: Time, link: LinkId): void {
    this.closed(time, link, NO_SERVER)
    this.#close([link], 'refused')
  }

  /** A server opened a link to us. */
  accepted(time: Time, link: LinkId, key: KeyId): void {
    this.#inbound.add(key, link)
    this.#keyOf.set(link, key)
    this.#markSurplus(time.now, key)
  }

  closed(time: Time, link: LinkId, closed: ClosedLink): void {
    const dial = this.#dials.take(link)
    if (dial !== undefined) this.#dialFailed(time, dial, closed)
    const key = this.#keyOf.get(link)
    if (key === undefined) return
    this.#keyOf.delete(link)
    this.#outbound.remove(key, link)
    this.#inbound.remove(key, link)
    this.#rpc.linkDown(link)
    this.#drainRpc()
  }

  response(link: LinkId, bytes: Uint8Array): void {
    this.#rpc.onResponse(link, bytes)
    this.#drainRpc()
  }

  timeout(time: Time): void {
    for (const { owner } of this.#dials.takeExpiredCalls(time.now)) {
      this.#effects.push({ kind: 'unanswered', owner })
    }
    this.#rpc.timeout(time)
    this.#close(this.#dials.overdue(time.now), 'timeout')
    this.#close(this.#outbound.takeIdle(time.now))
    this.#close(this.#takeSurplus(time.now))
    this.#drainRpc()
  }

  poll(): ServerLinksEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return earliest(
      this.#dials.nextTimeout(),
      this.#rpc.nextTimeout(),
      this.#outbound.nextTimeout(),
      this.#surplus.values().next().value,
    )
  }

  #callByDial(time: Time, contact: Contact, call: ServerCall): void {
    const dial = this.hasFailed(time.now, contact) ? undefined : this.#dialTo(contact)
    const isWaiting = dial !== undefined && this.#dials.wait(time.now, dial, call)
    if (!isWaiting) this.#effects.push({ kind: 'unanswered', owner: call.owner })
    this.#startDials(time)
  }

  /** An open link to use now: of several the one that will stay. */
  #linkTo(now: number, key: KeyId): LinkId | undefined {
    const inbound = this.#inbound.of(key).at(-1)
    if (inbound !== undefined && this.#isTheirs(key)) return inbound
    return this.#outbound.use(now, key) ?? inbound
  }

  #proofOf(now: number, key: KeyId, origin: string): Reached | undefined {
    return this.hasLinkTo(key) ? this.#addresses.proofOf(now, key, origin) : undefined
  }

  /** @returns `undefined` for an address that is not dialed, or with too many dials already */
  #dialTo(contact: Contact): Dial | undefined {
    const dialable = this.#addresses.dialable(contact)
    if (dialable === undefined) return undefined
    return this.#dials.open(dialable.url, contact.key, dialable)
  }

  #dial(time: Time, contact: Contact): void {
    this.#begin(time, this.#dialTo(contact), contact.url, contact.key)
  }

  #begin(time: Time, dial: Dial | undefined, origin: string, key: KeyId | undefined): void {
    if (dial !== undefined) this.#dials.need(dial)
    else this.#tellUnreachable(origin, key)
    this.#startDials(time)
  }

  #startDials({ now }: Time): void {
    for (let dial = this.#dials.next(now); dial !== undefined; dial = this.#dials.next(now)) {
      const { id, url, isUntrusted } = dial
      this.#effects.push({ kind: 'dial', dial: id, url, isUntrusted })
    }
  }

  #dialFailed(time: Time, { key, url, calls }: Dial, closed: ClosedLink): void {
    const origin = originOf(url)
    this.#addresses.failed(time.now, origin, key)
    for (const { owner } of calls) this.#effects.push({ kind: 'unanswered', owner })
    this.#tellUnreachable(origin, key, closed)
    this.#startDials(time)
  }

  #keep(now: number, link: LinkId, key: KeyId): void {
    this.#keyOf.set(link, key)
    this.#close(this.#outbound.add(now, key, link))
    this.#markSurplus(now, key)
  }

  /** Of two links the one to stay is that which the other side opened. */
  #isTheirs(key: KeyId): boolean {
    return key < this.#config.ownKey
  }

  /** Answers may still be under way on the link that is to go. */
  #markSurplus(now: number, key: KeyId): void {
    const isDoubled = this.#outbound.has(key) && this.#inbound.of(key).length > 0
    if (!isDoubled || !this.#isTheirs(key) || this.#surplus.has(key)) return
    this.#surplus.set(key, now + SERVER_CALL_TIMEOUT_MS)
  }

  #takeSurplus(now: number): LinkId[] {
    const links: LinkId[] = []
    for (const [key, atMs] of this.#surplus) {
      if (atMs > now) break
      this.#surplus.delete(key)
      const link = this.#outbound.linkOf(key)
      const isDoubled = link !== undefined && this.#inbound.of(key).length > 0
      if (isDoubled && !this.#config.isCarrying(link)) links.push(link)
    }
    return links
  }

  /** @param closed absent where it was not even dialed: an address of no use, or too many dials at once */
  #tellUnreachable(origin: string, key: KeyId | undefined, closed = NOT_DIALED): void {
    this.#effects.push({ kind: 'unreachable', origin, key, closed })
  }

  #close(links: readonly LinkId[], reason: ClosedHere = 'normal'): void {
    for (const link of links) this.#effects.push({ kind: 'close', link, reason })
  }

  #drainRpc(): void {
    for (let effect = this.#rpc.poll(); effect !== undefined; effect = this.#rpc.poll()) {
      this.#effects.push(effect)
    }
  }
}
