// The public face of routes: how a peer can be reached, what each way is worth and why, and what came of it.
// docs/PROTOCOL.md 5. Types only; a part of client/api.ts.

import type { Failure } from '../shared/node/mesh-error.ts'
import type { PathMode, RouteMetrics, RouteScore } from '../shared/routes/route.ts'
import type { ServerStatus, WaitOptions } from './api.ts'

export type { Failure, PathMode, RouteMetrics, RouteScore }

/**
 * `fast`: the best path there is, a direct one included: the peer can see your network address.
 * `relay`: never direct: the peer sees a server in your place, and that server sees both of you.
 * `private`: three nodes or more in between, of different networks, the first one kept for months: in what they
 * forward, none of them sees both ends. Slower; `NO_PATH` where there are not enough of them. Your servers still
 * see which keys you look up, in every mode.
 */
export interface ModeOptions {
  /** For this peer from now on, also on a session that is open. Default: what was said of it last, else that of the node. */
  readonly mode?: PathMode
}

export interface DialOptions extends WaitOptions, ModeOptions {}

export interface RoutesOptions extends WaitOptions {
  /** Ranks for this mode, which stays what it is. Default: the mode in force for the key. */
  readonly mode?: PathMode
}

/** One way to a peer. */
export interface Route {
  /** Your own key. */
  readonly source: string
  readonly destination: string
  /** Keys of the nodes between the two, nearest first; none on a direct link. */
  readonly hops: readonly string[]
  /** `hops` is their number: the nodes in between. */
  readonly metrics: RouteMetrics
  /** What the route costs, in milliseconds, and the parts of it: the lowest `total` is taken first. */
  readonly score: RouteScore
  /**
   * `active` carries the session, `spare` stands by. `idle` is not open: never tried, or let go while others were
   * better. `failed` is not open, either: the last try was in vain.
   */
  readonly state: 'active' | 'spare' | 'idle' | 'failed'
  /** Round trip to the peer, of an open route. */
  readonly rttMs?: number
  /** Why a `failed` one did. */
  readonly error?: Failure
}

/** One thing that was done to reach a peer. */
export interface ReachStep {
  /** `attach`: an open session is given another path. */
  readonly step: 'lookup' | 'circuit' | 'handshake' | 'attach'
  /** Keys of the nodes it led through, nearest first. */
  readonly hops: readonly string[]
  /** When it began, milliseconds since 1970. */
  readonly startedAt: number
  readonly tookMs: number
  /** Absent when it went well. */
  readonly error?: Failure
}

/** Everything that tells why a key is reached as it is, or is not. */
export interface Explanation {
  readonly key: string
  /** The mode in force for this key. */
  readonly mode: PathMode
  /** What the registry says: `noAnswer` when no server could be asked, or none answered. */
  readonly record: 'found' | 'absent' | 'noAnswer' | 'revoked'
  /** What its record says the key is, where there is one. */
  readonly type?: 'client' | 'server'
  /** When the key signed its record, milliseconds since 1970. */
  readonly lastSeen?: number
  /** Keys of the servers that the key says it is attached to; a server names none. */
  readonly homes: readonly string[]
  /** Our own servers. */
  readonly servers: readonly ServerStatus[]
  /** The one in use first, then the cheapest. */
  readonly routes: readonly Route[]
  /** What was tried lately, oldest first. */
  readonly steps: readonly ReachStep[]
}
