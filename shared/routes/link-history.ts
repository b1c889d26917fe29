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
/** Share of the newest in every average: three failures weigh more than all before. */
const NEWEST_SHARE = 0.25
/**
 * Failures without a success between them are one outage while each comes this soon after the one before, and count as
 * one failure. Longer than the longest pause of ours between two tries: a search for a spare path, 240 s and its timeouts.
 */
export const SAME_OUTAGE_MS = 300_000
/** After this an outage may be over: what failed gets its second chance. What goes on working counts as often. */
export const OUTAGE_FRESH_MS = 30_000
/** Failures that an outage counts for until then, so that what is dead is soon left for what is much dearer, too. */
const OUTAGE_MAX_FAILURES = 3
/** Good and bad memories are worth half as much after this. */
export const MEMORY_HALF_LIFE_MS = 600_000
/** Round trips and throughputs older than this say nothing any more: routes must get their second chance. */
export const MEASURE_KEEP_MS = 1_800_000

interface Measure {
  readonly value: number
  readonly atMs: number
}

interface Entry {
  /** All failures since the last success are one in it. */
  readonly reliability: number
  /** When it last failed, or a success was counted. */
  readonly atMs: number
  /** Since the last success. */
  readonly failures: number
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
    const reliability = average(reliabilityAt(now, before), 1)
    this.#entries.set(name, { reliability, atMs: now, failures: 0, ...withSeen(now, before, seen) })
  }

  /** It goes on doing what we want: a success, but one that counts once in a while only. */
  worked(now: number, name: string, seen: Seen = {}): void {
    const before = this.#entries.get(name)
    const isNews = before === undefined || now - before.atMs >= OUTAGE_FRESH_MS
    if (isNews) this.succeeded(now, name, seen)
    else this.#entries.set(name, { ...before, ...withSeen(now, before, seen) })
  }

  failed(now: number, name: string): void {
    const before = this.#entries.get(name)
    const isSame = before !== undefined && before.failures > 0 && now - before.atMs < SAME_OUTAGE_MS
    this.#entries.set(name, {
      reliability: isSame ? before.reliability : average(reliabilityAt(now, before), 0),
      atMs: now,
      failures: isSame ? before.failures + 1 : 1,
      rttMs: before?.rttMs,
      bytesPerS: before?.bytesPerS,
    })
  }

  of(now: number, name: string): Experience {
    const entry = this.#entries.peek(name)
    const rttMs = stillTrue(now, entry?.rttMs)
    const bytesPerS = stillTrue(now, entry?.bytesPerS)
    return {
      reliability: reliabilityAt(now, entry) * outageFactor(now, entry),
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

/** As if each failure of an outage that goes on had counted, up to a number. */
function outageFactor(now: number, entry: Entry | undefined): number {
  if (entry === undefined || now - entry.atMs >= OUTAGE_FRESH_MS) return 1
  return (1 - NEWEST_SHARE) ** Math.max(0, Math.min(entry.failures, OUTAGE_MAX_FAILURES) - 1)
}

function withSeen(
  now: number,
  before: Entry | undefined,
  { rttMs, bytesPerS }: Seen,
): Pick<Entry, 'rttMs' | 'bytesPerS'> {
  return {
    rttMs: measured(now, before?.rttMs, rttMs, average),
    // What went over it can be less than what could have.
    bytesPerS: measured(now, before?.bytesPerS, bytesPerS, (old, newest) =>
      Math.max(newest, average(old, newest)),
    ),
  }
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
