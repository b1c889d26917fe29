// The advertisements of one topic (docs/PROTOCOL.md 10): one of a key, few from one network, and when the set
// is full whoever has most in it makes way for those who have less. Signatures are the store's to check.

import type { KeyId } from '../identity/node-id.ts'
import { MAX_SERVICES_PER_NETWORK, MAX_SERVICES_PER_TOPIC } from '../wire/limits.ts'

export interface ServiceOrigin {
  /** The peer that stores. */
  readonly source: KeyId
  /** The network it comes from, when that counts. */
  readonly network: string | undefined
}

export interface KeptService extends ServiceOrigin {
  /** Topic id, as a map key. */
  readonly topic: string
  /** The advertiser. */
  readonly key: KeyId
  readonly bytes: Uint8Array
  readonly atMs: number
  readonly expiresMs: number
  /** Bits the topic id shares with our own DHT id: 0 = far. */
  readonly prefix: number
}

/** Where one more could go: `instead` names the one that makes way. */
export type Place =
  | { readonly kind: 'free' }
  | { readonly kind: 'instead'; readonly of: KeptService }
  | { readonly kind: 'none' }

export class TopicSet {
  readonly #byKey = new Map<KeyId, KeptService>()

  get size(): number {
    return this.#byKey.size
  }

  get(key: KeyId): KeptService | undefined {
    return this.#byKey.get(key)
  }

  set(service: KeptService): void {
    this.#byKey.set(service.key, service)
  }

  delete(key: KeyId): void {
    this.#byKey.delete(key)
  }

  values(): IterableIterator<KeptService> {
    return this.#byKey.values()
  }

  /** Those that live at this wall-clock moment; of equally fresh ones in the order of their keys. */
  freshestFirst(unixMs: number): KeptService[] {
    return [...this.#byKey.values()]
      .filter(({ expiresMs }) => expiresMs > unixMs)
      .sort((a, b) => b.atMs - a.atMs || (a.key < b.key ? -1 : 1))
  }

  placeFor(origin: ServiceOrigin): Place {
    const groups = this.#groups()
    const own = groups.get(groupOf(origin))?.length ?? 0
    if (origin.network !== undefined && own >= MAX_SERVICES_PER_NETWORK) return { kind: 'none' }
    if (this.#byKey.size < MAX_SERVICES_PER_TOPIC) return { kind: 'free' }
    let largest: KeptService[] = []
    for (const group of groups.values()) if (group.length > largest.length) largest = group
    // With one fewer they would be the smaller group, and take the place back.
    if (largest.length <= own + 1) return { kind: 'none' }
    return { kind: 'instead', of: largest.reduce((a, b) => (b.atMs < a.atMs ? b : a)) }
  }

  #groups(): Map<string, KeptService[]> {
    const groups = new Map<string, KeptService[]>()
    for (const service of this.#byKey.values()) {
      const name = groupOf(service)
      const group = groups.get(name)
      if (group === undefined) groups.set(name, [service])
      else group.push(service)
    }
    return groups
  }
}

/** Who shares one allowance: a network, or a peer alone where its network does not count. */
function groupOf({ source, network }: ServiceOrigin): string {
  return network === undefined ? `peer ${source}` : `network ${network}`
}
