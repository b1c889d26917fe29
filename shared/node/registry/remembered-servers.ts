// Records of other servers, verified and remembered by key: ways lead through them. A memory, not the
// registry: the least recently used one makes way, and what is not here is looked up. Each is kept as its bytes in a
// string, a fourth of what the record weighs with its fields, and read again when somebody asks.

import { equalBytes } from '../../bytes/equal.ts'
import { fromMapKey, mapKey } from '../../bytes/map-key.ts'
import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { decodeRecord, recordExpiryMs, verifyRecord } from '../../wire/record.ts'

interface Remembered {
  readonly packed: string
  readonly seq: number
  /** By the wall clock. */
  readonly untilMs: number
}

export class RememberedServers {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #records: LruMap<KeyId, Remembered>

  constructor(suite: CryptoSuite, net: Uint8Array, max: number) {
    this.#suite = suite
    this.#net = net
    this.#records = new LruMap(max)
  }

  /** The record of a server, while it is valid. */
  get(unixMs: number, key: KeyId): SignedRecord | undefined {
    const known = this.#records.get(key)
    return known && known.untilMs > unixMs ? decodeRecord(fromMapKey(known.packed)) : undefined
  }

  /** @param signed known to be valid; the older of two records is forgotten, and so is what is no server */
  learn(signed: SignedRecord): void {
    if (signed.record.type !== 'server') return
    const { bytes, record } = signed
    const key = keyIdOf(record.key)
    const known = this.#records.peek(key)
    if (known !== undefined && known.seq >= record.seq) return
    const untilMs = recordExpiryMs(record)
    this.#records.set(key, { packed: mapKey(bytes), seq: record.seq, untilMs })
  }

  /**
   * What anybody says of a server: taken if it is valid.
   * @param isExpected asked before the signature, which costs
   * @returns the record that was taken, or known already
   */
  offer(
    unixMs: number,
    bytes: Uint8Array,
    isExpected: (key: KeyId) => boolean,
  ): SignedRecord | undefined {
    // A copy: the received bytes are a view into a larger network buffer.
    const signed = tryDecode(() => decodeRecord(bytes.slice()))
    if (signed?.record.type !== 'server') return undefined
    const key = keyIdOf(signed.record.key)
    if (!isExpected(key)) return undefined
    const known = this.get(unixMs, key)
    if (known !== undefined && equalBytes(known.bytes, bytes)) return known
    const expectation = { unixMs, net: this.#net, expectedKey: publicKeyOf(key) }
    if (verifyRecord(this.#suite, signed, expectation) !== 'valid') return undefined
    this.learn(signed)
    return signed
  }
}
