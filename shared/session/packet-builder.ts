// What goes into the next packet, in this order: the pending ack with DELIVERED, control frames, signals, messages.
// An ack alone leaves only when it is due. Without a backlog a packet is small and nothing waits; a backlog of
// more than four small packets takes a large one. All but acks and probes goes over one path (preference.ts).

import { PACKET_MAX_BYTES } from '../wire/limits.ts'
import {
  ackMaxBytes,
  SMALL_FRAME_MAX_BYTES,
  writeAck,
  writeCredit,
  writeDelivered,
  writePing,
  writeRekey,
  writeSkip,
} from '../wire/session-frame-writers.ts'
import { PACKET_OVERHEAD_BYTES } from '../wire/session-packet.ts'
import type { SessionParts } from './parts.ts'
import type { Path } from './path.ts'
import type { MessageRun } from './sent-packets.ts'
import { NOTHING_CARRIED } from './sent-packets.ts'
import type { SignalRun } from './signal-stream.ts'

/** Small packets that a backlog must exceed to be worth a large one. */
const LARGE_FROM_PACKETS = 4
/** Frame type, step and length of a REKEY frame. */
const REKEY_HEAD_BYTES = 4

// Plaintext under construction, shared by all sessions: it is filled and sealed within one call, and no
// provider keeps a reference. Sized for large cells; direct links may take more.
let scratch = new Uint8Array(16_384)

export class PacketBuilder {
  readonly #parts: SessionParts
  // Of the packet at hand.
  #end = 0
  #at = 0
  #runs: MessageRun[] = []
  #skips: number[] = []
  #signals: SignalRun[] = []
  #rekey: Uint8Array | undefined
  #hasCredit = false
  #pings: readonly number[] = NOTHING_CARRIED.pings

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** Whether `build` has a reason. `mayCarryData`: the peer proved that it has the keys. */
  wants(path: Path, mayCarryData: boolean): boolean {
    const { acks, rekey, receiveCredit, signalsOut, outbox, pings, preference } = this.#parts
    if (path.isPingDue || (acks.isDue && this.#mayAck(path))) return true
    if (preference.leading() !== path.id) return false
    if (rekey.dueFrame !== undefined || receiveCredit.isAnnouncementDue) return true
    if (mayCarryData && signalsOut.isDue) return true
    if (preference.active() !== path.id) return false
    return outbox.hasSkips || (mayCarryData && (pings.isDue || outbox.canFill))
  }

  /** @returns a sealed packet within the capacity of `path`, `undefined` when there is nothing to say. */
  build(now: number, path: Path, mayCarryData: boolean): Uint8Array | undefined {
    if (!this.wants(path, mayCarryData)) return undefined
    this.#begin(path)
    const largestAck = this.#writeAck(now)
    const afterAck = this.#at
    const { preference } = this.#parts
    const isActive = preference.active() === path.id
    if (isActive || preference.leading() === path.id) {
      this.#writeControl()
      if (mayCarryData) this.#writeSignals()
    }
    if (isActive) this.#writeSkips()
    if (mayCarryData && isActive) {
      this.#writePings()
      this.#at = this.#parts.outbox.fill(scratch, this.#at, this.#end, this.#runs)
    }
    if (path.isPingDue && this.#at === afterAck) this.#at = writePing(scratch, this.#at)
    const wantsAck = this.#at > afterAck
    if (!wantsAck && !(this.#parts.acks.isDue && this.#mayAck(path))) return undefined
    if (largestAck >= 0 || this.#parts.acks.isDue) this.#parts.acks.written()
    if (wantsAck) this.#remember(now, path, largestAck)
    return this.#at === 0 ? undefined : this.#parts.epochs.seal(scratch.subarray(0, this.#at))
  }

  /** An ack alone goes where it was asked for, while that path is there. */
  #mayAck(path: Path): boolean {
    const asked = this.#parts.acks.path
    return asked === path.id || asked === undefined || !this.#parts.paths.has(asked)
  }

  #begin(path: Path): void {
    const { smallBytes, largeBytes } = path.capacity
    const small = smallBytes - PACKET_OVERHEAD_BYTES
    const { outbox, signalsOut } = this.#parts
    const backlogBytes = outbox.backlogBytes + signalsOut.backlogBytes
    const isLarge = largeBytes > 0 && backlogBytes > LARGE_FROM_PACKETS * small
    const bytes = Math.min(PACKET_MAX_BYTES, isLarge ? largeBytes : smallBytes)
    this.#end = bytes - PACKET_OVERHEAD_BYTES
    if (scratch.length < this.#end) scratch = new Uint8Array(this.#end)
    this.#at = 0
    this.#runs = []
    this.#skips = []
    this.#signals = []
    this.#rekey = undefined
    this.#hasCredit = false
    this.#pings = NOTHING_CARRIED.pings
  }

  /** @returns the greatest counter acknowledged, -1 when nothing was. */
  #writeAck(now: number): number {
    const { acks, inbox } = this.#parts
    const { ranges } = acks
    const largest = ranges[1]
    if (!(acks.isPending || acks.isDue) || largest === undefined) return -1
    if (!this.#hasRoom(ackMaxBytes(ranges) + SMALL_FRAME_MAX_BYTES)) return -1
    this.#at = writeAck(scratch, this.#at, ranges, acks.delayUs(now))
    if (inbox.deliveredSeq > 0) this.#at = writeDelivered(scratch, this.#at, inbox.deliveredSeq)
    return largest
  }

  #writeControl(): void {
    const { rekey, receiveCredit } = this.#parts
    const frame = rekey.dueFrame
    if (frame !== undefined && this.#hasRoom(REKEY_HEAD_BYTES + frame.message.length)) {
      this.#at = writeRekey(scratch, this.#at, frame.step, frame.message)
      this.#rekey = frame.message
      rekey.sent()
    }
    if (receiveCredit.isAnnouncementDue && this.#hasRoom(SMALL_FRAME_MAX_BYTES)) {
      this.#at = writeCredit(scratch, this.#at, receiveCredit.granted)
      this.#hasCredit = true
      receiveCredit.announced()
    }
  }

  #writeSignals(): void {
    this.#at = this.#parts.signalsOut.fill(scratch, this.#at, this.#end, this.#signals)
  }

  #writeSkips(): void {
    const { outbox } = this.#parts
    while (outbox.hasSkips && this.#hasRoom(SMALL_FRAME_MAX_BYTES)) {
      const skip = outbox.takeSkip()
      if (skip === undefined) return
      this.#at = writeSkip(scratch, this.#at, skip.seq, skip.length)
      this.#skips.push(skip.seq)
    }
  }

  #writePings(): void {
    const { pings } = this.#parts
    if (!pings.isDue || !this.#hasRoom(SMALL_FRAME_MAX_BYTES)) return
    this.#at = writePing(scratch, this.#at)
    this.#pings = pings.take()
  }

  #remember(now: number, path: Path, largestAck: number): void {
    const counter = this.#parts.epochs.nextCounter
    const bytes = this.#at + PACKET_OVERHEAD_BYTES
    // Before the rate knows of it: what counts is what is ahead.
    const isQueued = path.rate.isQueueing
    const mark = path.rate.sent(now, counter, bytes, this.#leavesMore(path), this.#isShared(path))
    this.#parts.sent.add({
      counter,
      path: path.id,
      sentAt: now,
      bytes,
      mark,
      isQueued,
      largestAck,
      runs: this.#runs.length > 0 ? this.#runs : NOTHING_CARRIED.runs,
      skips: this.#skips.length > 0 ? this.#skips : NOTHING_CARRIED.skips,
      signals: this.#signals.length > 0 ? this.#signals : NOTHING_CARRIED.signals,
      credit: this.#hasCredit,
      pings: this.#pings,
      rekey: this.#rekey,
    })
    path.isPingDue = false
    path.sent(now)
  }

  #leavesMore(path: Path): boolean {
    return this.#parts.outbox.hasMore && this.#parts.preference.active() === path.id
  }

  /** Data that went over another path before a change is still on its way. */
  #isShared(path: Path): boolean {
    const { paths } = this.#parts
    if (paths.size === 1) return false
    for (const other of paths.values()) {
      if (other !== path && other.rate.isBusy && !other.isSuspect) return true
    }
    return false
  }

  #hasRoom(bytes: number): boolean {
    return this.#end - this.#at >= bytes
  }
}
