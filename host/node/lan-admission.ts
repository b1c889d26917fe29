// Which neighbours may connect to a client (docs/PROTOCOL.md 13): caps in all, of those without a login, and of
// each address, and a connect rate. Pure: time is an argument. Knows no sockets; its caller closes what it refuses.

import { LruMap } from '../../shared/machine/lru-map.ts'
import { TokenBucket } from '../../shared/machine/token-bucket.ts'
import {
  LAN_CONNECTS_PER_ADDRESS_BURST,
  LAN_CONNECTS_PER_ADDRESS_PER_S,
  LAN_MAX_ADDRESSES,
  LAN_MAX_LINKS,
  LAN_MAX_LINKS_PER_ADDRESS,
  LAN_MAX_UNAUTHENTICATED_LINKS,
} from '../../shared/wire/limits.ts'

export class LanAdmission {
  readonly #openByAddress = new Map<string, number>()
  readonly #connects = new LruMap<string, TokenBucket>(LAN_MAX_ADDRESSES)
  #open = 0

  get open(): number {
    return this.#open
  }

  /**
   * Judges and, when it is welcome, counts a connection, until `disconnected`.
   * @param unauthenticated connections and links without a login
   */
  connect(now: number, address: string, unauthenticated: number): boolean {
    const openThere = this.#openByAddress.get(address) ?? 0
    const isWelcome =
      this.#bucketOf(now, address).take(now) &&
      this.#open < LAN_MAX_LINKS &&
      unauthenticated < LAN_MAX_UNAUTHENTICATED_LINKS &&
      openThere < LAN_MAX_LINKS_PER_ADDRESS
    if (!isWelcome) return false
    this.#openByAddress.set(address, openThere + 1)
    this.#open += 1
    return true
  }

  disconnected(address: string): void {
    const openThere = this.#openByAddress.get(address)
    if (openThere === undefined) return
    if (openThere > 1) this.#openByAddress.set(address, openThere - 1)
    else this.#openByAddress.delete(address)
    this.#open -= 1
  }

  #bucketOf(now: number, address: string): TokenBucket {
    const known = this.#connects.get(address)
    if (known !== undefined) return known
    const rate = {
      perSecond: LAN_CONNECTS_PER_ADDRESS_PER_S,
      burst: LAN_CONNECTS_PER_ADDRESS_BURST,
    }
    const bucket = new TokenBucket(rate, now)
    this.#connects.set(address, bucket)
    return bucket
  }
}
