// What each neighbour key may use (docs/PROTOCOL.md 13): setups and relayed bytes per second. By key and
// not by link, so that dialing again earns no fresh burst. Servers carry many keys' circuits and may use
// more. Whoever is held back is told so, seldom.

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
  SETUPS_BURST,
  SETUPS_PER_S,
  SETUPS_TOWARD_BURST,
  SETUPS_TOWARD_PAIRS,
  SETUPS_TOWARD_PER_S,
} from '../wire/limits.ts'
import type { Allowance, Port } from './circuit.ts'
import type { RouterContext } from './router-context.ts'
import type { QuotaLimit, RelayPolicy } from './router-messages.ts'
import { DEFAULT_RELAY_POLICY } from './router-messages.ts'

const CLIENT_SETUPS: BucketRate = { perSecond: SETUPS_PER_S, burst: SETUPS_BURST }
const SERVER_SETUPS: BucketRate = {
  perSecond: SETUPS_PER_S * SERVER_LINK_FACTOR,
  burst: SETUPS_BURST * SERVER_LINK_FACTOR,
}
const LEAF_SETUPS: BucketRate = { perSecond: LEAF_SETUPS_PER_S, burst: LEAF_SETUPS_BURST }
const SETUPS_TOWARD: BucketRate = { perSecond: SETUPS_TOWARD_PER_S, burst: SETUPS_TOWARD_BURST }

export class Allowances {
  readonly #policy: RelayPolicy
  readonly #serverSetups: BucketRate
  readonly #byPeer = new LruMap<KeyId, Allowance>(MAX_LINKS)
  // One for all keys: whoever could flush it holds so many keys that a fresh bucket is no gain.
  readonly #setupsToward = new LruMap<string, TokenBucket>(SETUPS_TOWARD_PAIRS)

  /** `policy`: `undefined` where this node does not relay. */
  constructor(policy: RelayPolicy | undefined) {
    this.#policy = policy ?? DEFAULT_RELAY_POLICY
    this.#serverSetups = policy === undefined ? LEAF_SETUPS : SERVER_SETUPS
  }

  of(port: Port, now: number): Allowance {
    const known = this.#byPeer.get(port.peer)
    if (known !== undefined) return known
    const allowance: Allowance = {
      kind: 'allowance',
      setups: new TokenBucket(port.isServer ? this.#serverSetups : CLIENT_SETUPS, now),
      bytes: new TokenBucket(port.isServer ? this.#policy.server : this.#policy.client, now),
      waiting: undefined,
      quietUntilMs: Number.NEGATIVE_INFINITY,
    }
    this.#byPeer.set(port.peer, allowance)
    return allowance
  }

  /** Whether one more setup of that key may go on to that client now; counts it if so. */
  takeSetupToward(owner: KeyId, client: KeyId, now: number): boolean {
    const pair = owner + client
    const bucket = this.#setupsToward.get(pair) ?? new TokenBucket(SETUPS_TOWARD, now)
    this.#setupsToward.set(pair, bucket)
    return bucket.take(now)
  }
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
