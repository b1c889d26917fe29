// Losses and dead paths (RFC 9002 6, with reliable, ordered paths in mind). A packet is lost when its path
// died, or when it is overdue and something sent after it on the same path was acknowledged. An overdue
// packet without such an ack makes the path be probed, and suspect after two probes.

import type { SessionParts } from './parts.ts'
import type { Path } from './path.ts'
import type { SentPacket } from './sent-packets.ts'

/** How long a suspect path's packets stay recognisable as a late sign of life. */
const LATE_ACK_MS = 60_000

export class Liveness {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  nextTimeout(): number {
    let next = Number.POSITIVE_INFINITY
    for (const path of this.#parts.paths.values()) next = Math.min(next, path.probeAt)
    return next
  }

  expire(now: number): void {
    for (const path of this.#parts.paths.values()) if (now >= path.probeAt) this.#judge(now, path)
  }

  /** Call after packets of `path` were acknowledged. */
  answered(now: number, path: Path): void {
    this.#takeOverdue(now, path)
    this.#rearm(path)
  }

  /** Call when the path is gone: all that was in flight there goes out elsewhere. */
  died(path: Path): void {
    this.#requeue(this.#parts.sent.takeLost(path.id))
  }

  #judge(now: number, path: Path): void {
    if (path.isSuspect) {
      this.#takeLost(path, undefined, now - LATE_ACK_MS)
      path.probe(now)
      return
    }
    const dueAt = path.probeAt
    this.#takeOverdue(now, path)
    const oldest = this.#rearm(path)
    if (oldest === undefined || path.probeAt > now) return
    // How late this is, and so whether we slept ourselves, is told by the probe's own deadline.
    path.probeAt = dueAt
    const wasDoubted = path.isDoubted
    const isSuspect = path.probe(now) === 'suspect'
    // With another path the data does not wait for the verdict: what arrives twice is shown once.
    const isLeft = path.isDoubted && this.#parts.preference.active() !== path.id
    if (isSuspect || isLeft) this.#requeue(this.#parts.sent.strip(path.id))
    const { effects } = this.#parts
    if (isSuspect) effects.push({ kind: 'pathSuspect', path: path.id })
    else if (path.isDoubted && !wasDoubted) effects.push({ kind: 'pathDoubted', path: path.id })
  }

  #takeOverdue(now: number, path: Path): void {
    const sentUntil = now - path.rtt.probeAfterMs
    this.#requeue(this.#takeLost(path, path.largestAcked, sentUntil))
  }

  #takeLost(path: Path, before: number | undefined, sentUntil: number): SentPacket[] {
    const lost = this.#parts.sent.takeLost(path.id, before, sentUntil)
    for (const { bytes } of lost) path.rate.lost(bytes)
    return lost
  }

  #rearm(path: Path): SentPacket | undefined {
    const oldest = this.#parts.sent.oldestOn(path.id)
    path.probeAt = oldest ? oldest.sentAt + path.rtt.probeAfterMs : Number.POSITIVE_INFINITY
    return oldest
  }

  #requeue(packets: readonly SentPacket[]): void {
    for (const { runs, skips, signals, credit, pings, rekey } of packets) {
      this.#parts.pings.add(pings)
      this.#parts.outbox.requeue(runs, skips)
      this.#parts.signalsOut.lost(signals)
      if (credit) this.#parts.receiveCredit.lost()
      if (rekey !== undefined) this.#parts.rekey.lost(rekey)
    }
  }
}
