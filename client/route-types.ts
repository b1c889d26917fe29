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
  /** For this peer from now on, also on a session that is open. Default: what was said of it last (before a restart: if its session or a message to it was kept), else that of the node. */
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
  /** Of an open route. Of what the `peer` opened, `hops` names the last node only; metrics and score are of that. */
  readonly openedBy?: 'us' | 'peer'
  /** Round trip to the peer, of an open route. */
  readonly rttMs?: number
  /** Why a `failed` one did. */
  readonly error?: Failure
}

/** One thing that was done to reach a peer. */
export interface ReachStep {
  /** `attach`: an open session is given another path. `refusal`: the peer itself said no: the way there is good. */
  readonly step: 'lookup' | 'circuit' | 'handshake' | 'attach' | 'refusal'
  /** Keys of the nodes it led through, nearest first. */
  readonly hops: readonly string[]
  /** When it began, milliseconds since 1970. */
  readonly startedAt: number
  readonly tookMs: number
  /** Absent when it went well. */
  readonly error?: Failure
}

/**
 * Why a relay is not taken for one place of a private path. `peer`: it is whom you seek. `unreachable`: a guard that you
 * have no link to now. `noRelay`: it does not relay. `noKey`: the key that a path needs of it is not known. `taken`: it
 * is the only one for another place. `network` and `operator`: it shares `shared` with each relay of another place, `with`
 * for one. `unknown`: nothing tells of its network, nor of that of `with`. `combination`: of those that it could go with
 * no two go together. `failed`: it did lately, and is taken after others.
 */
export interface RelaySetAside {
  readonly key: string
  readonly reason:
    | 'peer'
    | 'unreachable'
    | 'noRelay'
    | 'noKey'
    | 'taken'
    | 'network'
    | 'operator'
    | 'unknown'
    | 'combination'
    | 'failed'
  /** `203.0.0.0/16`, `2001:db8::/32`, `*.example.org`, or what the two call their operator: the words of strangers. */
  readonly shared?: string
  /** Key of a relay that it cannot stand beside. */
  readonly with?: string
}

/** One of the three places of a private path. */
export interface PrivatePlace {
  /** `guard` comes first and is one of yours, `middle` knows neither of you, `last` is one of your peer's. */
  readonly place: 'guard' | 'middle' | 'last'
  /** Relays that were looked at, and how many of these can stand there. */
  readonly candidates: number
  readonly usable: number
  /** Up to eight. */
  readonly setAside: readonly RelaySetAside[]
}

/** What there is to make a private path of. */
export interface PrivatePath {
  /**
   * Absent when there is one. A place that nobody is there for; or `onlyOne` or `onlyTwo`, the relays that there are for
   * all places together; or `network`: there are enough, but too many of one network or operator.
   */
  readonly missing?: PrivatePlace['place'] | 'network' | 'onlyOne' | 'onlyTwo'
  /** In the order of a path. */
  readonly places: readonly PrivatePlace[]
}

/** Everything that tells why a key is reached as it is, or is not. */
export interface DirectState {
  /** `idle`: none is wanted now: there is no session with the peer, or its mode forbids it, or the peer cannot. */
  readonly state: 'idle' | 'trying' | 'open' | 'waiting'
  /**
   * Why there is none, or not yet another attempt. `unsupported`, `busy`, `mode`, `tooSoon`, `failed`: what the peer
   * said. `silent`: it said nothing. `unreachable`: no way was found between the two networks, or somebody else
   * answered. `lost`: there was one, and it broke. `full`: this node has as many as it may.
   */
  readonly reason?:
    | 'unsupported'
    | 'busy'
    | 'mode'
    | 'tooSoon'
    | 'failed'
    | 'silent'
    | 'unreachable'
    | 'lost'
    | 'full'
  /** When it is tried again, milliseconds since 1970. */
  readonly retryAt?: number
}

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
  /** How it stands with a WebRTC connection to the peer; absent where this node has no WebRTC. */
  readonly direct?: DirectState
  /** In mode `private`. */
  readonly privatePath?: PrivatePath
  /** What was tried lately, oldest first. */
  readonly steps: readonly ReachStep[]
}
