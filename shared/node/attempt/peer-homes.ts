// What attempts to reach a peer know of the servers that the peer is attached to: their records, which came
// with news of the peer or are looked up here, in one attempt each server once and only so many in all.

import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { SetupHop } from '../../routing/onion-setup.ts'
import { PATH_MAX_SERVER_LOOKUPS } from '../../wire/limits.ts'
import type { NodeRecord } from '../../wire/record.ts'
import { liveOnionKey } from '../onion-key-choice.ts'
import type { ServerPort } from '../peers/peer-context.ts'
import type { LookupNews } from './path-attempt.ts'

export class PeerHomes {
  readonly #servers: ServerPort
  readonly #peer: KeyId
  readonly #records = new Map<KeyId, NodeRecord>()
  /** Lookups that run, by their number. */
  readonly #running = new Map<number, KeyId>()
  readonly #sought = new Set<KeyId>()

  constructor(servers: ServerPort, peer: KeyId) {
    this.#servers = servers
    this.#peer = peer
  }

  get isSeeking(): boolean {
    return this.#running.size > 0
  }

  /** Keeps the records of those that the peer names. */
  learn(records: readonly NodeRecord[], named: readonly KeyId[]): void {
    for (const record of records) {
      const key = keyIdOf(record.key)
      const isNewer = record.seq > (this.#records.get(key)?.seq ?? -1)
      if (record.type === 'server' && isNewer && named.includes(key)) this.#records.set(key, record)
    }
  }

  hasExpired({ unixMs }: Time, key: KeyId): boolean {
    const record = this.#records.get(key)
    return record !== undefined && liveOnionKey(record, unixMs) === undefined
  }

  /** Where a circuit can go on to, if its onion key is known and has not expired: servers drop old ones. */
  hop({ unixMs }: Time, key: KeyId): SetupHop | undefined {
    const record = this.#records.get(key)
    const onionKey = record && liveOnionKey(record, unixMs)
    return record && onionKey && { id: record.key, onionKey }
  }

  /** Looks up those of them that were not looked up yet. */
  seek(time: Time, keys: readonly KeyId[]): void {
    for (const key of keys) {
      if (this.#sought.has(key) || this.#sought.size >= PATH_MAX_SERVER_LOOKUPS) continue
      this.#sought.add(key)
      this.#running.set(this.#servers.startLookup(time, key, this.#peer), key)
    }
  }

  /** @returns whether it was one of these lookups */
  lookedUp({ lookup, record, isFinal }: LookupNews): boolean {
    const key = this.#running.get(lookup)
    if (key === undefined) return false
    if (isFinal) this.#running.delete(lookup)
    if (record === 'revoked') this.#records.delete(key)
    else if (typeof record !== 'string') this.learn([record], [key])
    return true
  }

  /** The attempt is over: the next one may look them up anew. */
  cancel(): void {
    for (const lookup of this.#running.keys()) this.#servers.cancelLookup(lookup)
    this.#running.clear()
    this.#sought.clear()
  }
}
