// A client's side of its servers: keeps the links to them (attachments.ts) and what is asked over these
// (registry-client.ts), and knows the record of each, which circuits start from.

import { DecodeError } from '../../bytes/decode-error.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { LinkPeer } from '../../link/link.ts'
import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import type { FrameType } from '../../wire/frame-type.ts'
import { FRAME } from '../../wire/frame-type.ts'
import { ROUTES_SERVERS_ASKED } from '../../wire/limits.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { QuotaNotice } from '../../wire/registry-bodies.ts'
import { readQuotaBody, readRecordBody } from '../../wire/registry-bodies.ts'
import { decodePush } from '../../wire/rpc-messages.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { AttachmentView } from '../effects.ts'
import type { Failure } from '../mesh-error.ts'
import type { EntryServer, ServerPort } from '../peers/peer-context.ts'
import type { LookupOwner } from '../registry/lookups.ts'
import type { OwnRecord } from '../registry/own-record.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RouteSource } from '../routes/route-queries.ts'
import type { IceServer } from '../rtc-host.ts'
import type { ClosedLink } from './attachments.ts'
import { Attachments } from './attachments.ts'
import type { HomeServersConfig, HomeServersEffect } from './home-servers-types.ts'
import { SampleSchedule } from './sample-schedule.ts'
import { serversInSample } from './server-discovery.ts'
import { ServerFacts, stunUrl } from './server-facts.ts'

export type { HomeServersConfig, HomeServersEffect } from './home-servers-types.ts'

export class HomeServers implements ServerPort {
  readonly #config: HomeServersConfig
  readonly #attachments: Attachments
  readonly #registry: RegistryClient
  readonly #facts: ServerFacts
  readonly #samples: SampleSchedule
  readonly #effects = new EffectQueue<HomeServersEffect>()

  constructor(config: HomeServersConfig, ownRecord: OwnRecord) {
    const { suite, net, servers, random } = config
    this.#config = config
    this.#attachments = new Attachments(servers, random)
    this.#registry = new RegistryClient(config, ownRecord, this.#attachments)
    this.#facts = new ServerFacts(suite, net)
    this.#samples = new SampleSchedule(random)
  }

  start(): void {
    this.#attachments.start()
    this.#drain()
  }

  nudge(time: Time): void {
    this.#attachments.nudge(time)
    this.#drain()
  }

  /** Tells of a server that is tried while there are too few: one on this network, or one by hearsay. */
  learn(url: ServerUrl, { isLan }: { readonly isLan: boolean }): void {
    this.#attachments.learn({ url, isUntrusted: !isLan })
    this.#drain()
  }

  stop(): void {
    this.#attachments.stop()
    this.#facts.clear()
  }

  dialing(index: number, link: LinkId): void {
    this.#attachments.dialing(index, link)
    this.#drain()
  }

  linkOpened(time: Time, link: LinkId, peer: LinkPeer, welcome: Welcome): void {
    if (!this.#attachments.opened(time, link, peer.keyId)) return
    const { record, sample } = welcome
    const url = this.#attachments.urlOf(link)
    this.#facts.opened(link, peer.keyId, url && stunUrl(url, welcome.stunPort))
    if (record !== undefined) this.#trying(link, () => this.#showed(time, link, record))
    this.#effects.push({ kind: 'attached' })
    this.#registry.linkOpened(time)
    this.#effects.push({ kind: 'sampled', source: peer.keyId, records: sample })
    this.#discover(time, link, sample)
    this.#lookForMore(time)
    this.#drain()
  }

  linkClosed(time: Time, link: LinkId, closed: ClosedLink): void {
    if (!this.#facts.closed(link) && !this.#attachments.knows(link)) return
    this.#attachments.closed(time, link, closed)
    this.#registry.linkClosed(time, link)
    this.#lookForMore(time)
    this.#drain()
  }

  measured(link: LinkId, rttMs: number): void {
    this.#attachments.measured(link, rttMs)
    this.#drain()
  }

  /** Our own record says something else now: our servers are told. */
  recordChanged(time: Time): void {
    this.#registry.recordChanged(time)
    this.#drain()
  }

  /** A response or push of one of our servers. */
  frame(time: Time, link: LinkId, type: FrameType, bytes: Uint8Array): void {
    if (type === FRAME.response) this.#response(time, link, bytes)
    else this.#trying(link, () => this.#push(time, link, bytes))
    this.#drain()
  }

  /** Ends in a `lookedUp` effect that is final. */
  lookup(time: Time, key: KeyId, owner: LookupOwner): number {
    const lookup = this.#registry.lookup(time, key, owner)
    this.#drain()
    return lookup
  }

  /** From now on `presence` effects tell of it. */
  watch(time: Time, key: KeyId): void {
    this.#registry.watch(time, key)
    this.#drain()
  }

  unwatch(time: Time, key: KeyId): void {
    this.#registry.unwatch(time, key)
    this.#drain()
  }

  /** Revokes our own key, in favour of that of the seed `successor` if there is one. Ends in `revokeEnded`. */
  revoke(time: Time, request: number, successor: Uint8Array | undefined): void {
    this.#registry.revoke(time, request, successor)
    this.#drain()
  }

  timeout(time: Time): void {
    this.#attachments.timeout(time)
    this.#registry.timeout(time)
    if (this.#samples.takeDue(time.now)) this.#askForServers(time)
    this.#drain()
  }

  poll(): HomeServersEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return earliest(
      this.#attachments.nextTimeout(),
      this.#registry.nextTimeout(),
      this.#samples.nextTimeout(),
    )
  }

  views(time: Time): AttachmentView[] {
    return this.#attachments.views(time)
  }

  get hasOpenServer(): boolean {
    return this.#attachments.hasOpen
  }

  // ---- for peers ----

  get isConnecting(): boolean {
    return this.#attachments.isConnecting
  }

  /** Whom to ask for routes, nearest first, each server once. */
  routeSources(): RouteSource[] {
    const sources = new Map<KeyId, RouteSource>()
    for (const { key, link } of this.#attachments.open()) {
      if (!sources.has(key)) sources.set(key, { key, link, isServer: true })
    }
    return [...sources.values()].slice(0, ROUTES_SERVERS_ASKED)
  }

  entries(time: Time): readonly EntryServer[] {
    const links = this.#attachments.open().map(({ link }) => link)
    return this.#facts.entries(time, links)
  }

  /** Where to ask from which address we are seen: configured servers before learned ones, the nearest of either first. */
  iceServers(): readonly IceServer[] {
    return this.#facts.iceServers(this.#attachments.open())
  }

  neighbours(): readonly EntryServer[] {
    return []
  }

  failure(): Failure {
    return this.#attachments.failure()
  }

  hasDirectLink(peer: KeyId): boolean {
    return this.#attachments.open().some(({ key }) => key === peer)
  }

  quota(time: Time, server: KeyId): QuotaNotice | undefined {
    return this.#facts.quota(time, server)
  }

  startLookup(time: Time, key: KeyId, peer: KeyId): number {
    return this.lookup(time, key, { kind: 'dial', peer })
  }

  cancelLookup(lookup: number): void {
    this.#registry.cancelLookup(lookup)
  }

  #response(time: Time, link: LinkId, bytes: Uint8Array): void {
    this.#registry.onResponse(time, link, bytes)
    for (let sample = this.#registry.takeSample(); sample; sample = this.#registry.takeSample()) {
      const source = this.#facts.keyOf(sample.link)
      if (source === undefined) continue
      this.#effects.push({ kind: 'sampled', source, records: sample.records })
      this.#attachments.forgetHearsay()
      this.#discover(time, sample.link, sample.records)
    }
  }

  #push(time: Time, link: LinkId, bytes: Uint8Array): void {
    const { method, body } = decodePush(bytes)
    if (method === 'record') {
      const isEntry = this.#showed(time, link, readRecordBody(body))
      if (isEntry) this.#effects.push({ kind: 'attached' })
    }
    if (method === 'quota') this.#facts.toldQuota(time, link, readQuotaBody(body))
    if (method === 'presence') this.#registry.onPresence(time, link, body)
  }

  /** @returns whether circuits can start at that server from now on @throws DecodeError */
  #showed(time: Time, link: LinkId, bytes: Uint8Array): boolean {
    const shown = this.#facts.showed(time, link, bytes)
    if (shown === undefined) return false
    this.#effects.push({ kind: 'showed', record: shown.record })
    return shown.isFirst
  }

  /** Does what reads a server's words; one that makes no sense has broken the protocol. */
  #trying(link: LinkId, read: () => void): void {
    try {
      read()
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#effects.push({ kind: 'misbehaved', link })
    }
  }

  /** Servers that this one knows, in case we need more of them. */
  #discover(time: Time, link: LinkId, sample: readonly Uint8Array[]): void {
    const { discovery } = this.#config
    if (discovery !== undefined) this.#samples.heard(time.now)
    const source = this.#attachments.urlOf(link)
    if (discovery === undefined || source === undefined || !this.#attachments.wantsMore) return
    const config = { ...this.#config, ...discovery }
    for (const server of serversInSample(config, time.unixMs, source, sample)) {
      this.#attachments.learn(server)
      if (!this.#attachments.wantsMore) return
    }
  }

  /** What we have heard of may all have been tried in vain. */
  #lookForMore({ now }: Time): void {
    if (this.#config.discovery === undefined) return
    if (!this.#attachments.hasOpen) this.#samples.stop()
    else if (this.#attachments.isOutOfServers) this.#samples.hurry(now)
  }

  #askForServers(time: Time): void {
    const [nearest] = this.#attachments.open()
    if (nearest !== undefined) this.#registry.askForServers(time, nearest.link)
  }

  #drain(): void {
    for (;;) {
      const effect = this.#registry.poll() ?? this.#attachments.poll()
      if (effect === undefined) return
      this.#effects.push(effect)
    }
  }
}
