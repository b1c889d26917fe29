// Keys that those attached look for (docs/PROTOCOL.md 3.6, `find`): what is known here is told at once, for the
// rest the registry is asked, and the request waits: for the first valid value, or for the end of the search.

import type { CborMap } from '../../bytes/cbor.ts'
import type { QueryId } from '../../dht/dht.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import { ShareCounts } from '../../machine/share-counts.ts'
import {
  MAX_WAITING_FINDS,
  MAX_WAITING_FINDS_PER_LINK,
  MAX_WAITING_FINDS_PER_NETWORK,
} from '../../wire/limits.ts'
import { findAnswer } from '../../wire/registry-bodies.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import { encodeResponse } from '../../wire/rpc-messages.ts'
import type { NetworkName } from '../host.ts'
import type { OwnRecord } from '../registry/own-record.ts'
import type { Attendance } from './attendance.ts'
import type { ServerMesh } from './server-mesh.ts'

/** Who asks. */
interface Asking {
  readonly link: LinkId
  /** `undefined` counts toward no cap. */
  readonly network: NetworkName | undefined
}

interface WaitingFind extends Asking {
  /** Of the request. */
  readonly id: number
  readonly isFull: boolean
}

export interface Known {
  readonly value: RegistryValue | undefined
  readonly isFinal: boolean
}

/** `waits`: the answer comes with a later effect of the DHT. */
export type FindOutcome = { readonly kind: 'ok'; readonly body: CborMap } | 'waits' | 'busy'

export class Finds {
  readonly #mesh: ServerMesh
  readonly #ownRecord: OwnRecord
  readonly #attendance: Attendance
  readonly #waiting = new Map<QueryId, WaitingFind>()
  readonly #links = new ShareCounts<LinkId>(MAX_WAITING_FINDS_PER_LINK)
  readonly #networks = new ShareCounts<NetworkName>(MAX_WAITING_FINDS_PER_NETWORK)

  constructor(mesh: ServerMesh, ownRecord: OwnRecord, attendance: Attendance) {
    this.#mesh = mesh
    this.#ownRecord = ownRecord
    this.#attendance = attendance
  }

  /** What this server knows by itself, and whether nobody knows better. */
  known(time: Time, key: KeyId): Known {
    if (key === keyIdOf(this.#ownRecord.publicKey)) {
      return { value: { kind: 'record', signed: this.#ownRecord.take(time) }, isFinal: true }
    }
    const value = this.#mesh.dht.findNow(time, key)
    // Who is attached here publishes here, and a revocation is the last word.
    const isOwn = this.#attendance.isHere(key) || value?.kind === 'revocation'
    return { value, isFinal: this.#mesh.dht.isAlone || (isOwn && value !== undefined) }
  }

  request(time: Time, asking: Asking, id: number, key: KeyId, isFull: boolean): FindOutcome {
    const { link, network } = asking
    const { value, isFinal } = this.known(time, key)
    if (isFinal) return { kind: 'ok', body: this.body(time, value, true) }
    const hasRoom = this.#links.hasRoom(link) && this.#networks.hasRoom(network)
    if (!hasRoom || this.#waiting.size >= MAX_WAITING_FINDS) return 'busy'
    this.#links.added(link)
    this.#networks.added(network)
    this.#waiting.set(this.#mesh.dht.find(time, key), { link, network, id, isFull })
    return 'waits'
  }

  /** @returns the link, and the answer for the request that waited for this, if one did */
  found(
    time: Time,
    query: QueryId,
    value: RegistryValue | undefined,
    isFinal: boolean,
  ): { readonly link: LinkId; readonly bytes: Uint8Array } | undefined {
    const find = this.#waiting.get(query)
    if (find === undefined || (find.isFull && !isFinal)) return undefined
    this.#forget(query, find)
    const body = this.body(time, value, isFinal)
    return { link: find.link, bytes: encodeResponse({ id: find.id, body }) }
  }

  linkClosed(link: LinkId): void {
    if (!this.#links.has(link)) return
    for (const [query, find] of this.#waiting) {
      if (find.link === link) this.#forget(query, find)
    }
  }

  /** An answer of `find` or `watch`; with the records of the servers that lead to the key. */
  body(
    time: Time,
    value: RegistryValue | undefined,
    isFinal: boolean,
    isOnline?: boolean,
  ): CborMap {
    const servers = value?.kind === 'record' ? value.signed.record.servers.map(keyIdOf) : []
    return findAnswer({
      value: value && { kind: value.kind, bytes: value.signed.bytes },
      isFinal,
      servers: servers.flatMap(server => this.#recordOf(time, server) ?? []),
      ...(isOnline !== undefined && { isOnline }),
    })
  }

  #recordOf(time: Time, server: KeyId): Uint8Array | undefined {
    // The one that asks knows our own record already.
    if (server === keyIdOf(this.#ownRecord.publicKey)) return undefined
    const remembered = this.#mesh.records.get(time.unixMs, server)
    if (remembered !== undefined) return remembered.bytes
    const kept = this.#mesh.dht.findNow(time, server)
    if (kept?.kind === 'record') return kept.signed.bytes
    // The one that asks is about to ask for this too, and to send circuits there.
    this.#mesh.prefetch(time, server)
    return undefined
  }

  #forget(query: QueryId, { link, network }: Asking): void {
    this.#waiting.delete(query)
    this.#links.removed(link)
    this.#networks.removed(network)
  }
}
