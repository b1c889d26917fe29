// A client's side of its servers: keeps the links (attachments.ts), publishes its record to each of them,
// looks keys up through them, and knows the record of each, which circuits start from.

import { DecodeError } from '../bytes/decode-error.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { publicKeyOf } from '../identity/node-id.ts'
import type { LinkPeer } from '../link/link.ts'
import type { LinkId } from '../link/link-id.ts'
import { earliest } from '../machine/earliest.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { RandomBytes, Time } from '../machine/machine.ts'
import type { FrameType } from '../wire/frame-type.ts'
import { FRAME } from '../wire/frame-type.ts'
import { QUOTA_NOTICE_MS } from '../wire/limits.ts'
import type { Welcome } from '../wire/link-messages.ts'
import type { SignedRecord } from '../wire/record.ts'
import { decodeRecord, verifyRecord } from '../wire/record.ts'
import type { QuotaNotice } from '../wire/registry-bodies.ts'
import { findBody, readQuotaBody, readRecordBody } from '../wire/registry-bodies.ts'
import { decodePush } from '../wire/rpc-messages.ts'
import type { ClosedLink } from './attachments.ts'
import { Attachments } from './attachments.ts'
import type { AttachmentView } from './effects.ts'
import type { LookupEffect, LookupOwner } from './lookups.ts'
import { Lookups } from './lookups.ts'
import type { Failure } from './mesh-error.ts'
import { currentOnionKey } from './onion-key-choice.ts'
import type { OwnRecord } from './own-record.ts'
import type { EntryServer, ServerPort } from './peer-context.ts'
import { Publisher } from './publisher.ts'
import type { RpcClientEffect } from './rpc-client.ts'
import { RpcClient } from './rpc-client.ts'
import type { ServerUrl } from './server-url.ts'

export interface HomeServersConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly net: Uint8Array
  readonly servers: readonly ServerUrl[]
}

export type HomeServersEffect =
  /** The parent dials and answers with `dialing`. */
  | { readonly kind: 'dial'; readonly index: number; readonly url: ServerUrl }
  | { readonly kind: 'sendFrame'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'misbehaved'; readonly link: LinkId }
  /** What the application sees of the servers changed. */
  | { readonly kind: 'changed' }
  /** One more server that circuits can start from. */
  | { readonly kind: 'attached' }
  | {
      readonly kind: 'lookedUp'
      /** As `startLookup` named it. */
      readonly lookup: number
      readonly owner: LookupOwner
      readonly result: SignedRecord | 'absent' | 'noAnswer'
      /** Else more servers are still to answer, and a newer record may come. */
      readonly isFinal: boolean
    }

interface ServerFacts {
  readonly key: KeyId
  record: SignedRecord | undefined
  quota: (QuotaNotice & { readonly toldAt: number }) | undefined
}

export class HomeServers implements ServerPort {
  readonly #config: HomeServersConfig
  readonly #attachments: Attachments
  readonly #rpc = new RpcClient()
  readonly #lookups: Lookups
  readonly #publisher: Publisher
  /** Of servers with an open link. */
  readonly #facts = new Map<LinkId, ServerFacts>()
  readonly #effects = new EffectQueue<HomeServersEffect>()

  constructor(config: HomeServersConfig, ownRecord: OwnRecord) {
    this.#config = config
    this.#attachments = new Attachments(config.servers, config.random)
    this.#lookups = new Lookups(config.suite, config.net)
    this.#publisher = new Publisher(ownRecord, this.#rpc, this.#attachments)
  }

  start(time: Time): void {
    this.#attachments.start()
    this.#drain(time)
  }

  nudge(time: Time): void {
    this.#attachments.nudge(time)
    this.#drain(time)
  }

  stop(): void {
    this.#attachments.stop()
    this.#facts.clear()
  }

  dialing(time: Time, index: number, link: LinkId): void {
    this.#attachments.dialing(index, link)
    this.#drain(time)
  }

  linkOpened(time: Time, link: LinkId, peer: LinkPeer, welcome: Welcome): void {
    if (!this.#attachments.opened(time, link, peer.keyId)) return
    const facts: ServerFacts = { key: peer.keyId, record: undefined, quota: undefined }
    this.#facts.set(link, facts)
    if (welcome.record !== undefined) this.#learn(time, link, facts, welcome.record)
    this.#effects.push({ kind: 'attached' })
    this.#publisher.publish(time)
    this.#drain(time)
  }

  linkClosed(time: Time, link: LinkId, closed: ClosedLink): void {
    if (!this.#facts.delete(link) && !this.#attachments.knows(link)) return
    this.#attachments.closed(time, link, closed)
    this.#rpc.linkDown(link)
    this.#publisher.linkClosed(time, link)
    this.#drain(time)
  }

  measured(time: Time, link: LinkId, rttMs: number): void {
    this.#attachments.measured(link, rttMs)
    this.#drain(time)
  }

  /** A response or push of one of our servers. */
  frame(time: Time, link: LinkId, type: FrameType, bytes: Uint8Array): void {
    if (type === FRAME.response) this.#rpc.onResponse(link, bytes)
    else this.#push(time, link, bytes)
    this.#drain(time)
  }

  /** Looks a key up for the application. */
  lookup(time: Time, key: KeyId, owner: LookupOwner): number {
    // One server under two addresses is one opinion.
    const links = new Map(this.#attachments.open().map(({ key: server, link }) => [server, link]))
    const lookup = this.#lookups.start(key, owner, [...links.values()])
    this.#drain(time)
    return lookup
  }

  timeout(time: Time): void {
    this.#attachments.timeout(time)
    this.#rpc.timeout(time)
    this.#publisher.timeout(time)
    this.#drain(time)
  }

  poll(): HomeServersEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return earliest(
      this.#attachments.nextTimeout(),
      this.#rpc.nextTimeout(),
      this.#publisher.nextTimeout(),
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

  entries(time: Time): readonly EntryServer[] {
    const entries = new Map<KeyId, EntryServer>()
    for (const { link, key } of this.#attachments.open()) {
      const record = this.#facts.get(link)?.record
      const onionKey = record && currentOnionKey(record.record, time.unixMs)
      if (onionKey === undefined || entries.has(key)) continue
      entries.set(key, { key, hop: { id: publicKeyOf(key), onionKey } })
    }
    return [...entries.values()]
  }

  failure(): Failure {
    return this.#attachments.failure()
  }

  quota(time: Time, server: KeyId): QuotaNotice | undefined {
    for (const { key, quota } of this.#facts.values()) {
      if (key !== server || quota === undefined) continue
      const retryAfterMs = Math.max(0, quota.toldAt + quota.retryAfterMs - time.now)
      // Servers tell of a limit only so often: what they said last stands for what they leave out.
      if (retryAfterMs > 0 || time.now < quota.toldAt + QUOTA_NOTICE_MS) {
        return { limit: quota.limit, retryAfterMs }
      }
    }
    return undefined
  }

  startLookup(time: Time, key: KeyId): number {
    return this.lookup(time, key, { kind: 'dial', peer: key })
  }

  cancelLookup(lookup: number): void {
    this.#lookups.cancel(lookup)
  }

  #push(time: Time, link: LinkId, bytes: Uint8Array): void {
    try {
      const { method, body } = decodePush(bytes)
      const facts = this.#facts.get(link)
      if (facts === undefined) return
      if (method === 'record') {
        const isFirst = facts.record === undefined
        this.#learn(time, link, facts, readRecordBody(body))
        if (isFirst && facts.record !== undefined) this.#effects.push({ kind: 'attached' })
      }
      if (method === 'quota') facts.quota = { ...readQuotaBody(body), toldAt: time.now }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#effects.push({ kind: 'misbehaved', link })
    }
  }

  /** A server's own record. Without a valid one its link serves requests, but no circuits. */
  #learn(time: Time, link: LinkId, facts: ServerFacts, bytes: Uint8Array): void {
    const { suite, net } = this.#config
    try {
      const signed = decodeRecord(bytes)
      const expectedKey = publicKeyOf(facts.key)
      const verdict = verifyRecord(suite, signed, { unixMs: time.unixMs, net, expectedKey })
      if (verdict === 'valid') facts.record = signed
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#effects.push({ kind: 'misbehaved', link })
    }
  }

  /** Answers lead to new requests and the other way round, so the parts are drained until all are quiet. */
  #drain(time: Time): void {
    for (;;) {
      const rpc = this.#rpc.poll()
      const attachment = this.#attachments.poll()
      const lookup = this.#lookups.poll()
      if (rpc !== undefined) this.#onRpc(time, rpc)
      if (attachment !== undefined) this.#effects.push(attachment)
      if (lookup !== undefined) this.#onLookup(time, lookup)
      if (rpc === undefined && attachment === undefined && lookup === undefined) return
    }
  }

  #onRpc(time: Time, effect: RpcClientEffect): void {
    if (effect.kind !== 'answer') {
      this.#effects.push(effect)
      return
    }
    const { link, owner, answer } = effect
    if (owner.kind === 'lookup') this.#lookups.onAnswer(time.unixMs, owner.lookup, answer)
    else this.#publisher.onAnswer(time, link, owner, answer)
  }

  #onLookup(time: Time, effect: LookupEffect): void {
    switch (effect.kind) {
      case 'ask': {
        const { link, lookup, key } = effect
        this.#rpc.request(time, link, 'find', findBody(key), { kind: 'lookup', lookup })
        return
      }
      case 'found': {
        const { lookup, owner, record, isFinal } = effect
        this.#effects.push({ kind: 'lookedUp', lookup, owner, result: record, isFinal })
        return
      }
      case 'notFound':
        this.#effects.push({
          kind: 'lookedUp',
          lookup: effect.lookup,
          owner: effect.owner,
          result: effect.isKnownAbsent ? 'absent' : 'noAnswer',
          isFinal: true,
        })
    }
  }
}
