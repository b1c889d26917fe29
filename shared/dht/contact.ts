// A server as the DHT sees it (docs/PROTOCOL.md 4.1): its key, its place in the id space and the address at
// which it may be dialed. A contact that somebody told is a hint: only our own dial proves the address.

import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { dhtIdOf, keyIdOf, publicKeyOf } from '../identity/node-id.ts'
import { LruMap } from '../machine/lru-map.ts'
import { DHT_IDS_REMEMBERED } from '../wire/limits.ts'

/** A place in the id space of 256 bits: the SHA-256 of a public key, or of a topic. */
export type DhtId = Uint8Array

export interface Contact {
  readonly key: KeyId
  readonly id: DhtId
  /** Origin, as `wss://host:port`. */
  readonly url: string
}

export function contactOf(suite: CryptoSuite, publicKey: Uint8Array, url: string): Contact {
  return { key: keyIdOf(publicKey), id: dhtIdOf(suite, publicKey), url }
}

/** The ids of the keys met lately: a lookup meets the same keys in every answer, and hashes each once. */
export class DhtIds {
  readonly #suite: CryptoSuite
  readonly #known = new LruMap<KeyId, DhtId>(DHT_IDS_REMEMBERED)

  constructor(suite: CryptoSuite) {
    this.#suite = suite
  }

  of(key: KeyId): DhtId {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const id = dhtIdOf(this.#suite, publicKeyOf(key))
    this.#known.set(key, id)
    return id
  }

  contact(key: KeyId, url: string): Contact {
    return { key, id: this.of(key), url }
  }
}
