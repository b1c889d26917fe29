// Who wants to hear of which key (docs/PROTOCOL.md 3.6, `watch`): leases by link, renewed by asking again, and
// counted by network too, as links cost their owner little. Knows nothing of records and sends nothing.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { ShareCounts } from '../../machine/share-counts.ts'
import {
  MAX_SUBSCRIPTIONS,
  MAX_SUBSCRIPTIONS_PER_LINK,
  MAX_SUBSCRIPTIONS_PER_NETWORK,
  WATCH_LEASE_MS,
} from '../../wire/limits.ts'
import type { NetworkName } from '../host.ts'

interface Lease {
  readonly link: LinkId
  readonly key: KeyId
  untilMs: number
}

interface LinkLeases {
  readonly network: NetworkName | undefined
  readonly byKey: Map<KeyId, Lease>
}

export class Subscriptions {
  readonly #byKey = new Map<KeyId, Map<LinkId, Lease>>()
  readonly #byLink = new Map<LinkId, LinkLeases>()
  /** The one that ends first comes first, as all hold equally long. */
  readonly #leases = new Set<Lease>()
  readonly #networks = new ShareCounts<NetworkName>(MAX_SUBSCRIPTIONS_PER_NETWORK)

  /**
   * @param network of the link; `undefined` counts toward no share
   * @returns `false` when the link, its network, or this server has too many
   */
  add(now: number, link: LinkId, key: KeyId, network?: NetworkName): boolean {
    const ofLink = this.#byLink.get(link) ?? { network, byKey: new Map() }
    let lease = ofLink.byKey.get(key)
    if (lease === undefined) {
      const isFull =
        ofLink.byKey.size >= MAX_SUBSCRIPTIONS_PER_LINK || this.#leases.size >= MAX_SUBSCRIPTIONS
      if (isFull || !this.#networks.hasRoom(ofLink.network)) return false
      this.#networks.added(ofLink.network)
      lease = { link, key, untilMs: 0 }
      this.#byLink.set(link, ofLink)
      ofLink.byKey.set(key, lease)
      const links = this.#byKey.get(key) ?? new Map()
      this.#byKey.set(key, links.set(link, lease))
    }
    lease.untilMs = now + WATCH_LEASE_MS
    this.#leases.delete(lease)
    this.#leases.add(lease)
    return true
  }

  /** @returns whether the link wanted to hear of the key */
  remove(link: LinkId, key: KeyId): boolean {
    const ofLink = this.#byLink.get(link)
    const lease = ofLink?.byKey.get(key)
    if (ofLink === undefined || lease === undefined) return false
    this.#leases.delete(lease)
    this.#networks.removed(ofLink.network)
    ofLink.byKey.delete(key)
    if (ofLink.byKey.size === 0) this.#byLink.delete(link)
    const links = this.#byKey.get(key)
    links?.delete(link)
    if (links?.size === 0) this.#byKey.delete(key)
    return true
  }

  /** @returns the keys that it wanted to hear of */
  linkClosed(link: LinkId): KeyId[] {
    const keys = [...(this.#byLink.get(link)?.byKey.keys() ?? [])]
    return keys.filter(key => this.remove(link, key))
  }

  linksOf(key: KeyId): readonly LinkId[] {
    return [...(this.#byKey.get(key)?.keys() ?? [])]
  }

  /** Ends leases that were not renewed. @returns their keys */
  timeout(now: number): KeyId[] {
    const ended: KeyId[] = []
    for (const { link, key, untilMs } of this.#leases) {
      if (untilMs > now) break
      this.remove(link, key)
      ended.push(key)
    }
    return ended
  }

  nextTimeout(): number | undefined {
    return this.#leases.values().next().value?.untilMs
  }
}
