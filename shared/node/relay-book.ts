// Records of nodes that may carry our circuits, by key: from lookups, our servers, their samples and what others told
// of routes. A memory with a cap, not the registry. Samples are verified when somebody needs strangers, not before:
// most nodes never do, and a signature costs.

import { tryDecode } from '../bytes/try-decode.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import { LruMap } from '../machine/lru-map.ts'
import type { SetupHop } from '../routing/onion-setup.ts'
import { RELAYS_REMEMBERED, RELAYS_UNVERIFIED } from '../wire/limits.ts'
import type { NodeRecord } from '../wire/record.ts'
import { decodeRecord, recordExpiryMs, verifyRecord } from '../wire/record.ts'
import { liveOnionKey } from './onion-key-choice.ts'
import { kindsOf } from './relay-kinds.ts'

export class RelayBook {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #records = new LruMap<KeyId, NodeRecord>(RELAYS_REMEMBERED)
  /** Newest last. */
  #unverified: readonly Uint8Array[] = []

  constructor(suite: CryptoSuite, net: Uint8Array) {
    this.#suite = suite
    this.#net = net
  }

  /** @param record known to be valid; of two of one key the newer one stays */
  learn(record: NodeRecord): void {
    const key = keyIdOf(record.key)
    const known = this.#records.get(key)
    if (known === undefined || record.seq > known.seq) this.#records.set(key, record)
  }

  /** Records that a server of ours knows, as they came. */
  sampled(records: readonly Uint8Array[]): void {
    // Copies: the received bytes are views into a larger network buffer.
    const fresh = records.map(bytes => bytes.slice())
    this.#unverified = [...this.#unverified, ...fresh].slice(-RELAYS_UNVERIFIED)
  }

  get(unixMs: number, key: KeyId): NodeRecord | undefined {
    const record = this.#records.peek(key)
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
  kindsOf(unixMs: number, key: KeyId): readonly string[] {
    const record = this.get(unixMs, key)
    return record === undefined ? [] : kindsOf(record)
  }

  /** Servers that say they relay, and that circuits can go on to. */
  servers(unixMs: number): KeyId[] {
    this.#verifySamples(unixMs)
    const keys: KeyId[] = []
    for (const [key, { type, relay }] of this.#records.entries()) {
      if (type === 'server' && relay > 0 && this.hop(unixMs, key) !== undefined) keys.push(key)
    }
    return keys
  }

  #verifySamples(unixMs: number): void {
    const samples = this.#unverified
    this.#unverified = []
    for (const bytes of samples) {
      const signed = tryDecode(() => decodeRecord(bytes))
      if (signed === undefined || !this.#isNews(signed.record)) continue
      const expectation = { unixMs, net: this.#net }
      if (verifyRecord(this.#suite, signed, expectation) === 'valid') this.learn(signed.record)
    }
  }

  #isNews({ key, seq }: NodeRecord): boolean {
    return seq > (this.#records.peek(keyIdOf(key))?.seq ?? -1)
  }
}
