// What a route is (docs/PROTOCOL.md 5): the relays between this node and a peer, what is known of them and what
// that is worth. Types only; ranking is in the files beside, circuits over a route in shared/routing.

import type { KeyId } from '../identity/node-id.ts'

/**
 * What a path may show to whom. `fast`: the cheapest way, a direct link included. `relay`: never a direct link, so
 * that the peer sees no address. `private`: three relays or more on networks of their own, the first one pinned.
 */
export type PathMode = 'fast' | 'relay' | 'private'

/** The relays between us and the peer, nearest first; none on a link to the peer itself. */
export type Relays = readonly KeyId[]

export interface RouteMetrics {
  /** Relays on the way; none on a direct link. */
  readonly hops: number
  /** Round trip, measured where it was, else the sum of what is known and assumed of its links. */
  readonly latencyMs: number
  /** Whether `latencyMs` was measured over the whole route. */
  readonly isMeasured: boolean
  /** 0 to 1: how often the links and relays on the way did what we wanted of them, by our own experience. */
  readonly reliability: number
  /** Bytes per second that went over it, where enough did to tell. */
  readonly bytesPerS?: number
}

/** The cost of a route in milliseconds, lower is better: `total` is the sum of the others. */
export interface RouteScore {
  readonly total: number
  readonly latency: number
  readonly hops: number
  readonly reliability: number
  readonly throughput: number
}

export interface RankedRoute {
  readonly relays: Relays
  readonly metrics: RouteMetrics
  readonly score: RouteScore
}
