// Messages on their way out, in order: waiting (not begun), in flight (begun, not confirmed as delivered),
// and the runs of lost packets that go out again first. A message gets its sequence number when its first
// byte leaves, so one that fails before that leaves no gap. Delivery, expiry and cancelling settle each
// message exactly once, with one effect.

import { equalBytes } from '../bytes/equal.ts'
import type { EffectQueue } from '../machine/effect-queue.ts'
import {
  MESSAGE_MAX_BYTES,
  MESSAGE_TIMEOUT_MS,
  MESSAGES_IN_FLIGHT,
  OUTBOX_MAX_BYTES,
  OUTBOX_MAX_MESSAGES,
} from '../wire/limits.ts'
import type { FailureCode, SessionEffect } from './effects.ts'
import type { SendCredit } from './flow.ts'
import type { OutMessage } from './message-writer.ts'
import { isUnderway, MessageWriter, unsentBytesOf } from './message-writer.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { Ring } from './ring.ts'
import type { MessageRun } from './sent-packets.ts'

export interface UnfinishedMessage {
  readonly id: Uint8Array
  readonly data: Uint8Array
}

/** Below this the owner hears `writable`, when it was refused before. */
const WRITABLE_BYTES = OUTBOX_MAX_BYTES / 2
const WRITABLE_MESSAGES = OUTBOX_MAX_MESSAGES / 2

export class Outbox {
  readonly #effects: EffectQueue<SessionEffect>
  readonly #credit: SendCredit
  readonly #waiting = new Ring<OutMessage>()
  // A message's position is its sequence number.
  readonly #flight = new Ring<OutMessage>()
  readonly #lost = new Ring<MessageRun>()
  readonly #skips = new Ring<number>()
  #messages = 0
  #bytes = 0
  #unsentBytes = 0
  #wasRefused = false
  /** Everything below it in flight is settled. */
  #oldestOpenSeq = 0
  #writer: MessageWriter | undefined

  constructor(effects: EffectQueue<SessionEffect>, credit: SendCredit) {
    this.#effects = effects
    this.#credit = credit
  }

  /** Messages that are not settled. */
  get messages(): number {
    return this.#messages
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Bytes that wait for a packet, roughly: enough to choose between small and large cells. */
  get backlogBytes(): number {
    const frames = FRAME_BYTES * this.#waiting.length
    return this.#unsentBytes + frames + LOST_RUN_BYTES * this.#lost.length
  }

  get hasSkips(): boolean {
    return this.#skips.length > 0
  }

  get canFill(): boolean {
    return (
      this.#lost.length > 0 || this.#writer?.hasRest === true || this.#canGoOn || this.#canBegin
    )
  }

  /** Something waits for a packet, whether or not the peer's credit allows it. */
  get hasMore(): boolean {
    return this.#waiting.length > 0 || this.canFill
  }

  add(now: number, id: Uint8Array, data: Uint8Array): void {
    const refusal = this.#refusalOf(data)
    if (refusal !== undefined) {
      this.#effects.push({ kind: 'failed', id, code: refusal })
      return
    }
    const expiresAt = now + MESSAGE_TIMEOUT_MS
    this.#waiting.push({ id, expiresAt, length: data.length, data, sent: -1 })
    this.#messages++
    this.#bytes += data.length
    this.#unsentBytes += data.length
  }

  /** Unknown ids are ignored: the message is settled already. */
  cancel(id: Uint8Array): void {
    for (let seq = this.#oldestOpenSeq; seq < this.#flight.end; seq++) {
      const message = this.#flight.at(seq)
      if (message?.data !== undefined && equalBytes(message.id, id)) {
        this.#giveUp(seq, 'ABORTED')
        return
      }
    }
    for (let left = this.#waiting.length; left > 0; left--) {
      const message = this.#waiting.shift() as OutMessage
      if (equalBytes(message.id, id)) this.#settle(message, 'ABORTED')
      else this.#waiting.push(message)
    }
  }

  /** The peer handed every message below `seq` to its application. @returns whether that is news */
  delivered(seq: number): boolean {
    const last = this.#flight.at(seq - 1)
    if (seq > this.#flight.end || isUnderway(last))
      throw new ProtocolViolation('delivered what was not sent')
    if (seq <= this.#flight.start) return false
    while (this.#flight.start < seq) {
      const message = this.#flight.shift()
      if (message?.data !== undefined) this.#settle(message)
    }
    this.#skipSettled()
    return true
  }

  expire(now: number): void {
    while (now >= (this.#flight.at(this.#oldestOpenSeq)?.expiresAt ?? Number.POSITIVE_INFINITY)) {
      this.#giveUp(this.#oldestOpenSeq, 'TIMEOUT')
    }
    while (now >= (this.#waiting.first()?.expiresAt ?? Number.POSITIVE_INFINITY)) {
      this.#settle(this.#waiting.shift() as OutMessage, 'TIMEOUT')
    }
  }

  /** Messages expire in the order in which they came. */
  nextExpiry(): number {
    const oldest = this.#flight.at(this.#oldestOpenSeq) ?? this.#waiting.first()
    return oldest?.expiresAt ?? Number.POSITIVE_INFINITY
  }

  /**
   * Puts as many messages and fragments into `out` as fit between `at` and `end`, lost ones first, and notes
   * what it wrote in `runs`. @returns the offset behind the last byte.
   */
  fill(out: Uint8Array, at: number, end: number, runs: MessageRun[]): number {
    this.#writer ??= new MessageWriter(this.#flight)
    const writer = this.#writer
    let offset = at
    while (writer.hasRest || this.#lost.length > 0) {
      if (!writer.hasRest) writer.take(this.#lost.shift() as MessageRun)
      offset = writer.writeRest(out, offset, end, runs)
      if (writer.hasRest) return offset
    }
    return this.#fillFresh(writer, out, offset, end, runs)
  }

  /** The next message that the peer must be told not to wait for. */
  takeSkip(): { readonly seq: number; readonly length: number } | undefined {
    for (let seq = this.#skips.shift(); seq !== undefined; seq = this.#skips.shift()) {
      const message = this.#flight.at(seq)
      if (message !== undefined) return { seq, length: message.length }
    }
    return undefined
  }

  /** What a lost packet carried. */
  requeue(runs: readonly MessageRun[], skips: readonly number[]): void {
    for (const run of runs) if (run.lastSeq >= this.#flight.start) this.#lost.push(run)
    for (const seq of skips) if (seq >= this.#flight.start) this.#skips.push(seq)
  }

  /** In order, for replay in a replacement session. */
  unfinished(): UnfinishedMessage[] {
    const messages: UnfinishedMessage[] = []
    for (const ring of [this.#flight, this.#waiting]) {
      for (let at = ring.start; at < ring.end; at++) {
        const message = ring.at(at)
        if (message?.data !== undefined) messages.push({ id: message.id, data: message.data })
      }
    }
    return messages
  }

  #refusalOf(data: Uint8Array): FailureCode | undefined {
    if (data.length > MESSAGE_MAX_BYTES) return 'TOO_LARGE'
    const isFull =
      this.#messages >= OUTBOX_MAX_MESSAGES || this.#bytes + data.length > OUTBOX_MAX_BYTES
    if (!isFull) return undefined
    this.#wasRefused = true
    return 'FULL'
  }

  get #canGoOn(): boolean {
    return isUnderway(this.#flight.at(this.#flight.end - 1))
  }

  get #canBegin(): boolean {
    const first = this.#waiting.first()
    if (first === undefined || this.#flight.length >= MESSAGES_IN_FLIGHT) return false
    return this.#credit.allows(first.length)
  }

  #fillFresh(
    writer: MessageWriter,
    out: Uint8Array,
    at: number,
    end: number,
    runs: MessageRun[],
  ): number {
    let offset = at
    const run = writer.beginRun()
    while (this.#canGoOn || (this.#canBegin && writer.hasRoom(end - offset))) {
      if (!this.#canGoOn) this.#begin()
      const message = this.#flight.at(this.#flight.end - 1) as OutMessage
      const unsentBefore = unsentBytesOf(message)
      const written = writer.writeFresh(out, offset, end, this.#flight.end - 1, message, run)
      if (written === offset) break
      offset = written
      this.#unsentBytes -= unsentBefore - unsentBytesOf(message)
    }
    if (run.lastSeq >= 0) runs.push(run)
    return offset
  }

  #begin(): void {
    const message = this.#waiting.shift() as OutMessage
    this.#credit.take(message.length)
    this.#flight.push(message)
  }

  /** A message that has a sequence number: the peer would wait for it. */
  #giveUp(seq: number, code: FailureCode): void {
    const message = this.#flight.at(seq) as OutMessage
    this.#settle(message, code)
    this.#skips.push(seq)
    this.#skipSettled()
  }

  #settle(message: OutMessage, code?: FailureCode): void {
    message.data = undefined
    this.#messages--
    this.#bytes -= message.length
    this.#unsentBytes -= unsentBytesOf(message)
    if (code === undefined) this.#effects.push({ kind: 'delivered', id: message.id })
    else this.#effects.push({ kind: 'failed', id: message.id, code })
    if (!this.#wasRefused) return
    if (this.#bytes <= WRITABLE_BYTES && this.#messages <= WRITABLE_MESSAGES) {
      this.#wasRefused = false
      this.#effects.push({ kind: 'writable' })
    }
  }

  #skipSettled(): void {
    let seq = Math.max(this.#oldestOpenSeq, this.#flight.start)
    while (seq < this.#flight.end && this.#flight.at(seq)?.data === undefined) seq++
    this.#oldestOpenSeq = seq
  }
}

/** About what a frame costs beside its bytes. */
const FRAME_BYTES = 24
/** What one lost packet is taken to hold. */
const LOST_RUN_BYTES = 1_024
