// How many requests neighbours may make (docs/PROTOCOL.md 13): by key and not by link, so that dialing again earns
// no fresh burst; and all keys of one network together, as keys cost nothing and a lookup asks dozens of servers.
// Servers that we reached ourselves ask for many, and have that rate alone.

import type { KeyId } from '../../identity/node-id.ts'
import { TokenBuckets } from '../../machine/token-buckets.ts'
import {
  MAX_LINKS,
  RPC_BURST,
  RPC_PER_NETWORK_BURST,
  RPC_PER_NETWORK_PER_S,
  RPC_PER_S,
  RPC_SPREAD_COST,
  SERVER_RPC_FACTOR,
} from '../../wire/limits.ts'
import type { NetworkName } from '../host.ts'

const STRANGER_RATE = { perSecond: RPC_PER_S, burst: RPC_BURST }
const PROVEN_RATE = {
  perSecond: RPC_PER_S * SERVER_RPC_FACTOR,
  burst: RPC_BURST * SERVER_RPC_FACTOR,
}
const NETWORK_RATE = { perSecond: RPC_PER_NETWORK_PER_S, burst: RPC_PER_NETWORK_BURST }

export interface Requester {
  readonly key: KeyId
  /** A server that we reached ourselves. */
  readonly isProven: boolean
  readonly network: NetworkName | undefined
}

export class RequestRates {
  /** Made with a key's first request, so that an idle link costs nothing here. */
  readonly #strangers = new TokenBuckets<KeyId>(STRANGER_RATE, MAX_LINKS)
  readonly #networks = new TokenBuckets<NetworkName>(NETWORK_RATE, MAX_LINKS)
  readonly #proven = new TokenBuckets<KeyId>(PROVEN_RATE, MAX_LINKS)

  /** @returns whether that request may be answered; then it counts */
  take(now: number, { key, isProven, network }: Requester, method: string): boolean {
    const cost = isSpread(method) ? RPC_SPREAD_COST : 1
    if (isProven) return this.#proven.take(now, key, cost)
    if (!this.#strangers.has(now, key, cost) || !this.#networks.take(now, network, cost)) {
      return false
    }
    return this.#strangers.take(now, key, cost)
  }
}

/** What is brought to many servers, each time anew. */
function isSpread(method: string): boolean {
  return method === 'publish' || method === 'revoke'
}
