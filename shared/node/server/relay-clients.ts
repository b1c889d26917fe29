// Clients that carry circuits and look for links among themselves (docs/PROTOCOL.md 3.6, `relays`): each that asks here is
// told of some of the others at random, and is told of to them. Who does not ask is not named. So that those of one
// server are not an island, servers ask one another now and then, while they are asked.

import type { CborMap } from '../../bytes/cbor.ts'
import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { dhtIdOf, keyIdOf } from '../../identity/node-id.ts'
import { sampled } from '../../link/jitter.ts'
import type { LinkId } from '../../link/link-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import {
  MESH_HEARSAY_KEPT,
  MESH_HEARSAY_MS,
  MESH_RELAYS_PER_ANSWER,
  MESH_SERVERS_ASK_MS,
  MESH_SERVERS_ASKED,
} from '../../wire/limits.ts'
import type { NodeType } from '../../wire/record.ts'
import { EMPTY_BODY } from '../../wire/registry-bodies.ts'
import { readRelaysAnswer } from '../../wire/relays-body.ts'
import { isRelayClient, readRelayRecord } from '../relay/relay-record.ts'
import type { ServerMesh } from './server-mesh.ts'

export interface RelayClientsConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly net: Uint8Array
}

const RELAYS = { method: 'relays', body: EMPTY_BODY, owner: { kind: 'relays' } } as const

/** Who asks, over which link. */
interface Asker {
  readonly link: LinkId
  readonly key: KeyId
  readonly type: NodeType
}

interface Hearsay {
  readonly record: Uint8Array
  readonly until: number
}

export class RelayClients {
  readonly #config: RelayClientsConfig
  readonly #mesh: Pick<ServerMesh, 'dht' | 'closest' | 'ask'>
  /** By the link over which each asked last: no more than there are links. */
  readonly #asked = new Map<KeyId, LinkId>()
  /** Those of other servers. */
  readonly #hearsay = new LruMap<KeyId, Hearsay>(MESH_HEARSAY_KEPT)
  #askOthersAt = Number.NEGATIVE_INFINITY

  constructor(config: RelayClientsConfig, mesh: Pick<ServerMesh, 'dht' | 'closest' | 'ask'>) {
    this.#config = config
    this.#mesh = mesh
  }

  /** @returns records of others */
  ask(time: Time, { link, key, type }: Asker): Uint8Array[] {
    // What this server has heard itself it does not tell on to servers.
    if (type === 'server') return this.#chosen(this.#here(time, key))
    if (this.#recordOf(time, key) === undefined) return []
    this.#asked.set(key, link)
    this.#askOthers(time)
    return this.#chosen([...this.#here(time, key), ...this.#elsewhere(time, key)])
  }

  /** What another server answered. */
  told({ now, unixMs }: Time, body: CborMap): void {
    for (const bytes of tryDecode(() => readRelaysAnswer(body)) ?? []) {
      const signed = readRelayRecord(this.#config, unixMs, bytes)
      if (signed === undefined) continue
      const until = now + MESH_HEARSAY_MS
      this.#hearsay.set(keyIdOf(signed.record.key), { record: signed.bytes, until })
    }
  }

  linkClosed(link: LinkId, key: KeyId): void {
    if (this.#asked.get(key) === link) this.#asked.delete(key)
  }

  #chosen(records: readonly Uint8Array[]): Uint8Array[] {
    return sampled(this.#config.random, records, MESH_RELAYS_PER_ANSWER)
  }

  #here(time: Time, asker: KeyId): Uint8Array[] {
    const others = [...this.#asked.keys()].filter(key => key !== asker)
    const some = sampled(this.#config.random, others, MESH_RELAYS_PER_ANSWER)
    return some.flatMap(key => this.#recordOf(time, key) ?? [])
  }

  #elsewhere({ now }: Time, asker: KeyId): Uint8Array[] {
    const known = [...this.#hearsay.entries()]
    const fresh = known.filter(([key, { until }]) => until > now && this.#isNew(key, asker))
    return fresh.map(([, { record }]) => record)
  }

  #isNew(key: KeyId, asker: KeyId): boolean {
    return key !== asker && !this.#asked.has(key)
  }

  /** Near a place at random: any servers that we have reached. */
  #askOthers(time: Time): void {
    if (time.now < this.#askOthersAt) return
    this.#askOthersAt = time.now + MESH_SERVERS_ASK_MS
    const place = dhtIdOf(this.#config.suite, this.#config.random(32))
    for (const contact of this.#mesh.closest(place, MESH_SERVERS_ASKED)) {
      this.#mesh.ask(time, contact, RELAYS)
    }
  }

  /** That it relays, by its own word. */
  #recordOf(time: Time, key: KeyId): Uint8Array | undefined {
    const value = this.#mesh.dht.findNow(time, key)
    return value?.kind === 'record' && isRelayClient(value.signed) ? value.signed.bytes : undefined
  }
}
