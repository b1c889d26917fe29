// What a lookup of a topic has found so far (docs/PROTOCOL.md 10): verified advertisements, the freshest of
// each key. Holders disagree, and some lie: where there are too many, those that most holders have stay.

import { DecodeError } from '../bytes/decode-error.ts'
import { mapKey } from '../bytes/map-key.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import { DHT_MAX_COLLECTED_SERVICES, DHT_MAX_FOUND_SERVICES } from '../wire/limits.ts'
import type { SignedService } from '../wire/service.ts'
import { decodeService, verifyService } from '../wire/service.ts'

interface Collected {
  readonly signed: SignedService
  holders: number
}

export class ServiceSearch {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #topic: Uint8Array
  /** By their bytes: every holder has the same ones. */
  readonly #collected = new Map<string, Collected>()

  constructor(suite: CryptoSuite, net: Uint8Array, topic: Uint8Array) {
    this.#suite = suite
    this.#net = net
    this.#topic = topic
  }

  /** The first false advertisement ends the list of a liar: signatures cost time. */
  take(unixMs: number, ads: readonly Uint8Array[]): void {
    const named = new Set<string>()
    for (const bytes of ads) {
      const text = mapKey(bytes)
      if (named.has(text)) continue
      named.add(text)
      const known = this.#collected.get(text)
      if (known !== undefined) known.holders++
      else if (this.#collected.size >= DHT_MAX_COLLECTED_SERVICES) return
      else {
        const signed = this.#verified(unixMs, bytes)
        if (signed === 'false') return
        if (signed !== 'expired') this.#collected.set(text, { signed, holders: 1 })
      }
    }
  }

  /** One per key, the freshest first. */
  get found(): SignedService[] {
    const byKey = new Map<KeyId, Collected>()
    for (const one of this.#collected.values()) {
      const key = keyIdOf(one.signed.ad.key)
      const other = byKey.get(key)
      if (other === undefined || other.signed.ad.atMs < one.signed.ad.atMs) byKey.set(key, one)
    }
    const mostHeld = [...byKey.values()].sort((a, b) => b.holders - a.holders || freshness(a, b))
    return mostHeld
      .slice(0, DHT_MAX_FOUND_SERVICES)
      .sort(freshness)
      .map(({ signed }) => signed)
  }

  #verified(unixMs: number, bytes: Uint8Array): SignedService | 'false' | 'expired' {
    try {
      // A copy: the answer is a view into a larger network buffer.
      const signed = decodeService(bytes.slice())
      const verdict = verifyService(this.#suite, signed, {
        unixMs,
        net: this.#net,
        topic: this.#topic,
      })
      if (verdict === 'valid') return signed
      return verdict === 'expired' ? 'expired' : 'false'
    } catch (error) {
      if (error instanceof DecodeError) return 'false'
      throw error
    }
  }
}

function freshness(a: Collected, b: Collected): number {
  return b.signed.ad.atMs - a.signed.ad.atMs
}
