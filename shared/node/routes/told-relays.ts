// Relays that servers told us of, each kept under who told (threat 20): a server that tells of many, or again and again,
// pushes out what it told itself and nothing else. Samples are verified when somebody needs strangers, not before: most
// nodes never do, and a signature costs. What is told is that a relay exists, never that it is good.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import { RELAY_SOURCES, RELAYS_PER_SOURCE } from '../../wire/limits.ts'
import type { NodeRecord } from '../../wire/record.ts'
import { decodeRecord, verifyRecord } from '../../wire/record.ts'

interface Source {
  readonly records: LruMap<KeyId, NodeRecord>
  /** As they came, newest last. */
  unverified: readonly Uint8Array[]
}

export class ToldRelays {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #sources = new LruMap<KeyId, Source>(RELAY_SOURCES)

  constructor(suite: CryptoSuite, net: Uint8Array) {
    this.#suite = suite
    this.#net = net
  }

  /** @param source who says so @param records as they came */
  told(source: KeyId, records: readonly Uint8Array[]): void {
    const known = this.#sources.get(source) ?? this.#add(source)
    // Copies: the received bytes are views into a larger network buffer.
    const fresh = records.slice(-RELAYS_PER_SOURCE).map(bytes => bytes.slice())
    known.unverified = [...known.unverified, ...fresh].slice(-RELAYS_PER_SOURCE)
  }

  /** The newest record of a key that was told and verified. */
  get(key: KeyId): NodeRecord | undefined {
    let newest: NodeRecord | undefined
    for (const [, { records }] of this.#sources.entries()) {
      const record = records.peek(key)
      if (record !== undefined && record.seq > (newest?.seq ?? -1)) newest = record
    }
    return newest
  }

  /** What each source told of, as far as it is true. */
  bySource(unixMs: number): KeyId[][] {
    const groups: KeyId[][] = []
    for (const [, source] of this.#sources.entries()) {
      this.#verify(unixMs, source)
      source.unverified = []
      groups.push([...source.records.entries()].map(([key]) => key))
    }
    return groups
  }

  #verify(unixMs: number, { records, unverified }: Source): void {
    for (const bytes of unverified) {
      const signed = tryDecode(() => decodeRecord(bytes))
      if (signed === undefined) continue
      const { record } = signed
      const key = keyIdOf(record.key)
      const known = this.get(key)
      if (known !== undefined && known.seq >= record.seq) records.set(key, known)
      else if (verifyRecord(this.#suite, signed, { unixMs, net: this.#net }) === 'valid') {
        records.set(key, record)
      }
    }
  }

  #add(key: KeyId): Source {
    const source = { records: new LruMap<KeyId, NodeRecord>(RELAYS_PER_SOURCE), unverified: [] }
    this.#sources.set(key, source)
    return source
  }
}
