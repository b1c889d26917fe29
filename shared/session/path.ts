// One path of a session: a circuit or a direct link that carries its packets. Capacity, round-trip time, rate, and
// whether it still answers: something unacknowledged for too long is a reason to probe, probes without an
// answer make the path suspect. Replacing it is the owner's decision.

import { PROBES_UNTIL_SUSPECT, TIMER_DRIFT_MS } from '../wire/limits.ts'
import { DeliveryRate } from './delivery-rate.ts'
import { Rtt } from './rtt.ts'

/** The owner's handle of a path, unique in one node. */
export type PathId = number & { readonly brand: 'PathId' }

export interface PathCapacity {
  /** Bytes of a packet in a small cell. */
  readonly smallBytes: number
  /** Bytes of a packet in a large cell, 0 where the path has none. */
  readonly largeBytes: number
}

/** What the owner hears of a path: its own round trip, and its rate if that was measured since. */
export interface PathReport {
  readonly rttMs: number
  readonly bytesPerS?: number
}

/** What an expired probe deadline means. */
export type ProbeVerdict = 'probe' | 'suspect'

export class Path {
  readonly id: PathId
  readonly capacity: PathCapacity
  /** Of whatever is sent, as it is: how long to wait for answers. */
  readonly rtt = new Rtt()
  readonly rate = new DeliveryRate()
  /** Greatest counter sent here that was acknowledged, -1 before. */
  largestAcked = -1
  /** When to look whether something is unacknowledged for too long. */
  probeAt = Number.POSITIVE_INFINITY
  /** A PING must leave on this path. */
  isPingDue = false
  /** When something that was sent here was last acknowledged; before that, when it came up. */
  heardAt = Number.NEGATIVE_INFINITY
  /** Of what did not wait behind our own data: what the path is worth. */
  readonly #ownRtt = new Rtt()
  #unanswered = 0
  #isSuspect = false
  #isDoubted = false
  #reportedMs: number | undefined
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(id: PathId, capacity: PathCapacity) {
    this.id = id
    this.capacity = capacity
  }

  /** No answer to two probes: carries only probes until it answers again. */
  get isSuspect(): boolean {
    return this.#isSuspect
  }

  /** What is overdue here is all that was heard of it lately: another path is better for data. */
  get isDoubted(): boolean {
    return this.#isDoubted
  }

  /** Something that was sent here wants an ack. */
  get isAwaited(): boolean {
    return this.probeAt !== Number.POSITIVE_INFINITY
  }

  /** Call when something that wants an ack was sent here. */
  sent(now: number): void {
    if (this.probeAt === Number.POSITIVE_INFINITY) this.probeAt = now + this.rtt.probeAfterMs
  }

  /** Call when a packet sent here was acknowledged. */
  answered(now: number, counter: number): void {
    if (counter > this.largestAcked) this.largestAcked = counter
    this.heardAt = now
    this.#unanswered = 0
    this.#isSuspect = false
    this.#isDoubted = false
  }

  /** Call when the oldest packet in flight is overdue and nothing after it was acknowledged. */
  probe(now: number): ProbeVerdict {
    // So late a timer was our own stall or sleep: the path gets a fresh chance.
    if (now - this.probeAt > TIMER_DRIFT_MS) this.#unanswered = 0
    const backoff = this.#isSuspect ? SUSPECT_BACKOFF : 1
    this.probeAt = now + backoff * this.rtt.probeAfterMs
    this.isPingDue = true
    this.#isDoubted = now - this.heardAt >= this.rtt.probeAfterMs
    if (this.#isSuspect || this.#unanswered++ < PROBES_UNTIL_SUSPECT) return 'probe'
    this.#isSuspect = true
    return 'suspect'
  }

  /**
   * A round trip, of which the peer says that it took `delayMs` of it.
   * @param isQueued behind data of ours: else a path in use would always look worse than an idle one
   */
  sample(now: number, elapsedMs: number, delayMs: number, isQueued: boolean): void {
    this.rtt.sample(now, elapsedMs, delayMs)
    const isLess = elapsedMs < (this.#ownRtt.smoothedMs ?? Number.POSITIVE_INFINITY)
    if (!isQueued || isLess) this.#ownRtt.sample(now, elapsedMs, delayMs)
  }

  /**
   * What the owner should hear of a path that was just heard from: the first round trip, then great changes of it and
   * new rates, once a second at most; now and then, that all is as before.
   */
  takeReport(now: number): PathReport | undefined {
    const rttMs = this.#ownRtt.smoothedMs
    if (rttMs === undefined || now - this.#reportedAt < REPORT_INTERVAL_MS) return undefined
    const beforeMs = this.#reportedMs
    const isSame = beforeMs !== undefined && Math.abs(rttMs - beforeMs) < REPORT_CHANGE * beforeMs
    const bytesPerS = this.rate.takeFresh()
    const isDue = now - this.#reportedAt >= REPORT_SAME_MS
    if (isSame && bytesPerS === undefined && !isDue) return undefined
    this.#reportedMs = isSame ? beforeMs : rttMs
    this.#reportedAt = now
    return { rttMs: this.#reportedMs, ...(bytesPerS !== undefined && { bytesPerS }) }
  }
}

/** A suspect path is about to be replaced: its probes come slower. */
const SUSPECT_BACKOFF = 2
const REPORT_INTERVAL_MS = 1_000
const REPORT_CHANGE = 0.2
const REPORT_SAME_MS = 30_000
