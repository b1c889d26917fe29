// Records of nodes that may carry our circuits, by key: from lookups, our servers, their samples (told-relays.ts) and
// what others told of routes. A memory with a cap, not the registry.

import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { Kind } from '../../routes/relay-apartness.ts'
import type { SetupHop } from '../../routing/onion-setup.ts'
import { RELAYS_REMEMBERED } from '../../wire/limits.ts'
import type { NodeRecord } from '../../wire/record.ts'
import { recordExpiryMs } from '../../wire/record.ts'
import { liveOnionKey } from '../onion-key-choice.ts'
import { kindsOf } from './relay-kinds.ts'
import { ToldRelays } from './told-relays.ts'

export class RelayBook {
  readonly #records = new LruMap<KeyId, NodeRecord>(RELAYS_REMEMBERED)
  readonly #told: ToldRelays

  constructor(suite: CryptoSuite, net: Uint8Array) {
    this.#told = new ToldRelays(suite, net)
  }

  /** @param record known to be valid; of two of one key the newer one stays */
  learn(record: NodeRecord): void {
    const key = keyIdOf(record.key)
    const known = this.#records.get(key)
    if (known === undefined || record.seq > known.seq) this.#records.set(key, record)
  }

  /** Records that a server of ours knows, as they came. */
  sampled(source: KeyId, records: readonly Uint8Array[]): void {
    this.#told.told(source, records)
  }

  get(unixMs: number, key: KeyId): NodeRecord | undefined {
    const [learned, told] = [this.#records.peek(key), this.#told.get(key)]
    const record = (told?.seq ?? -1) > (learned?.seq ?? -1) ? told : learned
    return record && recordExpiryMs(record) > unixMs ? record : undefined
  }

  /** Where a circuit can go on to, if the onion key is known and has not expired. */
  hop(unixMs: number, key: KeyId): SetupHop | undefined {
    const record = this.get(unixMs, key)
    const onionKey = record && liveOnionKey(record, unixMs)
    return record && onionKey && { id: record.key, onionKey }
  }

  /** Whether it may stand in the middle of a route; of whom nothing is known is given the chance. */
  mayRelay(unixMs: number, key: KeyId): boolean {
    const record = this.get(unixMs, key)
    return record === undefined || record.type === 'server' || record.relay > 0
  }

  /** What its record tells of whom it belongs to. */
  kindsOf(unixMs: number, key: KeyId): readonly Kind[] {
    const record = this.get(unixMs, key)
    return record === undefined ? [] : kindsOf(record)
  }

  /** Servers that say they relay, and that circuits can go on to. */
  servers(unixMs: number): KeyId[] {
    const told = this.#told.bySource(unixMs).flat()
    const known = new Set([...told, ...[...this.#records.entries()].map(([key]) => key)])
    return [...known].filter(key => this.#isServer(unixMs, key))
  }

  /** Those that our servers told of, by who told: the word of one server counts as much as that of another. */
  strangers(unixMs: number): KeyId[][] {
    const told = this.#told.bySource(unixMs)
    return told.map(keys => keys.filter(key => this.#isServer(unixMs, key)))
  }

  #isServer(unixMs: number, key: KeyId): boolean {
    const record = this.get(unixMs, key)
    const isRelay = record?.type === 'server' && record.relay > 0
    return isRelay && liveOnionKey(record, unixMs) !== undefined
  }
}
