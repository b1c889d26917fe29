// Explanations and routes as a node would give them, for the tests of whatever shows them.

import type { Explanation, Route } from '../route-types.ts'

/** Keys of seeds that repeat one byte: valid, and nobody's. */
export const [ME, ANN, SERVER, OTHER_SERVER] = [
  'key_AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9',
  'key_9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu',
  'key_GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse',
  'key_EdmxWPmx2WH6WgFfTdu9xfkYf3k1g5wD1zccTVySEEh1',
] as const

/** Over one server, not open, until told otherwise. */
export function routeOf(change: Partial<Route> = {}): Route {
  return {
    source: ME,
    destination: ANN,
    hops: [SERVER],
    metrics: { hops: 1, latencyMs: 24, isMeasured: false, reliability: 0.9 },
    score: { total: 39, latency: 24, hops: 10, reliability: 5, throughput: 0 },
    state: 'idle',
    ...change,
  }
}

/** Of a key whose record was found, with one server of ours, that is one of its, until told otherwise. */
export function explanationOf(change: Partial<Explanation> = {}): Explanation {
  return {
    key: ANN,
    mode: 'fast',
    record: 'found',
    lastSeen: 1_000,
    homes: [SERVER],
    servers: [{ url: 'wss://one.example', state: 'online', key: SERVER, rttMs: 11.6 }],
    routes: [routeOf()],
    steps: [],
    ...change,
  }
}
