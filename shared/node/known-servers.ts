// Records of servers that we are not attached to, verified and remembered by key: a way to a peer leads
// through the servers that its record names. The least recently used one makes way.

import { equalBytes } from '../bytes/equal.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../identity/node-id.ts'
import { LruMap } from '../machine/lru-map.ts'
import { MAX_KNOWN_SERVERS } from '../wire/limits.ts'
import type { NodeRecord, SignedRecord } from '../wire/record.ts'
import { decodeRecord, recordExpiryMs, verifyRecord } from '../wire/record.ts'
import { tryDecode } from './try-decode.ts'

export class KnownServers {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #records = new LruMap<KeyId, SignedRecord>(MAX_KNOWN_SERVERS)

  constructor(suite: CryptoSuite, net: Uint8Array) {
    this.#suite = suite
    this.#net = net
  }

  /** Those of `keys` whose records are still valid, in their order. */
  of(unixMs: number, keys: readonly Uint8Array[]): NodeRecord[] {
    return keys.flatMap(key => {
      const known = this.#records.get(keyIdOf(key))
      return known !== undefined && recordExpiryMs(known.record) > unixMs ? [known.record] : []
    })
  }

  /** @param signed verified */
  add(signed: SignedRecord): void {
    const key = keyIdOf(signed.record.key)
    const known = this.#records.get(key)
    if (signed.record.type !== 'server') return
    if (known === undefined || known.record.seq < signed.record.seq) this.#records.set(key, signed)
  }

  /** What a server says of others: taken if it is valid and one of `expected`. */
  offer(unixMs: number, bytes: Uint8Array, expected: ReadonlySet<KeyId>): void {
    const signed = tryDecode(() => decodeRecord(bytes.slice()))
    if (signed === undefined) return
    const key = keyIdOf(signed.record.key)
    const known = this.#records.peek(key)
    if (!expected.has(key) || (known && equalBytes(known.bytes, bytes))) return
    const expectation = { unixMs, net: this.#net, expectedKey: publicKeyOf(key) }
    if (verifyRecord(this.#suite, signed, expectation) === 'valid') this.add(signed)
  }
}
