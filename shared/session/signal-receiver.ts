// Signals of a session on their way in (docs/PROTOCOL.md 7.8): the bytes of their stream put into order and cut where
// a signal ends. What comes too early is held within a window; a peer that breaks a limit is a violation. Not what a
// signal says, nor how many are too many.

import { SIGNAL_MAX_BYTES, SIGNAL_MAX_GAPS, SIGNAL_WINDOW_BYTES } from '../wire/limits.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import type { SignalRun } from './signal-stream.ts'
import { insertRun, SIGNAL_LENGTH_BYTES } from './signal-stream.ts'

const NOTHING = new Uint8Array(0)

export class SignalReceiver {
  readonly #show: (signal: Uint8Array) => void
  /** Everything below it arrived. */
  #next = 0
  /** What arrived apart from that, lowest first, never touching; its bytes are in `#ring`. */
  #pieces: SignalRun[] = []
  /** The window, a byte of offset n at n mod its length; made when a piece first comes too early. */
  #ring: Uint8Array | undefined
  /** The first byte of a signal's length, when the second is not there yet. */
  #lengthHigh: number | undefined
  /** A signal that is not whole yet, and how much of it is there. */
  #signal: Uint8Array | undefined
  #filled = 0

  /** @param show gets each signal once, in order; the bytes are its own */
  constructor(show: (signal: Uint8Array) => void) {
    this.#show = show
  }

  /** As SessionFrameHandler.onSignal. @throws ProtocolViolation */
  onSignal(offset: number, bytes: Uint8Array): void {
    const run = { from: offset, to: offset + bytes.length }
    if (run.to > this.#next + SIGNAL_WINDOW_BYTES)
      throw new ProtocolViolation('signal too far ahead')
    if (run.to <= this.#next) return
    for (const piece of this.#pieces) this.#compare(piece, run, bytes)
    if (run.from > this.#next) {
      this.#keep(run, bytes)
      return
    }
    this.#take(bytes.subarray(this.#next - run.from))
    this.#takePieces()
  }

  clear(): void {
    this.#pieces = []
    this.#ring = undefined
    this.#signal = undefined
  }

  #takePieces(): void {
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      if (piece.from > this.#next) return
      this.#pieces.shift()
      while (this.#next < piece.to) this.#take(this.#stored(this.#next, piece.to))
    }
  }

  #take(bytes: Uint8Array): void {
    this.#next += bytes.length
    let rest = bytes
    while (rest.length > 0) rest = this.#signal === undefined ? this.#begin(rest) : this.#fill(rest)
  }

  /** @returns what is left behind a signal's length */
  #begin(bytes: Uint8Array): Uint8Array {
    const high = this.#lengthHigh ?? (bytes[0] as number)
    const low = this.#lengthHigh === undefined ? bytes[1] : bytes[0]
    const rest = bytes.subarray(this.#lengthHigh === undefined ? SIGNAL_LENGTH_BYTES : 1)
    if (low === undefined) {
      this.#lengthHigh = high
      return NOTHING
    }
    this.#lengthHigh = undefined
    const length = high * 256 + low
    if (length === 0 || length > SIGNAL_MAX_BYTES) {
      throw new ProtocolViolation('signal of an impossible length')
    }
    this.#signal = new Uint8Array(length)
    this.#filled = 0
    return rest
  }

  /** @returns what is left behind the signal */
  #fill(bytes: Uint8Array): Uint8Array {
    const signal = this.#signal ?? NOTHING
    const part = bytes.subarray(0, signal.length - this.#filled)
    signal.set(part, this.#filled)
    this.#filled += part.length
    if (this.#filled === signal.length) {
      this.#signal = undefined
      this.#show(signal)
    }
    return bytes.subarray(part.length)
  }

  /** What came twice must be the same. */
  #compare(piece: SignalRun, run: SignalRun, bytes: Uint8Array): void {
    const to = Math.min(piece.to, run.to)
    for (let at = Math.max(piece.from, run.from); at < to; at++) {
      if (this.#ring?.[at % SIGNAL_WINDOW_BYTES] === bytes[at - run.from]) continue
      throw new ProtocolViolation('signals contradict each other')
    }
  }

  #keep(run: SignalRun, bytes: Uint8Array): void {
    const joins = (piece: SignalRun): boolean => piece.from <= run.to && piece.to >= run.from
    const joined = [run, ...this.#pieces.filter(joins)]
    this.#pieces = this.#pieces.filter(piece => !joins(piece))
    const from = Math.min(...joined.map(piece => piece.from))
    insertRun(this.#pieces, { from, to: Math.max(...joined.map(piece => piece.to)) })
    if (this.#pieces.length > SIGNAL_MAX_GAPS) {
      throw new ProtocolViolation('too many pieces of signals')
    }
    this.#store(run, bytes)
  }

  #store({ from }: SignalRun, bytes: Uint8Array): void {
    this.#ring ??= new Uint8Array(SIGNAL_WINDOW_BYTES)
    const at = from % SIGNAL_WINDOW_BYTES
    const untilEnd = bytes.subarray(0, SIGNAL_WINDOW_BYTES - at)
    this.#ring.set(untilEnd, at)
    this.#ring.set(bytes.subarray(untilEnd.length), 0)
  }

  /** A view of what lies at `from`, up to `to` or the end of the ring. */
  #stored(from: number, to: number): Uint8Array {
    const at = from % SIGNAL_WINDOW_BYTES
    return (this.#ring ?? NOTHING).subarray(at, Math.min(SIGNAL_WINDOW_BYTES, at + to - from))
  }
}
