// Telling of changes to a key (docs/PROTOCOL.md 3.6, `watch`): who asked hears of newer values kept here and of
// the key's coming and going here. For clients this server also follows the key elsewhere: at the servers its
// record names, and at holders of the record. What another server says is told to clients only.

import type { CborMap } from '../../bytes/cbor.ts'
import { equalBytes } from '../../bytes/equal.ts'
import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { Contact } from '../../dht/contact.ts'
import type { QueryId } from '../../dht/dht.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { dhtIdOf, keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import { TokenBuckets } from '../../machine/token-buckets.ts'
import {
  FOLLOW_HOMES,
  FOLLOW_SERVERS,
  MAX_REMEMBERED_SERVERS,
  TOLD_VALUES_BURST,
  TOLD_VALUES_PER_S,
} from '../../wire/limits.ts'
import type { Presence } from '../../wire/registry-bodies.ts'
import { readFindAnswer, readPresenceBody, watchBody } from '../../wire/registry-bodies.ts'
import type { RegistryValue, ValueBytes } from '../../wire/registry-value.ts'
import { decodeValue, verifyValue } from '../../wire/registry-value.ts'
import { decodePush } from '../../wire/rpc-messages.ts'
import type { NetworkName } from '../host.ts'
import type { Attendance } from './attendance.ts'
import { FollowedKeys } from './followed-keys.ts'
import type { KeyNews } from './pushes.ts'
import { presencePush } from './pushes.ts'
import type { ServerMesh } from './server-mesh.ts'
import { Subscriptions } from './subscriptions.ts'

const TOLD_RATE = { perSecond: TOLD_VALUES_PER_S, burst: TOLD_VALUES_BURST }

export type WatchingEffect =
  | { readonly kind: 'sendFrame'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'misbehaved'; readonly link: LinkId }

export interface WatchingConfig {
  readonly suite: CryptoSuite
  readonly net: Uint8Array
  /** This server's. */
  readonly publicKey: Uint8Array
  /** Whether the other end of a link is a server: it follows elsewhere by itself. */
  readonly isServer: (link: LinkId) => boolean
}

/** What of the registry is needed here. */
export type WatchingMesh = Pick<ServerMesh, 'ask' | 'contact' | 'prefetch' | 'find' | 'closest'>

export class Watching {
  readonly #config: WatchingConfig
  readonly #mesh: WatchingMesh
  readonly #attendance: Attendance
  readonly #subscriptions = new Subscriptions()
  readonly #followed: FollowedKeys
  /** What each server may still tell that costs a signature. */
  readonly #told = new TokenBuckets<KeyId>(TOLD_RATE, MAX_REMEMBERED_SERVERS)
  /** Lookups of followed keys. */
  readonly #queries = new Map<QueryId, KeyId>()
  readonly #effects = new EffectQueue<WatchingEffect>()

  constructor(config: WatchingConfig, mesh: WatchingMesh, attendance: Attendance, { now }: Time) {
    this.#config = config
    this.#mesh = mesh
    this.#attendance = attendance
    this.#followed = new FollowedKeys(now)
  }

  /** @returns `false` when there are too many watches, of that link, of its network, or in all */
  watch(time: Time, link: LinkId, key: KeyId, network?: NetworkName): boolean {
    if (!this.#subscriptions.add(time.now, link, key, network)) return false
    if (!this.#config.isServer(link)) this.#followed.follow(time.now, key)
    return true
  }

  unwatch(link: LinkId, key: KeyId): void {
    this.#subscriptions.remove(link, key)
    this.#forgetUnwanted([key])
  }

  /** @param server who was at the other end, if it was a server */
  linkClosed(time: Time, link: LinkId, server: KeyId | undefined): void {
    this.#forgetUnwanted(this.#subscriptions.linkClosed(link))
    if (server !== undefined) this.#followed.serverLost(time.now, server)
  }

  /** The best that is known of a followed key, from elsewhere. */
  valueOf(key: KeyId): RegistryValue | undefined {
    return this.#followed.valueOf(key)
  }

  /** Whether the registry was asked for a followed key, and has answered. */
  isLookedUp(key: KeyId): boolean {
    return this.#followed.isLookedUp(key)
  }

  /** Whether the key is attached, for whoever is at the other end of that link; `undefined` where nobody has said. */
  isOnline(link: LinkId, key: KeyId, value: RegistryValue | undefined): boolean | undefined {
    if (!this.#config.isServer(link)) return this.#isOnlineAnywhere(key, value)
    if (this.#attendance.isHere(key)) return true
    return this.#namesUs(value) ? false : undefined
  }

  /** A newer value of the key is kept here. */
  changed(time: Time, key: KeyId, value: RegistryValue): void {
    this.#learned(time, key, value)
    this.#push(key, { value }, this.#subscriptions.linksOf(key))
  }

  /** The key came to this server, or went. */
  attendanceChanged(key: KeyId, isOnline: boolean): void {
    const links = this.#subscriptions.linksOf(key)
    this.#push(key, { isOnline }, links.filter(this.#config.isServer))
    this.#pushOnline(key, this.#isOnlineAnywhere(key, this.#followed.valueOf(key)))
  }

  /** A lookup of a followed key ended: now its servers are asked to tell us of changes. */
  found(time: Time, query: QueryId, value: RegistryValue | undefined): void {
    const key = this.#queries.get(query)
    if (key === undefined) return
    this.#queries.delete(query)
    this.#followed.lookedUp(key)
    if (value !== undefined) this.#learnedElsewhere(time, key, value)
    this.#ask(time, key)
  }

  /** What a server answered our watch, if it did. */
  watched(time: Time, key: KeyId, server: KeyId, body: CborMap | undefined): void {
    const answer = body && tryDecode(() => readFindAnswer(body))
    if (answer !== undefined) {
      this.#heard(time, key, server, answer.value, answer.isOnline)
    } else {
      // What cannot be reached at its own server is not online there.
      const isHome = this.#homesOf(this.#followed.valueOf(key)).includes(server)
      const isGone = isHome || this.#followed.saidBy(key, server) === true
      if (isGone) this.#heard(time, key, server, undefined, false)
    }
  }

  /** A server tells of a key that we watch there. */
  pushed(time: Time, link: LinkId, server: KeyId, frame: Uint8Array): void {
    const push = tryDecode(() => decodePush(frame))
    if (push !== undefined && push.method !== 'presence') return
    const news: Presence | undefined = push && tryDecode(() => readPresenceBody(push.body))
    if (news === undefined) this.#effects.push({ kind: 'misbehaved', link })
    else {
      const key = keyIdOf(news.key)
      const isOnline = news.isOnline ?? this.#followed.saidBy(key, server)
      this.#heard(time, key, server, news.value, isOnline)
    }
  }

  timeout(time: Time): void {
    this.#forgetUnwanted(this.#subscriptions.timeout(time.now))
    for (let due = this.#followed.takeDue(time.now); due; due = this.#followed.takeDue(time.now)) {
      if (due.needsLookup) this.#queries.set(this.#mesh.find(time, due.key), due.key)
      else this.#ask(time, due.key)
    }
  }

  poll(): WatchingEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return earliest(this.#subscriptions.nextTimeout(), this.#followed.nextTimeout())
  }

  /** Keys that no client is left for are not followed for the sake of servers. */
  #forgetUnwanted(keys: readonly KeyId[]): void {
    for (const key of keys) if (this.#clientsOf(key).length === 0) this.#followed.forget(key)
  }

  #ask(time: Time, key: KeyId): void {
    const contacts = this.#serversFor(time, key)
    const servers = contacts.map(contact => contact.key)
    this.#followed.asks(key, servers)
    const body = watchBody(publicKeyOf(key))
    for (const contact of contacts) {
      const owner = { kind: 'watch', key, server: contact.key } as const
      this.#mesh.ask(time, contact, { method: 'watch', body, owner })
    }
  }

  /** Those that the record names see the key come and go; holders see its record change. */
  #serversFor(time: Time, key: KeyId): Contact[] {
    const contacts = new Map<KeyId, Contact>()
    for (const home of this.#homesOf(this.#followed.valueOf(key)).slice(0, FOLLOW_HOMES)) {
      const contact = this.#mesh.contact(time, home)
      if (contact !== undefined) contacts.set(home, contact)
      else {
        this.#mesh.prefetch(time, home)
        this.#followed.retry(time.now, key)
      }
    }
    const place = dhtIdOf(this.#config.suite, publicKeyOf(key))
    for (const holder of this.#mesh.closest(place, FOLLOW_SERVERS)) {
      if (contacts.size >= FOLLOW_SERVERS) break
      contacts.set(holder.key, holder)
    }
    return [...contacts.values()]
  }

  #heard(
    time: Time,
    key: KeyId,
    server: KeyId,
    bytes: ValueBytes | undefined,
    isOnline: boolean | undefined,
  ): void {
    // Who was not asked has no say, and costs no signature.
    if (!this.#followed.isAsked(key, server)) return
    const value = bytes && this.#verified(time, key, server, bytes)
    if (value !== undefined) this.#learnedElsewhere(time, key, value)
    const known = this.#followed.valueOf(key)
    const before = this.#isOnlineAnywhere(key, known)
    this.#followed.told(key, server, isOnline)
    const after = this.#isOnlineAnywhere(key, known)
    if (after !== before) this.#pushOnline(key, after)
  }

  #learnedElsewhere(time: Time, key: KeyId, value: RegistryValue): void {
    if (this.#learned(time, key, value)) this.#push(key, { value }, this.#clientsOf(key))
  }

  /** @returns whether it is news. Where the key is at other servers now, these are asked at once. */
  #learned({ now }: Time, key: KeyId, value: RegistryValue): boolean {
    const before = this.#homesOf(this.#followed.valueOf(key))
    if (!this.#followed.learned(key, value)) return false
    if (this.#homesOf(value).some(home => !before.includes(home))) this.#followed.hurry(now, key)
    return true
  }

  /** Only what would be news is worth its signature, and of one server not without end. */
  #verified(
    { now, unixMs }: Time,
    key: KeyId,
    server: KeyId,
    { kind, bytes }: ValueBytes,
  ): RegistryValue | undefined {
    const { suite, net } = this.#config
    // A copy: the received bytes are a view into a larger network buffer.
    const value = tryDecode(() => decodeValue({ kind, bytes: bytes.slice() }))
    if (value === undefined || !this.#followed.wouldLearn(key, value)) return undefined
    if (!this.#told.take(now, server)) return undefined
    const verdict = verifyValue(suite, value, { unixMs, net, expectedKey: publicKeyOf(key) })
    return verdict === 'valid' ? value : undefined
  }

  /** By our own word and those of the servers that we ask; `undefined` while one that should know has not spoken. */
  #isOnlineAnywhere(key: KeyId, value: RegistryValue | undefined): boolean | undefined {
    if (this.#attendance.isHere(key)) return true
    const words = this.#followed.said(key)
    if (words.includes(true)) return true
    if (!words.includes(false) && !this.#namesUs(value)) return undefined
    const isAwaited = (home: KeyId): boolean =>
      this.#followed.isAsked(key, home) && this.#followed.saidBy(key, home) === undefined
    return this.#homesOf(value).some(isAwaited) ? undefined : false
  }

  #namesUs(value: RegistryValue | undefined): boolean {
    if (value?.kind !== 'record') return false
    return value.signed.record.servers.some(key => equalBytes(key, this.#config.publicKey))
  }

  /** The other servers that a record names. */
  #homesOf(value: RegistryValue | undefined): KeyId[] {
    if (value?.kind !== 'record') return []
    const others = value.signed.record.servers.filter(
      key => !equalBytes(key, this.#config.publicKey),
    )
    return others.map(keyIdOf)
  }

  #clientsOf(key: KeyId): LinkId[] {
    return this.#subscriptions.linksOf(key).filter(link => !this.#config.isServer(link))
  }

  #pushOnline(key: KeyId, isOnline: boolean | undefined): void {
    if (isOnline !== undefined) this.#push(key, { isOnline }, this.#clientsOf(key))
  }

  #push(key: KeyId, news: KeyNews, links: readonly LinkId[]): void {
    if (links.length === 0) return
    const bytes = presencePush(key, news)
    for (const link of links) this.#effects.push({ kind: 'sendFrame', link, bytes })
  }
}
