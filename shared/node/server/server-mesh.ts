// A server among servers (docs/PROTOCOL.md 4): joins the DHT to the links, proves servers by reaching them,
// tells them who we are, and finds the way to a server that a circuit is to go on to. Serves no clients.

import type { Contact, DhtId } from '../../dht/contact.ts'
import type { CallAnswer, DhtEffect, QueryId } from '../../dht/dht.ts'
import { Dht } from '../../dht/dht.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { dhtIdOf, keyIdOf } from '../../identity/node-id.ts'
import type { LinkPeer } from '../../link/link.ts'
import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { Time } from '../../machine/machine.ts'
import { DHT_K, MAX_REMEMBERED_SERVERS, SERVER_DIAL_TIMEOUT_MS } from '../../wire/limits.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { recordBody } from '../../wire/registry-bodies.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf } from '../address/server-url.ts'
import type { ClosedLink } from '../homes/attachments.ts'
import type { NetworkName } from '../host.ts'
import type { OwnRecord } from '../registry/own-record.ts'
import type { NetworkView } from './joining.ts'
import { Joining } from './joining.ts'
import { Reaching } from './reaching.ts'
import type { Reached } from './server-addresses.ts'
import type { ServerCall } from './server-dials.ts'
import type { ServerAnswer, ServerLinksEffect } from './server-links.ts'
import { ServerLinks } from './server-links.ts'
import { ServerLives } from './server-lives.ts'
import type { ServerMeshConfig, ServerMeshEffect } from './server-mesh-types.ts'
import { ServerRecords } from './server-records.ts'
import type { OwnRequest, ServerRequest } from './server-request.ts'

export class ServerMesh {
  readonly dht: Dht
  readonly records: ServerRecords
  readonly #config: ServerMeshConfig
  readonly #ownRecord: OwnRecord
  readonly #links: ServerLinks
  readonly #joining: Joining
  readonly #proven = new LruMap<KeyId, true>(MAX_REMEMBERED_SERVERS)
  readonly #lives = new ServerLives()
  readonly #reaching: Reaching
  readonly #effects = new EffectQueue<ServerMeshEffect>()

  constructor(config: ServerMeshConfig, ownRecord: OwnRecord, time: Time) {
    const { suite, random, net, join, allowsPlainDials, isCarrying } = config
    const ownKey = keyIdOf(ownRecord.publicKey)
    this.#config = config
    this.#ownRecord = ownRecord
    this.dht = new Dht({ suite, random, net, publicKey: ownRecord.publicKey }, time)
    this.records = new ServerRecords(suite, net)
    this.#links = new ServerLinks({ ownKey, allowsPlain: allowsPlainDials, isCarrying })
    // Before anything is dialed: what earlier lives knew may lie at the very same addresses.
    for (const url of join) this.#links.trust(url)
    this.#joining = new Joining(join, random)
    this.#reaching = new Reaching(
      {
        contact: (at, key) => this.contact(at, key),
        find: (at, key) => this.dht.find(at, key),
        hasLinkTo: key => this.#links.hasLinkTo(key),
        dial: (at, contact) => this.#links.reach(at, contact),
        noLink: server => this.#effects.push({ kind: 'noLink', server }),
      },
      time.now,
    )
  }

  get view(): NetworkView {
    return this.#joining.view
  }

  start(time: Time): void {
    this.dht.awaitOthers(time, time.now + SERVER_DIAL_TIMEOUT_MS)
    this.#links.dialSeeds(time, this.#joining.start())
    this.#stopIfAlone(time)
    this.drain(time)
  }

  /** Signed records of servers, near to a key and at random: what one that comes is told of the network. */
  sample(publicKey: Uint8Array, count: number): Uint8Array[] {
    return this.dht.sample(dhtIdOf(this.#config.suite, publicKey), count)
  }

  /** A server on our own network: its address may be private. */
  learnNeighbour(time: Time, url: ServerUrl, key: KeyId): void {
    this.#links.dialTrusted(time, url, key)
    this.drain(time)
  }

  dialing(dial: number, link: LinkId): void {
    this.#links.dialing(dial, link)
  }

  isProven(key: KeyId): boolean {
    return this.#proven.has(key)
  }

  /** A link that we dialed is open. */
  linkOpened(
    time: Time,
    link: LinkId,
    { keyId, type }: LinkPeer,
    welcome: Welcome,
    network: NetworkName | undefined,
  ): void {
    if (type === 'server') {
      const { record, sample } = welcome
      const signed = record && this.#learn(time, keyId, record)
      this.#links.opened(time, link, keyId, { network, record: signed?.bytes })
      // Others' word about others: whoever knows few dials them before anything else is done with them.
      const sampled = this.dht.size.contacts < DHT_K ? sample : []
      this.dht.hint(
        time,
        sampled.flatMap(bytes => this.records.contactOfBytes(bytes) ?? []),
      )
    } else this.#links.refuse(time, link)
    this.drain(time)
  }

  /** A server opened a link to us. */
  linkAccepted(time: Time, link: LinkId, key: KeyId): void {
    this.#links.accepted(time, link, key)
  }

  linkClosed(time: Time, link: LinkId, closed: ClosedLink): void {
    this.#links.closed(time, link, closed)
    this.drain(time)
  }

  /** The server at the other end uses that link. */
  used(time: Time, link: LinkId): void {
    this.#links.used(time.now, link)
  }

  response(time: Time, link: LinkId, bytes: Uint8Array): void {
    this.#links.response(link, bytes)
    this.drain(time)
  }

  /** A server told us over its own link who it is: one more to reach. @returns whether that is valid */
  introduced(time: Time, key: KeyId, record: Uint8Array): boolean {
    const signed = this.#learn(time, key, record)
    const contact = signed && this.records.contactOf(signed)
    if (contact !== undefined && !this.#proven.has(key)) {
      // Whoever says that it is a server makes us dial where it says, but not without end.
      if (!this.#links.hasFailed(time.now, contact)) this.#links.check(time, contact)
      this.dht.hint(time, [contact])
    }
    this.drain(time)
    return signed !== undefined
  }

  /** A circuit is to go on to that key: opens a link to it if it is a server; ends in `noLink` if not. */
  reach(time: Time, key: KeyId): void {
    this.#reaching.reach(time, key)
    this.drain(time)
  }

  /** Looks a server up that will be needed in a moment. */
  prefetch(time: Time, key: KeyId): void {
    if (this.dht.size.contacts > 0) this.#reaching.prefetch(time, key)
  }

  /** Ends in a final `found`. */
  find(time: Time, key: KeyId): QueryId {
    return this.dht.find(time, key)
  }

  /** The servers nearest to a place that we have reached ourselves. */
  closest(place: DhtId, count: number): Contact[] {
    return this.dht.closest(place, count)
  }

  contact(time: Time, key: KeyId): Contact | undefined {
    return this.dht.contact(key) ?? this.records.contact(time.unixMs, key)
  }

  /** Asks a server for something of our clients'; ends in `answered`. */
  ask(time: Time, contact: Contact, call: ServerCall & { readonly owner: OwnRequest }): void {
    this.#links.call(time, contact, call)
    this.drain(time)
  }

  timeout(time: Time): void {
    this.#links.timeout(time)
    this.dht.timeout(time)
    const isAlone = this.dht.size.contacts === 0
    this.#links.dialSeeds(time, this.#joining.takeDue(time, isAlone))
    if (this.#joining.takeLookAround(time)) this.dht.bootstrap(time)
    this.drain(time)
  }

  poll(): ServerMeshEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return earliest(this.#links.nextTimeout(), this.dht.nextTimeout(), this.#joining.nextTimeout())
  }

  /** Also after the parent called into `dht` itself. */
  drain(time: Time): void {
    for (;;) {
      const link = this.#links.poll()
      if (link !== undefined) {
        this.#onLinks(time, link)
        continue
      }
      const dht = this.dht.poll()
      if (dht === undefined) break
      this.#onDht(time, dht)
    }
    const view = this.#joining.look(time, this.dht.size.contacts)
    if (view !== undefined) this.#effects.push({ kind: 'network', view })
  }

  /** What a server says of itself. @returns the record, if it is valid */
  #learn(time: Time, key: KeyId, bytes: Uint8Array): SignedRecord | undefined {
    const signed = this.records.learnBytes(time.unixMs, key, bytes)
    if (signed && this.#lives.isReborn(key, signed.record)) this.dht.reborn(time, key)
    return signed
  }

  #onLinks(time: Time, effect: ServerLinksEffect): void {
    switch (effect.kind) {
      case 'answer':
        this.#onAnswer(time, effect.owner, this.#fromNetwork(effect))
        return
      case 'unanswered':
        this.#onAnswer(time, effect.owner, { kind: 'noAnswer' })
        return
      case 'reached':
        this.#reached(time, effect.reached, effect.newLink)
        return
      case 'unreachable':
        this.#joining.failed(time, effect.origin, effect.key, effect.closed)
        if (effect.key !== undefined) {
          this.dht.unreachable(time, effect.key)
          this.#reaching.unreachable(effect.key, effect.origin)
        }
        this.#stopIfAlone(time)
        return
      default:
        this.#effects.push(effect)
    }
  }

  #fromNetwork({ link, answer }: ServerAnswer): CallAnswer {
    return answer.kind === 'ok' ? { ...answer, network: this.#config.networkOf(link) } : answer
  }

  #onAnswer(time: Time, owner: ServerRequest, answer: CallAnswer): void {
    if (owner.kind === 'dht') this.dht.answer(time, owner.call, answer)
    else if (owner.kind !== 'announce') {
      const body = answer.kind === 'ok' ? answer.body : undefined
      this.#effects.push({ kind: 'answered', owner, body })
    }
  }

  #onDht(time: Time, effect: DhtEffect): void {
    switch (effect.kind) {
      case 'call': {
        const { contact, method, body, call } = effect
        this.#links.call(time, contact, { method, body, owner: { kind: 'dht', call } })
        return
      }
      case 'check':
        this.#links.check(time, effect.contact)
        return
      case 'found':
        if (effect.value?.kind === 'record') this.records.learn(effect.value.signed)
        this.#reaching.found(time, effect.query, effect.isFinal)
        this.#effects.push(effect)
        return
      default:
        this.#effects.push(effect)
    }
  }

  #reached(time: Time, { key, url, network, record }: Reached, newLink: LinkId | undefined): void {
    const isNews = !this.#proven.has(key)
    this.#proven.set(key, true)
    this.#reaching.reached(key)
    this.#joining.reached(originOf(url))
    this.dht.verified(time, this.records.contactAt(key, url), network, record)
    if (isNews) this.#effects.push({ kind: 'proven', server: key })
    if (newLink === undefined) return
    const body = recordBody(this.#ownRecord.take(time).bytes)
    this.#links.tell(time, newLink, { method: 'publish', body, owner: { kind: 'announce' } })
  }

  /** Nothing is left that could lead to others: what is looked for need not wait for them. */
  #stopIfAlone(time: Time): void {
    if (this.#joining.hasFailed && !this.dht.isChecking) this.dht.awaitOthers(time, undefined)
  }
}
