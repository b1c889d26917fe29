// Signals of a session on their way out (docs/PROTOCOL.md 7.8). Each byte of their stream waits, is in one packet in
// flight, or was acknowledged. Knows no paths, and not what a signal says: one that comes too late is no harm.

import { concat } from '../bytes/concat.ts'
import { SIGNAL_MAX_BYTES, SIGNAL_MAX_GAPS, SIGNAL_WINDOW_BYTES } from '../wire/limits.ts'
import { signalBytesThatFit, writeSignal } from '../wire/session-frame-writers.ts'
import type { SignalRun } from './signal-stream.ts'
import { insertRun, SIGNAL_LENGTH_BYTES } from './signal-stream.ts'

const NOTHING = new Uint8Array(0)

export class SignalSender {
  /** Everything below it was acknowledged. */
  #start = 0
  /** The stream from `#start` on. */
  #bytes: Uint8Array = NOTHING
  /** Everything below it was sent at least once. */
  #sentEnd = 0
  /** What lost packets held, lowest first. */
  readonly #lost: SignalRun[] = []
  /** What was acknowledged above `#start`, lowest first. */
  readonly #acked: SignalRun[] = []
  /** Where runs that were ever sent begin, above `#start`: each may be a piece apart at the receiver. */
  readonly #starts = new Set<number>()

  /** Whether `fill` has something to write. */
  get isDue(): boolean {
    return this.#next() !== undefined
  }

  /** Bytes that wait for a packet. */
  get backlogBytes(): number {
    let bytes = this.#end - this.#sentEnd
    for (const { from, to } of this.#lost) bytes += to - from
    return bytes
  }

  /**
   * @param signal 1 to `SIGNAL_MAX_BYTES`, else it is dropped
   * @returns false when it was dropped, as one is that finds `SIGNAL_WINDOW_BYTES` unacknowledged
   */
  add(signal: Uint8Array): boolean {
    const { length } = signal
    const isFit = length > 0 && length <= SIGNAL_MAX_BYTES
    if (!isFit || this.#bytes.length + SIGNAL_LENGTH_BYTES + length > SIGNAL_WINDOW_BYTES)
      return false
    this.#bytes = concat(this.#bytes, Uint8Array.of(length >> 8, length & 0xff), signal)
    return true
  }

  /**
   * Puts as many frames into `out` as fit between `at` and `end`, lost bytes first, and notes in `runs` what
   * they hold. @returns the offset behind the last byte.
   */
  fill(out: Uint8Array, at: number, end: number, runs: SignalRun[]): number {
    let offset = at
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { from } = next
      const length = signalBytesThatFit(end - offset, from, next.to - from)
      if (length < 1) break
      const run = { from, to: from + length }
      offset = writeSignal(out, offset, from, this.#bytesOf(run))
      this.#sent(next, run)
      runs.push(run)
    }
    return offset
  }

  /** What a packet held that arrived. */
  acknowledged(runs: readonly SignalRun[]): void {
    if (runs.length === 0) return
    for (const run of runs) insertRun(this.#acked, run)
    const before = this.#start
    let start = before
    while ((this.#acked[0]?.from ?? Number.POSITIVE_INFINITY) <= start) {
      start = Math.max(start, this.#acked.shift()?.to ?? start)
    }
    if (start === before) return
    this.#start = start
    // A copy, so that what was acknowledged is not kept for the rest's sake.
    this.#bytes = this.#bytes.slice(start - before)
    for (const from of this.#starts) if (from <= start) this.#starts.delete(from)
  }

  /** What a packet held that was lost: it goes out again. */
  lost(runs: readonly SignalRun[]): void {
    for (const run of runs) insertRun(this.#lost, run)
  }

  clear(): void {
    this.#bytes = NOTHING
    this.#sentEnd = this.#start
    this.#lost.length = 0
    this.#acked.length = 0
    this.#starts.clear()
  }

  get #end(): number {
    return this.#start + this.#bytes.length
  }

  /** The run to send next, whatever of it fits. */
  #next(): SignalRun | undefined {
    if (this.#bytes.length === 0) return undefined
    const lost = this.#lost.find(run => this.#mayBegin(run.from))
    if (lost !== undefined) return lost
    const isFresh = this.#sentEnd < this.#end && this.#mayBegin(this.#sentEnd)
    return isFresh ? { from: this.#sentEnd, to: this.#end } : undefined
  }

  /** Whatever the network does, the receiver must never hold more pieces apart than it takes. */
  #mayBegin(from: number): boolean {
    const isNoPiece = from === this.#start || this.#starts.has(from)
    return isNoPiece || this.#starts.size < SIGNAL_MAX_GAPS
  }

  #sent(next: SignalRun, run: SignalRun): void {
    if (run.from !== this.#start) this.#starts.add(run.from)
    if (run.from === this.#sentEnd) {
      this.#sentEnd = run.to
      return
    }
    const at = this.#lost.indexOf(next)
    if (run.to === next.to) this.#lost.splice(at, 1)
    else this.#lost[at] = { from: run.to, to: next.to }
  }

  #bytesOf({ from, to }: SignalRun): Uint8Array {
    return this.#bytes.subarray(from - this.#start, to - this.#start)
  }
}
