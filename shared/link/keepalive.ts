// Whether the peer still lives (docs/PROTOCOL.md 3.5), judged by the bytes it sends. One alarm per link:
// receiving only notes the time, and an alarm that comes finds out what has happened since.
//
// 1. A ping goes out once the peer was silent for the policy's `pingAfterMs`, and only one per silence.
// 2. The peer is dead once it was silent for `deadAfterMs`, having been pinged.
// 3. An alarm that is late was this host's own stall or sleep, in which it heard nothing: the silence
//    counts as just long enough for a ping. At most `TIMER_MAX_GRACES` times in one silence.
// 4. Who dialed also pings to measure: soon after the login, in which much else took time, and then as often as on a
//    silent link, however much comes.
// 5. Where the network changed, or this host slept, a link is doubted: it is pinged at once, and dead after
//    `LINK_DOUBT_MS` in which nothing came, unless the ping was answered. What comes may be from before.

import {
  LINK_DEAD_CLIENT_MS,
  LINK_DEAD_MS,
  LINK_DOUBT_MS,
  LINK_DOUBT_ROUND_TRIPS,
  LINK_MEASURE_AFTER_MS,
  PING_INTERVAL_MIN_MS,
  PING_INTERVAL_MS,
  PING_JITTER_MS,
  TIMER_DRIFT_MS,
  TIMER_MAX_GRACES,
} from '../wire/limits.ts'
import type { NodeType } from '../wire/link-messages.ts'

export interface KeepalivePolicy {
  readonly pingAfterMs: number
  readonly deadAfterMs: number
  /** After this, or up to twice that, the round trip is measured; but by pings of silence never, when left out. */
  readonly measureAfterMs?: number
}

export type KeepaliveVerdict = 'wait' | 'ping' | 'dead'

type Doubt =
  | { readonly kind: 'toAsk' }
  /** `isAgain`: the alarm came late once. */
  | { readonly kind: 'asked'; readonly until: number; readonly isAgain: boolean }

const SYMMETRICAL: KeepalivePolicy = { pingAfterMs: PING_INTERVAL_MS, deadAfterMs: LINK_DEAD_MS }

// A client pings by itself, if only once a minute; the responder asks once before it gives up.
const TOWARDS_CLIENT: KeepalivePolicy = {
  pingAfterMs: LINK_DEAD_CLIENT_MS - (LINK_DEAD_MS - PING_INTERVAL_MS),
  deadAfterMs: LINK_DEAD_CLIENT_MS,
}

export function responderPolicy(initiator: NodeType): KeepalivePolicy {
  return initiator === 'client' ? TOWARDS_CLIENT : SYMMETRICAL
}

/** A responder may want pings more often than usual, not less, as the initiator judges it by them. */
export function initiatorPolicy(keepaliveMs: number): KeepalivePolicy {
  const pingAfterMs = Math.min(Math.max(keepaliveMs, PING_INTERVAL_MIN_MS), PING_INTERVAL_MS)
  return { pingAfterMs, deadAfterMs: LINK_DEAD_MS, measureAfterMs: LINK_MEASURE_AFTER_MS }
}

export class Keepalive {
  readonly #policy: KeepalivePolicy
  /** Since when nothing came. */
  #quietSince: number
  #alarmAt: number
  #measureAt: number
  #isPinged = false
  #graces = 0
  #lastPingId = 0
  /** `undefined` once it was answered. */
  #lastPingAt: number | undefined
  #roundTripMs = 0
  #doubt: Doubt | undefined

  /** `jitter` here and below: uniform in [0, 1). */
  constructor(policy: KeepalivePolicy, now: number, jitter: number) {
    this.#policy = policy
    this.#quietSince = now
    this.#measureAt = now + (1 + jitter) * (policy.measureAfterMs ?? Number.POSITIVE_INFINITY)
    this.#alarmAt = this.#pingAlarm(jitter)
  }

  /** When to call `alarm`. Moves only there. */
  get alarmAt(): number {
    return this.#alarmAt
  }

  /** It may be dead without a word: `alarm` is due at once. */
  doubt(now: number): void {
    if (this.#doubt?.kind === 'asked') return
    this.#doubt = { kind: 'toAsk' }
    this.#alarmAt = now
  }

  /** Any message came. */
  received(now: number): void {
    if (this.#doubt?.kind === 'asked') {
      this.#doubt = { ...this.#doubt, until: now + this.#doubtMs }
    }
    this.#quietSince = now
    this.#isPinged = false
    this.#graces = 0
  }

  alarm(now: number, jitter: number): KeepaliveVerdict {
    if (now < this.#alarmAt) return 'wait'
    const isLate = now - this.#alarmAt > TIMER_DRIFT_MS
    if (isLate) this.#grace(now)
    if (this.#doubt !== undefined) return this.#judgeDoubt(now, this.#doubt, isLate, jitter)
    const { pingAfterMs, deadAfterMs } = this.#policy
    const quietMs = now - this.#quietSince
    if (quietMs < pingAfterMs) {
      const isMeasuring = now >= this.#measureAt
      if (isMeasuring) this.#measureLater(now, jitter)
      this.#alarmAt = this.#pingAlarm(jitter)
      return isMeasuring ? 'ping' : 'wait'
    }
    const deadAt = this.#quietSince + deadAfterMs
    if (this.#isPinged) {
      this.#alarmAt = deadAt
      return now < deadAt ? 'wait' : 'dead'
    }
    this.#isPinged = true
    this.#measureLater(now, jitter)
    // Not later than the next ping after an answer that comes at once.
    this.#alarmAt = Math.min(deadAt, now + pingAfterMs)
    return 'ping'
  }

  /** The id of a ping that leaves now. */
  ping(now: number): number {
    this.#lastPingId = (this.#lastPingId + 1) >>> 0
    this.#lastPingAt = now
    return this.#lastPingId
  }

  /** The round trip in milliseconds; `undefined` for a pong that is not the first answer to our last ping. */
  pong(id: number, now: number): number | undefined {
    if (this.#lastPingAt === undefined || id !== this.#lastPingId) return undefined
    const roundTripMs = now - this.#lastPingAt
    this.#lastPingAt = undefined
    this.#roundTripMs = roundTripMs
    this.#doubt = undefined
    return roundTripMs
  }

  #grace(now: number): void {
    const justLongEnough = now - this.#policy.pingAfterMs
    if (this.#quietSince >= justLongEnough || this.#graces === TIMER_MAX_GRACES) return
    this.#graces++
    this.#quietSince = justLongEnough
    this.#isPinged = false
  }

  #judgeDoubt(now: number, doubt: Doubt, isLate: boolean, jitter: number): KeepaliveVerdict {
    const isAgain = doubt.kind === 'asked'
    // Late: an answer may lie here unread.
    if (isAgain && (doubt.isAgain || !isLate)) {
      this.#alarmAt = doubt.until
      return now < doubt.until ? 'wait' : 'dead'
    }
    this.#alarmAt = now + this.#doubtMs
    this.#doubt = { kind: 'asked', until: this.#alarmAt, isAgain }
    this.#isPinged = true
    this.#measureLater(now, jitter)
    return 'ping'
  }

  get #doubtMs(): number {
    return Math.max(LINK_DOUBT_MS, LINK_DOUBT_ROUND_TRIPS * this.#roundTripMs)
  }

  #measureLater(now: number, jitter: number): void {
    if (this.#policy.measureAfterMs === undefined) return
    // Never before the ping that a silent link gets anyway.
    this.#measureAt = now + this.#policy.pingAfterMs + (1 + jitter) * PING_JITTER_MS
  }

  #pingAlarm(jitter: number): number {
    const silentAt = this.#quietSince + this.#policy.pingAfterMs + jitter * PING_JITTER_MS
    return Math.min(silentAt, this.#measureAt)
  }
}
