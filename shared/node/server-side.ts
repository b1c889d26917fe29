// What a server node does for those that attach to it: keeps their records, answers their requests, tells
// them its own record and which limit they ran into.

import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { Time } from '../machine/machine.ts'
import { PING_INTERVAL_MS, WS_MAX_MESSAGE_BYTES } from '../wire/limits.ts'
import type { Welcome } from '../wire/link-messages.ts'
import { quotaBody, recordBody } from '../wire/registry-bodies.ts'
import { encodePush } from '../wire/rpc-messages.ts'
import type { RelayLimits } from './config.ts'
import type { OwnRecord } from './own-record.ts'
import { RECORD_PREFIX, Registry } from './registry.ts'
import { RpcServer } from './rpc-server.ts'

export type ServerSideEffect =
  | { readonly kind: 'sendFrame'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'misbehaved'; readonly link: LinkId }
  | { readonly kind: 'save'; readonly key: string; readonly value: Uint8Array | undefined }

export interface ServerSideConfig {
  readonly suite: CryptoSuite
  readonly net: Uint8Array
  readonly relay: RelayLimits | undefined
}

export class ServerSide {
  readonly #config: ServerSideConfig
  readonly #ownRecord: OwnRecord
  readonly #registry: Registry
  readonly #rpc: RpcServer
  readonly #links = new Map<LinkId, KeyId>()
  readonly #effects = new EffectQueue<ServerSideEffect>()
  /** Of the record that those attached know. */
  #announcedSeq: number

  /** @throws RangeError when there are more endpoints, or longer ones, than a record holds */
  constructor(config: ServerSideConfig, ownRecord: OwnRecord, time: Time) {
    this.#config = config
    this.#ownRecord = ownRecord
    this.#registry = new Registry(config.suite, config.net)
    this.#rpc = new RpcServer(this.#registry)
    this.#announcedSeq = ownRecord.take(time).record.seq
  }

  get records(): number {
    return this.#registry.size
  }

  restore(time: Time, saved: Iterable<readonly [key: string, value: Uint8Array]>): void {
    for (const [key, value] of saved) {
      if (key.startsWith(RECORD_PREFIX)) this.#registry.restore(time, key, value)
    }
    this.#drain()
  }

  /** For a peer that has just logged in. The link puts in the address class. */
  welcome(time: Time): Welcome {
    const { relay } = this.#config
    return {
      keepaliveMs: PING_INTERVAL_MS,
      timeMs: Math.round(time.unixMs),
      limits: {
        maxMessageBytes: WS_MAX_MESSAGE_BYTES,
        ...(relay !== undefined && { relayBytesPerS: relay.bytesPerS }),
      },
      addressClass: 'unknown',
      record: this.#ownRecord.take(time).bytes,
      sample: [],
    }
  }

  linkOpened(link: LinkId, peer: KeyId): void {
    this.#links.set(link, peer)
    this.#registry.attached(peer)
  }

  linkClosed(link: LinkId): void {
    const peer = this.#links.get(link)
    if (peer !== undefined) this.#registry.detached(peer)
    this.#links.delete(link)
    this.#rpc.linkDown(link)
  }

  request(time: Time, link: LinkId, peer: KeyId, frame: Uint8Array): void {
    const bytes = this.#rpc.answer(time, link, peer, frame)
    this.#effects.push(
      bytes === undefined ? { kind: 'misbehaved', link } : { kind: 'sendFrame', link, bytes },
    )
    this.#drain()
  }

  /** A neighbour ran into a limit of the router. */
  quota(link: LinkId, limit: string, retryAfterMs: number): void {
    const body = quotaBody({ limit, retryAfterMs: Math.ceil(retryAfterMs) })
    this.#effects.push({ kind: 'sendFrame', link, bytes: encodePush({ method: 'quota', body }) })
  }

  storageChanged(isWorking: boolean): void {
    this.#registry.storageChanged(isWorking)
  }

  timeout(time: Time): void {
    this.#registry.timeout(time)
    this.#ownRecord.timeout(time)
    this.#announce(time)
    this.#drain()
  }

  poll(): ServerSideEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number {
    const own = this.#ownRecord.nextTimeout()
    return Math.min(own, this.#registry.nextTimeout() ?? own)
  }

  /** A new record, as our onion keys rotated: those attached build their next circuits with it. */
  #announce(time: Time): void {
    const signed = this.#ownRecord.take(time)
    if (signed.record.seq === this.#announcedSeq) return
    this.#announcedSeq = signed.record.seq
    const bytes = encodePush({ method: 'record', body: recordBody(signed.bytes) })
    for (const link of this.#links.keys()) this.#effects.push({ kind: 'sendFrame', link, bytes })
  }

  #drain(): void {
    for (let effect = this.#registry.poll(); effect; effect = this.#registry.poll()) {
      this.#effects.push(effect)
    }
  }
}
