// Who is how far from whom: link profiles for pairs of nodes, drawn from the seed. A pair always gets the
// same profile, whichever side dials and however many nodes were added in between.

import type { Rng } from './rng.ts'
import type { LinkProfile } from './sim-link.ts'

/** Profile of a link between two nodes, by their numbers. */
export type Topology = (a: number, b: number) => LinkProfile

export interface TopologyOptions {
  readonly minLatencyMs: number
  readonly maxLatencyMs: number
  /** Each message is up to this much later than the latency; order is kept. */
  readonly jitterMs?: number
  readonly bytesPerMs?: number
  readonly bufferBytes?: number
}

/** A bound of what browsers and `ws` keep before a sender is asked to stop. */
export const DEFAULT_BUFFER_BYTES = 1_048_576

/** One way latency of each pair uniform in [min, max): no geography, the harshest triangle inequalities. */
export function uniformTopology(rng: Rng, options: TopologyOptions): Topology {
  return (a, b) => {
    const pair = rng.fork(a < b ? `${a}-${b}` : `${b}-${a}`)
    return profileOf(pair.between(options.minLatencyMs, options.maxLatencyMs), options)
  }
}

/** Nodes lie at random in a unit square; latency grows with distance from min (same place) to max (corners). */
export function planarTopology(rng: Rng, options: TopologyOptions): Topology {
  const spreadMs = (options.maxLatencyMs - options.minLatencyMs) / Math.SQRT2
  const placeOf = (node: number): readonly [number, number] => {
    const place = rng.fork(node)
    return [place.unit(), place.unit()]
  }
  return (a, b) => {
    const [ax, ay] = placeOf(a)
    const [bx, by] = placeOf(b)
    return profileOf(options.minLatencyMs + Math.hypot(ax - bx, ay - by) * spreadMs, options)
  }
}

function profileOf(latencyMs: number, options: TopologyOptions): LinkProfile {
  return {
    latencyMs,
    jitterMs: options.jitterMs ?? 0,
    bytesPerMs: options.bytesPerMs ?? Number.POSITIVE_INFINITY,
    bufferBytes: options.bufferBytes ?? DEFAULT_BUFFER_BYTES,
  }
}
