// Takes one packet apart and hands each frame to the part that it is for. A violation by any of them, or a
// frame that cannot be read, is told to the session, which closes.

import { DecodeError } from '../bytes/decode-error.ts'
import type { Time } from '../machine/machine.ts'
import type { SessionCloseCode } from '../wire/session-close.ts'
import { sessionCloseOf } from '../wire/session-close.ts'
import type { CounterRanges, SessionFrameHandler } from '../wire/session-frames.ts'
import { readFrames } from '../wire/session-frames.ts'
import type { Liveness } from './liveness.ts'
import type { SessionParts } from './parts.ts'
import type { Path, PathId } from './path.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import type { SentPacket } from './sent-packets.ts'

export type Received =
  /** Forged, replayed, or under keys that are gone: as if it had never come. */
  | { readonly kind: 'ignored' }
  /** `attachNonce` when the packet asks for, or answers, an attachment. */
  | { readonly kind: 'taken'; readonly attachNonce: Uint8Array | undefined }
  | { readonly kind: 'closed'; readonly code: SessionCloseCode; readonly reason: string }
  | { readonly kind: 'violated'; readonly rule: string }

const IGNORED: Received = { kind: 'ignored' }
const TAKEN: Received = { kind: 'taken', attachNonce: undefined }

export class Receiver implements SessionFrameHandler {
  readonly #parts: SessionParts
  readonly #liveness: Liveness
  // Of the packet at hand.
  #time: Time = { now: 0, unixMs: 0 }
  #wantsAck = false
  #hasData = false
  #result: Received = TAKEN

  readonly #onAuthentic: () => void

  /** @param onAuthentic told of each packet that only the peer can have made, before what it carries */
  constructor(parts: SessionParts, liveness: Liveness, onAuthentic: () => void) {
    this.#parts = parts
    this.#liveness = liveness
    this.#onAuthentic = onAuthentic
  }

  receive(time: Time, path: PathId | undefined, packet: Uint8Array): Received {
    const opened = this.#parts.epochs.open(time.now, packet)
    if (opened === undefined) return IGNORED
    this.#onAuthentic()
    this.#time = time
    this.#wantsAck = false
    this.#hasData = false
    this.#result = TAKEN
    try {
      readFrames(opened.plaintext, this)
    } catch (error) {
      if (error instanceof DecodeError || error instanceof ProtocolViolation) {
        return { kind: 'violated', rule: error.message }
      }
      throw error
    }
    this.#parts.acks.received(time.now, opened.counter, path, this.#wantsAck)
    if (this.#hasData && path !== undefined) this.#parts.preference.heardData(path, opened.counter)
    return this.#result
  }

  onPing(): void {
    this.#wantsAck = true
  }

  onAck(ranges: CounterRanges, delayUs: number): void {
    const largest = ranges[1] as number
    if (largest >= this.#parts.epochs.nextCounter) {
      throw new ProtocolViolation('ack of a packet that was never sent')
    }
    const { sent, acks, rekey, pings, signalsOut, paths, preference } = this.#parts
    const answered = new Set<Path>()
    for (const packet of sent.takeAcked(ranges)) {
      if (packet.largestAck >= 0) acks.confirmed(packet.largestAck)
      if (packet.rekey !== undefined) rekey.acknowledged(packet.rekey)
      signalsOut.acknowledged(packet.signals)
      pings.answered(packet.pings, this.#time.now - packet.sentAt)
      const path = paths.get(packet.path)
      if (path === undefined) continue
      path.answered(this.#time.now, packet.counter)
      path.rate.acked(packet)
      if (packet.counter === largest) this.#sample(path, packet, delayUs)
      answered.add(path)
    }
    for (const path of answered) {
      path.rate.took(this.#time.now, preference.active() === path.id)
      this.#liveness.answered(this.#time.now, path)
      this.#report(path)
    }
  }

  onClose(code: number, reason: string): void {
    this.#result = { kind: 'closed', code: sessionCloseOf(code), reason }
  }

  onRekey(step: 1 | 2, message: Uint8Array): void {
    this.#takeData()
    this.#parts.rekey.receive(this.#time, step, message)
  }

  onDelivered(seq: number): void {
    if (this.#parts.outbox.delivered(seq)) this.#parts.probes.used(this.#time.now)
  }

  onCredit(totalBytes: number): void {
    this.#takeData()
    this.#parts.sendCredit.raise(totalBytes)
  }

  onAttach(nonce: Uint8Array): void {
    if (this.#result.kind === 'taken') this.#result = { kind: 'taken', attachNonce: nonce.slice() }
  }

  onSignal(offset: number, bytes: Uint8Array): void {
    this.#takeData()
    this.#parts.signalsIn.onSignal(offset, bytes)
  }

  onMessage(
    seq: number,
    totalBytes: number,
    offset: number,
    id: Uint8Array | undefined,
    bytes: Uint8Array,
  ): void {
    this.#takeData()
    this.#parts.probes.used(this.#time.now)
    this.#parts.inbox.onMessage(seq, totalBytes, offset, id, bytes)
  }

  onSkip(seq: number, totalBytes: number): void {
    this.#takeData()
    this.#parts.inbox.onSkip(seq, totalBytes)
  }

  /** What goes over the path that leads, and no other. */
  #takeData(): void {
    this.#wantsAck = true
    this.#hasData = true
  }

  #sample(path: Path, { sentAt, isQueued }: SentPacket, delayUs: number): void {
    path.sample(this.#time.now, this.#time.now - sentAt, delayUs / 1_000, isQueued)
  }

  #report(path: Path): void {
    const report = path.takeReport(this.#time.now)
    if (report !== undefined) this.#parts.effects.push({ kind: 'path', path: path.id, ...report })
  }
}
