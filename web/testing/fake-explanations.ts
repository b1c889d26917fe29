// What the fake node of the design page explains: a key that is reached in more than one way, and one that is not.

import type { Explanation, Route } from '../../client/api.ts'
import { SAMPLE_KEYS } from './fake-node.ts'

const { me, ada, ben, away, server, stranger } = SAMPLE_KEYS
const OFFLINE = {
  code: 'OFFLINE',
  message: 'The peer is not connected to the server right now.',
} as const

export function reachedExplanation(nowMs: number): Partial<Explanation> {
  const last = { hops: [server, stranger], error: OFFLINE } as const
  return {
    record: 'found',
    lastSeen: nowMs - 190_000,
    homes: [server, stranger],
    routes: [
      { ...route(ada, [server], 12, 0.99), state: 'active', rttMs: 12.3 },
      { ...route(ada, [ben], 31, 0.94), state: 'spare', rttMs: 31 },
      route(ada, [server, ben], 64, 0.9),
      { ...route(ada, last.hops, 88, 0.55), state: 'failed', error: last.error },
    ],
    steps: [
      { step: 'lookup', hops: [], startedAt: nowMs - 9_000, tookMs: 14 },
      { step: 'circuit', ...last, startedAt: nowMs - 8_900, tookMs: 640 },
      { step: 'circuit', hops: [server], startedAt: nowMs - 8_200, tookMs: 31 },
      { step: 'handshake', hops: [server], startedAt: nowMs - 8_200, tookMs: 31 },
    ],
  }
}

/** Of a key for which mode `private` was chosen, and too few servers are known. */
export function privateExplanation(nowMs: number): Partial<Explanation> {
  return {
    record: 'found',
    lastSeen: nowMs - 60_000,
    homes: [stranger],
    routes: [],
    privatePath: {
      missing: 'network',
      places: [
        {
          place: 'guard',
          candidates: 1,
          usable: 0,
          setAside: [{ key: server, reason: 'network', shared: '203.0.0.0/16', with: stranger }],
        },
        { place: 'middle', candidates: 1, usable: 1, setAside: [] },
        {
          place: 'last',
          candidates: 1,
          usable: 0,
          setAside: [{ key: stranger, reason: 'network', shared: '203.0.0.0/16', with: server }],
        },
      ],
    },
  }
}

export function awayExplanation(nowMs: number): Partial<Explanation> {
  return {
    record: 'found',
    lastSeen: nowMs - 3 * 86_400_000,
    homes: [server],
    routes: [{ ...route(away, [server], 24, 0.62), state: 'failed', error: OFFLINE }],
    steps: [
      { step: 'lookup', hops: [], startedAt: nowMs - 2_100, tookMs: 14 },
      { step: 'circuit', hops: [server], startedAt: nowMs - 2_000, tookMs: 40, error: OFFLINE },
    ],
  }
}

function route(
  destination: string,
  hops: readonly string[],
  latencyMs: number,
  reliability: number,
): Route {
  const parts = {
    latency: latencyMs,
    hops: 20 * hops.length,
    reliability: Math.round(-150 * Math.log(reliability)),
    throughput: 0,
  }
  return {
    source: me,
    destination,
    hops,
    metrics: { hops: hops.length, latencyMs, isMeasured: false, reliability },
    score: { total: parts.latency + parts.hops + parts.reliability, ...parts },
    state: 'idle',
  }
}
