// Writes messages into packets as frames, and what a lost packet carried once more. It keeps the place in a
// run that did not fit whole. Which messages may go is decided in outbox.ts.

import { messageBytesThatFit, writeMessage } from '../wire/session-frame-writers.ts'
import type { Ring } from './ring.ts'
import type { MessageRun } from './sent-packets.ts'

/** A shorter piece of a longer message waits for the next packet, unless this packet would stay empty. */
const MIN_PIECE_BYTES = 64

export interface OutMessage {
  readonly id: Uint8Array
  readonly expiresAt: number
  readonly length: number
  /** `undefined` once the message is settled. */
  data: Uint8Array | undefined
  /** Bytes sent for the first time, -1 before the first frame (which may be an empty message's only one). */
  sent: number
}

/** Not settled, and not sent to its end. */
export function isUnderway(message: OutMessage | undefined): boolean {
  return message?.data !== undefined && message.sent < message.length
}

export function unsentBytesOf(message: OutMessage): number {
  return message.length - Math.max(message.sent, 0)
}

export interface OpenRun {
  firstSeq: number
  firstOffset: number
  lastSeq: number
  lastEnd: number
}

export class MessageWriter {
  readonly #flight: Ring<OutMessage>
  #rest: OpenRun | undefined

  /** `flight` holds each message at its sequence number. */
  constructor(flight: Ring<OutMessage>) {
    this.#flight = flight
  }

  /** A part of a lost run is still to be written. */
  get hasRest(): boolean {
    return this.#rest !== undefined
  }

  hasRoom(bytes: number): boolean {
    return bytes >= MIN_PIECE_BYTES
  }

  /** Only while nothing is left of the run before. */
  take(run: MessageRun): void {
    this.#rest = { ...run }
  }

  beginRun(): OpenRun {
    return { firstSeq: -1, firstOffset: 0, lastSeq: -1, lastEnd: 0 }
  }

  /** Writes what fits of the run taken; messages settled meanwhile are left out. */
  writeRest(out: Uint8Array, at: number, end: number, runs: MessageRun[]): number {
    const rest = this.#rest as OpenRun
    const run = this.beginRun()
    let offset = at
    while (rest.firstSeq <= rest.lastSeq) {
      const message = this.#flight.at(rest.firstSeq)
      const stop = rest.firstSeq === rest.lastSeq ? rest.lastEnd : (message?.length ?? 0)
      if (message?.data !== undefined) {
        const from = rest.firstOffset
        const length = this.#fit(
          end - offset,
          rest.firstSeq,
          message.length,
          from,
          stop - from,
          run.lastSeq < 0,
        )
        if (length < 0) break
        offset = writeMessage(out, offset, rest.firstSeq, message.id, message.data, from, length)
        extend(run, rest.firstSeq, from, from + length)
        rest.firstOffset = from + length
        if (rest.firstOffset < stop) break
      }
      rest.firstSeq++
      rest.firstOffset = 0
    }
    if (rest.firstSeq > rest.lastSeq) this.#rest = undefined
    if (run.lastSeq >= 0) runs.push(run)
    return offset
  }

  /** Writes what fits of the part of `message` that was never sent. @returns `at` when nothing fits. */
  writeFresh(
    out: Uint8Array,
    at: number,
    end: number,
    seq: number,
    message: OutMessage,
    run: OpenRun,
  ): number {
    if (message.data === undefined) return at
    const from = Math.max(message.sent, 0)
    const length = this.#fit(
      end - at,
      seq,
      message.length,
      from,
      message.length - from,
      run.lastSeq < 0,
    )
    if (length < 0) return at
    message.sent = from + length
    extend(run, seq, from, from + length)
    return writeMessage(out, at, seq, message.id, message.data, from, length)
  }

  /** Bytes to write of `wanted`, -1 for none in this packet. */
  #fit(
    room: number,
    seq: number,
    total: number,
    from: number,
    wanted: number,
    isFirst: boolean,
  ): number {
    const length = messageBytesThatFit(room, seq, total, from, wanted)
    if (length === wanted) return length
    return length < (isFirst ? 1 : MIN_PIECE_BYTES) ? -1 : length
  }
}

function extend(run: OpenRun, seq: number, from: number, end: number): void {
  if (run.lastSeq < 0) {
    run.firstSeq = seq
    run.firstOffset = from
  }
  run.lastSeq = seq
  run.lastEnd = end
}
