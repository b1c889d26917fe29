// What a client asks of the registry, over the links to its servers (docs/PROTOCOL.md 3.6): its own record
// kept there, keys looked up and watched, its own key revoked. Joins the parts that do it and carries their
// requests; holds no rule of its own.

import type { CborMap } from '../../bytes/cbor.ts'
import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import { FIND_TIMEOUT_MS } from '../../wire/limits.ts'
import {
  EMPTY_BODY,
  findBody,
  readPresenceBody,
  readServersAnswer,
  revokeBody,
  watchBody,
} from '../../wire/registry-bodies.ts'
import type { PresenceView } from '../effects.ts'
import type { Attachments } from '../homes/attachments.ts'
import type { HomeRequest } from '../homes/home-request.ts'
import { OWN_SUCCESSOR } from '../peer-failure.ts'
import type { LookedUp, LookupEffect, LookupOwner } from './lookups.ts'
import { Lookups } from './lookups.ts'
import type { OwnRecord } from './own-record.ts'
import { Publisher } from './publisher.ts'
import { RegistryReader } from './registry-reader.ts'
import type { RevokeEnded } from './revoke-rounds.ts'
import { RevokeRounds } from './revoke-rounds.ts'
import type { RpcAnswer, RpcClientEffect } from './rpc-client.ts'
import { RpcClient } from './rpc-client.ts'
import type { WatchEffect } from './watches.ts'
import { Watches } from './watches.ts'

export interface RegistryClientConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly net: Uint8Array
}

export type RegistryClientEffect =
  | { readonly kind: 'sendFrame'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'misbehaved'; readonly link: LinkId }
  | LookedUp
  | RevokeEnded
  | { readonly kind: 'presence'; readonly presence: PresenceView }

/** Records of servers that one of ours knows; nothing in them was verified. */
export interface ServerSample {
  readonly link: LinkId
  readonly records: readonly Uint8Array[]
}

export class RegistryClient {
  readonly #ownRecord: OwnRecord
  readonly #attachments: Attachments
  readonly #rpc = new RpcClient<HomeRequest>()
  readonly #lookups: Lookups
  readonly #watches: Watches
  readonly #revokeRounds = new RevokeRounds()
  readonly #publisher: Publisher
  readonly #samples = new EffectQueue<ServerSample>()
  readonly #effects = new EffectQueue<RegistryClientEffect>()

  constructor(config: RegistryClientConfig, ownRecord: OwnRecord, attachments: Attachments) {
    const { suite, random, net } = config
    const reader = new RegistryReader(suite, net)
    this.#ownRecord = ownRecord
    this.#attachments = attachments
    this.#lookups = new Lookups(reader)
    this.#watches = new Watches(reader, random)
    this.#publisher = new Publisher(ownRecord, this.#rpc, attachments)
  }

  linkOpened(time: Time): void {
    this.#publisher.publish(time)
    this.#watches.serversChanged(time, this.#links())
    this.#drain(time)
  }

  /** Our own record says something else now. */
  recordChanged(time: Time): void {
    this.#publisher.publish(time)
    this.#drain(time)
  }

  linkClosed(time: Time, link: LinkId): void {
    this.#rpc.linkDown(link)
    this.#lookups.linkClosed(time, link)
    this.#publisher.linkClosed(time, link)
    this.#watches.serversChanged(time, this.#links())
    this.#drain(time)
  }

  onResponse(time: Time, link: LinkId, bytes: Uint8Array): void {
    this.#rpc.onResponse(link, bytes)
    this.#drain(time)
  }

  /** @throws DecodeError */
  onPresence(time: Time, link: LinkId, body: CborMap): void {
    this.#watches.onPush(time, link, readPresenceBody(body))
    this.#drain(time)
  }

  lookup(time: Time, key: KeyId, owner: LookupOwner): number {
    const lookup = this.#lookups.start(time, key, owner, this.#links())
    this.#drain(time)
    return lookup
  }

  cancelLookup(lookup: number): void {
    this.#lookups.cancel(lookup)
  }

  watch(time: Time, key: KeyId): void {
    this.#watches.watch(time, key, this.#links())
    this.#drain(time)
  }

  unwatch(time: Time, key: KeyId): void {
    this.#watches.unwatch(key)
    this.#drain(time)
  }

  revoke(time: Time, request: number, successor: Uint8Array | undefined): void {
    const signed = this.#ownRecord.revoke(time, successor)
    if (signed === undefined) {
      this.#effects.push({ kind: 'revokeEnded', request, result: OWN_SUCCESSOR })
      return
    }
    const links = this.#links()
    this.#revokeRounds.start(request, signed.revocation, links.length)
    for (const link of links) {
      const owner = { kind: 'revoke', request } as const
      this.#rpc.request(time, link, 'revoke', revokeBody(signed.bytes), owner)
    }
    this.#drain(time)
  }

  /** Asks one of our servers for others; ends in a sample, or in nothing. */
  askForServers(time: Time, link: LinkId): void {
    this.#rpc.request(time, link, 'servers', EMPTY_BODY, { kind: 'servers' })
    this.#drain(time)
  }

  takeSample(): ServerSample | undefined {
    return this.#samples.shift()
  }

  timeout(time: Time): void {
    this.#rpc.timeout(time)
    this.#publisher.timeout(time)
    this.#lookups.timeout(time)
    this.#watches.timeout(time)
    this.#drain(time)
  }

  poll(): RegistryClientEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return earliest(
      this.#rpc.nextTimeout(),
      this.#publisher.nextTimeout(),
      this.#lookups.nextTimeout(),
      this.#watches.nextTimeout(),
    )
  }

  /** One for each attached server, nearest first: one server under two addresses is one opinion. */
  #links(): LinkId[] {
    const links = new Map<KeyId, LinkId>()
    for (const { key, link } of this.#attachments.open()) {
      if (!links.has(key)) links.set(key, link)
    }
    return [...links.values()]
  }

  /** Answers lead to new requests and the other way round, so the parts are drained until all are quiet. */
  #drain(time: Time): void {
    for (;;) {
      const rpc = this.#rpc.poll()
      const lookup = this.#lookups.poll()
      const watch = this.#watches.poll()
      const round = this.#revokeRounds.poll()
      if (rpc !== undefined) this.#onRpc(time, rpc)
      if (lookup !== undefined) this.#onLookup(time, lookup)
      if (watch !== undefined) this.#onWatch(time, watch)
      if (round !== undefined) this.#effects.push(round)
      if (!(rpc ?? lookup ?? watch ?? round)) return
    }
  }

  #onRpc(time: Time, effect: RpcClientEffect<HomeRequest>): void {
    if (effect.kind !== 'answer') {
      this.#effects.push(effect)
      return
    }
    const { link, owner, answer } = effect
    switch (owner.kind) {
      case 'lookup':
        this.#lookups.onAnswer(time, owner.lookup, link, answer)
        return
      case 'watch':
        this.#watches.onAnswer(time, owner.key, link, answer)
        return
      case 'revoke':
        this.#revokeRounds.onAnswer(owner.request, answer)
        return
      case 'servers':
        this.#sampled(link, answer)
        return
      case 'unwatch':
        return
      default:
        this.#publisher.onAnswer(time, link, owner, answer)
    }
  }

  #sampled(link: LinkId, answer: RpcAnswer): void {
    if (answer.kind !== 'ok') return
    const records = tryDecode(() => readServersAnswer(answer.body))
    if (records === undefined) this.#effects.push({ kind: 'misbehaved', link })
    else this.#samples.push({ link, records })
  }

  #onLookup(time: Time, effect: LookupEffect): void {
    if (effect.kind === 'lookedUp') {
      this.#effects.push(effect)
      return
    }
    const { link, lookup, key, isFull } = effect
    const body = findBody(publicKeyOf(key), isFull)
    this.#rpc.request(time, link, 'find', body, { kind: 'lookup', lookup }, FIND_TIMEOUT_MS)
  }

  #onWatch(time: Time, effect: WatchEffect): void {
    if (effect.kind === 'presence') {
      this.#effects.push(effect)
      return
    }
    const { link, key } = effect
    const body = watchBody(publicKeyOf(key))
    if (effect.kind === 'subscribe') {
      this.#rpc.request(time, link, 'watch', body, { kind: 'watch', key }, FIND_TIMEOUT_MS)
    } else this.#rpc.request(time, link, 'unwatch', body, { kind: 'unwatch' })
  }
}
