// What this node itself went through with links, relays and whole routes (docs/PROTOCOL.md 5): a success rate that
// follows the newest and goes back to what is expected of strangers, round trip, throughput. Nobody else is believed.

import type { KeyId } from '../identity/node-id.ts'
import { LruMap } from '../machine/lru-map.ts'
import { LINK_HISTORY_MAX } from '../wire/limits.ts'
import type { Relays } from './route.ts'

export interface Experience {
  /** 0 to 1. */
  readonly reliability: number
  readonly rttMs?: number
  readonly bytesPerS?: number
}

export interface Seen {
  readonly rttMs?: number
  /** Bytes acknowledged per second while there was enough to send: a lower bound of what it can carry. */
  readonly bytesPerS?: number
}

/** Expected of what we know nothing of: as likely as good experience, so that newcomers get their chance. */
export const NEUTRAL_RELIABILITY = 0.95
/** Share of the newest in every average: three failures in a row weigh more than all before. */
const NEWEST_SHARE = 0.25
/** Good and bad memories are worth half as much after this. */
export const MEMORY_HALF_LIFE_MS = 600_000
/** Round trips and throughputs older than this say nothing any more: routes must get their second chance. */
export const MEASURE_KEEP_MS = 1_800_000

interface Measure {
  readonly value: number
  readonly atMs: number
}

interface Entry {
  readonly reliability: number
  readonly atMs: number
  readonly rttMs: Measure | undefined
  readonly bytesPerS: Measure | undefined
}

/** Of the link between two nodes, whichever way. A relay's name is its KeyId. */
export function linkName(a: KeyId, b: KeyId): string {
  return a < b ? a + b : b + a
}

/** Of everything between us and the peer. */
export function routeName(relays: Relays, peer: KeyId): string {
  return `route:${relays.join('')}${peer}`
}

export class LinkHistory {
  readonly #entries = new LruMap<string, Entry>(LINK_HISTORY_MAX)

  /** It did what we wanted. Measures that are negative or not finite are not taken. */
  succeeded(now: number, name: string, seen: Seen = {}): void {
    const before = this.#entries.get(name)
    this.#entries.set(name, {
      reliability: average(reliabilityAt(now, before), 1),
      atMs: now,
      rttMs: measured(now, before?.rttMs, seen.rttMs, average),
      // What went over it can be less than what could have.
      bytesPerS: measured(now, before?.bytesPerS, seen.bytesPerS, (old, newest) =>
        Math.max(newest, average(old, newest)),
      ),
    })
  }

  failed(now: number, name: string): void {
    const before = this.#entries.get(name)
    this.#entries.set(name, {
      reliability: average(reliabilityAt(now, before), 0),
      atMs: now,
      rttMs: before?.rttMs,
      bytesPerS: before?.bytesPerS,
    })
  }

  of(now: number, name: string): Experience {
    const entry = this.#entries.peek(name)
    const rttMs = stillTrue(now, entry?.rttMs)
    const bytesPerS = stillTrue(now, entry?.bytesPerS)
    return {
      reliability: reliabilityAt(now, entry),
      ...(rttMs === undefined ? {} : { rttMs }),
      ...(bytesPerS === undefined ? {} : { bytesPerS }),
    }
  }

  /** Names that something is remembered of. */
  get size(): number {
    return this.#entries.size
  }
}

function reliabilityAt(now: number, entry: Entry | undefined): number {
  if (entry === undefined) return NEUTRAL_RELIABILITY
  const kept = 2 ** (-Math.max(0, now - entry.atMs) / MEMORY_HALF_LIFE_MS)
  return NEUTRAL_RELIABILITY + (entry.reliability - NEUTRAL_RELIABILITY) * kept
}

function measured(
  now: number,
  before: Measure | undefined,
  value: number | undefined,
  merge: (old: number, newest: number) => number,
): Measure | undefined {
  if (value === undefined || !Number.isFinite(value) || value < 0) return before
  const old = stillTrue(now, before)
  return { value: old === undefined ? value : merge(old, value), atMs: now }
}

function stillTrue(now: number, measure: Measure | undefined): number | undefined {
  return measure && now - measure.atMs < MEASURE_KEEP_MS ? measure.value : undefined
}

function average(old: number, newest: number): number {
  return old + NEWEST_SHARE * (newest - old)
}
