// What a route costs, in milliseconds (docs/PROTOCOL.md 5, docs/decisions/024): its round trip, and what its length,
// its failures and its slowness are worth beside that. Every part is public; the total is their sum.

import type { RouteMetrics, RouteScore } from './route.ts'

/** Round trip of a link that nobody measured. */
export const ASSUMED_LINK_MS = 50
/** Each relay: work for others, and one more that can see, fail or leave. */
export const RELAY_COST_MS = 10
/** For -ln(reliability): a route that fails one time in ten costs 32 ms more than one that never does. */
export const FAILURE_COST_MS = 300
/** Below this a route is as bad as can be: keeps costs finite, and a second chance within reach. */
const MIN_RELIABILITY = 0.01
/** Throughput costs what a message of this size takes longer than at the speed assumed of every route … */
const REFERENCE_BYTES = 65_536
export const ASSUMED_BYTES_PER_S = 1_048_576
/** … up to this. */
export const MAX_THROUGHPUT_COST_MS = 500

export function scoreOf({ hops, latencyMs, reliability, bytesPerS }: RouteMetrics): RouteScore {
  const parts = {
    latency: latencyMs,
    hops: RELAY_COST_MS * hops,
    reliability: failureCost(reliability),
    throughput: bytesPerS === undefined ? 0 : slownessCost(bytesPerS),
  }
  const total = parts.latency + parts.hops + parts.reliability + parts.throughput
  return { total, ...parts }
}

/** Adds up along a route, as reliabilities multiply. */
export function failureCost(reliability: number): number {
  // Not `-Math.log`: nothing is to cost minus zero.
  return FAILURE_COST_MS * Math.log(1 / Math.min(1, Math.max(MIN_RELIABILITY, reliability)))
}

/** Nothing for what is as fast as assumed: else routes that were never used would always look better. */
function slownessCost(bytesPerS: number): number {
  const tookMs = (REFERENCE_BYTES * 1_000) / bytesPerS
  const assumedMs = (REFERENCE_BYTES * 1_000) / ASSUMED_BYTES_PER_S
  return Math.min(MAX_THROUGHPUT_COST_MS, Math.max(0, tookMs - assumedMs))
}
