// What each neighbour key may use (docs/PROTOCOL.md 13): setups and relayed bytes per second. By key and
// not by link, so that dialing again earns no fresh burst. Servers carry many keys' circuits and may use
// more, once our own dial has proven them: anybody can call itself a server. Whoever is held back is told
// so, seldom.

import type { KeyId } from '../identity/node-id.ts'
import { LruMap } from '../machine/lru-map.ts'
import type { BucketRate } from '../machine/token-bucket.ts'
import { TokenBucket } from '../machine/token-bucket.ts'
import {
  LEAF_SETUPS_BURST,
  LEAF_SETUPS_PER_S,
  MAX_CIRCUITS_PER_LINK,
  MAX_CIRCUITS_PER_SERVER_LINK,
  MAX_LINKS,
  QUOTA_NOTICE_MS,
  SERVER_LINK_FACTOR,
  SERVER_SETUPS_TOWARD_BURST,
  SERVER_SETUPS_TOWARD_PER_S,
  SETUPS_BURST,
  SETUPS_PER_S,
  SETUPS_TOWARD_BURST,
  SETUPS_TOWARD_PAIRS,
  SETUPS_TOWARD_PER_S,
} from '../wire/limits.ts'
import type { Allowance, Port } from './circuit.ts'
import type { RouterContext } from './router-context.ts'
import type { QuotaLimit, Relaying, RelayPolicy } from './router-messages.ts'
import { DEFAULT_RELAY_POLICY } from './router-messages.ts'

const CLIENT_SETUPS: BucketRate = { perSecond: SETUPS_PER_S, burst: SETUPS_BURST }
const SERVER_SETUPS: BucketRate = {
  perSecond: SETUPS_PER_S * SERVER_LINK_FACTOR,
  burst: SETUPS_BURST * SERVER_LINK_FACTOR,
}
const LEAF_SETUPS: BucketRate = { perSecond: LEAF_SETUPS_PER_S, burst: LEAF_SETUPS_BURST }
const SETUPS_TOWARD: BucketRate = { perSecond: SETUPS_TOWARD_PER_S, burst: SETUPS_TOWARD_BURST }
const SERVER_SETUPS_TOWARD: BucketRate = {
  perSecond: SERVER_SETUPS_TOWARD_PER_S,
  burst: SERVER_SETUPS_TOWARD_BURST,
}

export class Allowances {
  readonly #policy: RelayPolicy
  readonly #serverSetups: BucketRate
  readonly #byPeer = new LruMap<KeyId, Allowance>(MAX_LINKS)
  // One for all keys: whoever could flush it holds so many keys that a fresh bucket is no gain.
  readonly #setupsToward = new LruMap<string, TokenBucket>(SETUPS_TOWARD_PAIRS)

  /** `relaying`: `undefined` where this node does not relay. */
  constructor(relaying: Pick<Relaying, 'policy' | 'isLeaf'> | undefined) {
    this.#policy = relaying?.policy ?? DEFAULT_RELAY_POLICY
    const isLeaf = relaying === undefined || relaying.isLeaf === true
    this.#serverSetups = isLeaf ? LEAF_SETUPS : SERVER_SETUPS
  }

  of({ peer, isServer }: Port, now: number): Allowance {
    return this.#byPeer.get(peer) ?? this.#add(peer, isServer, now)
  }

  /** Whether that key is remembered as a proven server's. */
  isServer(peer: KeyId): boolean {
    return this.#byPeer.peek(peer)?.isServer === true
  }

  /**
   * From now on that key has a server's rates. What it has used up stays used up, and a second proof changes
   * nothing: neither earns a fresh burst.
   */
  proveServer(peer: KeyId, now: number): Allowance {
    const allowance = this.#byPeer.get(peer) ?? this.#add(peer, true, now)
    if (allowance.isServer) return allowance
    const { client, server } = this.#policy
    allowance.isServer = true
    allowance.setups = atRate(allowance.setups, CLIENT_SETUPS, this.#serverSetups, now)
    allowance.bytes = atRate(allowance.bytes, client, server, now)
    return allowance
  }

  /** Whether one more setup from that link may go on to that client now; counts it if so. */
  takeSetupToward(previous: Port, client: KeyId, now: number): boolean {
    const { peer, isServer } = previous
    // A key that is proven meanwhile has another bucket: once, as it stays proven.
    const pair = `${isServer ? 's' : 'c'}${peer}${client}`
    return this.#takeToward(pair, isServer ? SERVER_SETUPS_TOWARD : SETUPS_TOWARD, now)
  }

  /** The same for a client that relays to one of its servers: one rate for all that ask it to. */
  takeSetupTowardServer(server: KeyId, now: number): boolean {
    return this.#takeToward(`l${server}`, SETUPS_TOWARD, now)
  }

  #takeToward(name: string, rate: BucketRate, now: number): boolean {
    const bucket = this.#setupsToward.get(name) ?? new TokenBucket(rate, now)
    this.#setupsToward.set(name, bucket)
    return bucket.take(now)
  }

  #add(peer: KeyId, isServer: boolean, now: number): Allowance {
    const allowance: Allowance = {
      kind: 'allowance',
      isServer,
      setups: new TokenBucket(isServer ? this.#serverSetups : CLIENT_SETUPS, now),
      bytes: new TokenBucket(isServer ? this.#policy.server : this.#policy.client, now),
      waitingSetups: 0,
      waiting: undefined,
      quietUntilMs: Number.NEGATIVE_INFINITY,
    }
    this.#byPeer.set(peer, allowance)
    return allowance
  }
}

/** A bucket of another rate that lacks as much of being full. */
function atRate(bucket: TokenBucket, from: BucketRate, to: BucketRate, now: number): TokenBucket {
  const used = (bucket.msUntil(now, from.burst) * from.perSecond) / 1000
  const moved = new TokenBucket(to, now)
  moved.force(now, Math.min(used, to.burst))
  return moved
}

/** Circuits that the peer may have opened over that link at once. */
export function maxIncomingCircuits(port: Port): number {
  return port.isServer ? MAX_CIRCUITS_PER_SERVER_LINK : MAX_CIRCUITS_PER_LINK
}

export function noticeQuota(
  context: RouterContext,
  now: number,
  port: Port,
  allowance: Allowance,
  limit: QuotaLimit,
  retryAfterMs: number,
): void {
  if (now < allowance.quietUntilMs) return
  allowance.quietUntilMs = now + QUOTA_NOTICE_MS
  context.effects.push({ kind: 'quota', link: port.link, limit, retryAfterMs })
}
