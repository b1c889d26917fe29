// Who may connect, and who may begin a login (docs/PROTOCOL.md 13): caps in all and for each address,
// a connect rate, and first come when the server is busy those who have not failed lately. Pure: time
// and randomness are arguments. Knows no sockets; its caller closes what it refuses.

import type { AddressGroup } from '../host/node/address.ts'
import { addressClassOf, addressGroupOf } from '../host/node/address.ts'
import { LruMap } from '../shared/machine/lru-map.ts'
import { TokenBucket } from '../shared/machine/token-bucket.ts'
import * as limits from '../shared/wire/limits.ts'

export interface AdmissionLimits {
  readonly maxLinks: number
  readonly maxWebConnections: number
  readonly maxUnauthenticatedLinks: number
  readonly maxPerAddress: number
  readonly maxPerV6Site: number
  readonly connectsPerS: number
  readonly connectsBurst: number
  readonly refusalMs: number
}

export const ADMISSION_LIMITS: AdmissionLimits = {
  maxLinks: limits.MAX_LINKS,
  maxWebConnections: limits.MAX_WEB_CONNECTIONS,
  maxUnauthenticatedLinks: limits.MAX_UNAUTHENTICATED_LINKS,
  maxPerAddress: limits.MAX_LINKS_PER_ADDRESS,
  maxPerV6Site: limits.MAX_LINKS_PER_V6_48,
  connectsPerS: limits.CONNECTS_PER_ADDRESS_PER_S,
  connectsBurst: limits.CONNECTS_PER_ADDRESS_BURST,
  refusalMs: limits.CONNECT_REFUSAL_MS,
}

/** What the server is doing when somebody asks for a link. */
export interface Load {
  readonly links: number
  readonly unauthenticatedLinks: number
  readonly isBusy: boolean
}

export type ConnectVerdict = 'ok' | 'full' | 'tooManyOfAddress' | 'tooFast'
export type LoginVerdict = 'ok' | 'full' | 'tooManyUnauthenticated' | 'busy'

interface History {
  readonly connects: TokenBucket
  refusedUntil: number
  failedAt: number
}

export class Admission {
  readonly #limits: AdmissionLimits
  readonly #isByAddress: boolean
  /** In [0, 1). */
  readonly #random: () => number
  readonly #openByNetwork = new Map<string, number>()
  readonly #openBySite = new Map<string, number>()
  readonly #histories = new LruMap<string, History>(limits.ADMISSION_MAX_ADDRESSES)
  #open = 0

  /** @param isByAddress false where all clients share an address, as in tests and benchmarks */
  constructor(limits: AdmissionLimits, isByAddress: boolean, random: () => number) {
    this.#limits = limits
    this.#isByAddress = isByAddress
    this.#random = random
  }

  get openConnections(): number {
    return this.#open
  }

  /** Judges and, when `ok`, counts a new connection, until `disconnected`. */
  connect(now: number, address: string | undefined, links: number): ConnectVerdict {
    const { maxLinks, maxWebConnections } = this.#limits
    if (this.#open - links >= maxWebConnections) return 'full'
    if (this.#open >= maxLinks + maxWebConnections) return 'full'
    if (this.#isByAddress) {
      const group = addressGroupOf(address)
      const verdict = this.#judgeAddress(now, address, group)
      if (verdict !== 'ok') return verdict
      count(this.#openByNetwork, group.network, 1)
      count(this.#openBySite, group.site, 1)
    }
    this.#open += 1
    return 'ok'
  }

  disconnected(address: string | undefined): void {
    this.#open -= 1
    if (!this.#isByAddress) return
    const { network, site } = addressGroupOf(address)
    count(this.#openByNetwork, network, -1)
    count(this.#openBySite, site, -1)
  }

  judgeLogin(now: number, address: string | undefined, load: Load): LoginVerdict {
    if (load.links >= this.#limits.maxLinks) return 'full'
    if (load.isBusy && this.#isByAddress && this.#hasFailed(now, address)) return 'busy'
    const isCrowded = load.unauthenticatedLinks >= this.#limits.maxUnauthenticatedLinks
    return isCrowded ? 'tooManyUnauthenticated' : 'ok'
  }

  loginFailed(now: number, address: string | undefined): void {
    if (!this.#isByAddress) return
    const history = this.#historyOf(now, addressGroupOf(address).network)
    history.failedAt = now
    history.connects.force(now, limits.FAILED_LOGIN_CONNECTS)
  }

  /** A different wish for everyone, so that those put off do not come back together. */
  retryAfterMs(): number {
    return Math.ceil(limits.BUSY_RETRY_AFTER_MS * (1 + this.#random() / 2))
  }

  #hasFailed(now: number, address: string | undefined): boolean {
    const history = this.#histories.peek(addressGroupOf(address).network)
    return history !== undefined && now - history.failedAt < limits.FAILED_LOGIN_MEMORY_MS
  }

  #judgeAddress(
    now: number,
    address: string | undefined,
    { network, site }: AddressGroup,
  ): ConnectVerdict {
    const history = this.#historyOf(now, network)
    if (now < history.refusedUntil) return 'tooFast'
    if (!history.connects.take(now)) {
      // Any page in a browser here can use the rate up: its user must not stay outside for that.
      if (addressClassOf(address) === 'loopback') return 'tooFast'
      history.refusedUntil = now + this.#limits.refusalMs * (1 + this.#random() / 2)
      return 'tooFast'
    }
    const { maxPerAddress, maxPerV6Site } = this.#limits
    const isOver =
      (this.#openByNetwork.get(network) ?? 0) >= maxPerAddress ||
      (site !== undefined && (this.#openBySite.get(site) ?? 0) >= maxPerV6Site)
    return isOver ? 'tooManyOfAddress' : 'ok'
  }

  #historyOf(now: number, network: string): History {
    const known = this.#histories.get(network)
    if (known !== undefined) return known
    const { connectsPerS: perSecond, connectsBurst: burst } = this.#limits
    const history: History = {
      connects: new TokenBucket({ perSecond, burst }, now),
      refusedUntil: Number.NEGATIVE_INFINITY,
      failedAt: Number.NEGATIVE_INFINITY,
    }
    this.#histories.set(network, history)
    return history
  }
}

function count(counts: Map<string, number>, name: string | undefined, change: 1 | -1): void {
  if (name === undefined) return
  const next = (counts.get(name) ?? 0) + change
  if (next > 0) counts.set(name, next)
  else counts.delete(name)
}
