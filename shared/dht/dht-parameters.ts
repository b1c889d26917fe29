// The numbers that shape a DHT (docs/PROTOCOL.md 4), together so that a simulation can run a control: one
// path instead of four, no region. A real network has one set, these defaults: nodes that store to fewer
// places than others look at lose records.

import {
  DHT_ALPHA,
  DHT_K,
  DHT_LIVENESS_INTERVAL_MS,
  DHT_LOOKUP_DEADLINE_MS,
  DHT_PATHS,
  DHT_REFRESH_INTERVAL_MS,
  DHT_SLOW_CALL_MS,
  DHT_TABLE_MAX_PER_NETWORK,
  DHT_TABLE_MAX_PER_NETWORK_IN_BUCKET,
} from '../wire/limits.ts'

export interface DhtParameters {
  /** Entries of a bucket, contacts of an answer, and the least holders of a value. */
  readonly k: number
  /** Calls in flight on one path of a lookup. */
  readonly alpha: number
  /** Paths of a lookup that share no node. */
  readonly paths: number
  /** Whether stores and lookups cover the estimated k-radius, and sweep it when it looks poisoned. */
  readonly coversRegion: boolean
  /** A call that takes longer frees its place; its answer still counts. */
  readonly slowCallMs: number
  /** A lookup ends after this with what it has. */
  readonly lookupDeadlineMs: number
  readonly maxPerNetworkInBucket: number
  readonly maxPerNetworkInTable: number
  /** Every contact of the table is dialed or asked by ourselves about this often. */
  readonly livenessIntervalMs: number
  /** Every bucket gets a lookup of our own this often. */
  readonly refreshIntervalMs: number
}

export const DHT_DEFAULTS: DhtParameters = {
  k: DHT_K,
  alpha: DHT_ALPHA,
  paths: DHT_PATHS,
  coversRegion: true,
  slowCallMs: DHT_SLOW_CALL_MS,
  lookupDeadlineMs: DHT_LOOKUP_DEADLINE_MS,
  maxPerNetworkInBucket: DHT_TABLE_MAX_PER_NETWORK_IN_BUCKET,
  maxPerNetworkInTable: DHT_TABLE_MAX_PER_NETWORK,
  livenessIntervalMs: DHT_LIVENESS_INTERVAL_MS,
  refreshIntervalMs: DHT_REFRESH_INTERVAL_MS,
}
