// How fast one path delivers, from what is acknowledged, after the rate samples of BBR (Cheng, Cardwell: "Delivery Rate
// Estimation", docs/PROTOCOL.md 5.1): each packet knows what was delivered when it left, its ack tells what was since.
// The slower of sending and acknowledging counts, so acks that come in a heap make no path fast. What was sent while a
// path of the usual rate would have had nothing to do says nothing of this one. Tells the greatest of the last seconds.

import { ASSUMED_BYTES_PER_S } from '../routes/score.ts'

/** How things stood at an ack, for all packets that left before the next one. */
export interface RateMark {
  readonly deliveredBytes: number
  readonly atMs: number
  /** When the newest packet of that ack had left. */
  readonly sentAtMs: number
  /** It was no ack, but the first packet after a time with too little to do. */
  readonly isStart: boolean
}

/** What has to be remembered of a packet. */
export interface RatedPacket {
  readonly counter: number
  readonly sentAt: number
  readonly bytes: number
  readonly mark: RateMark
}

/** So much on its way keeps a path of any use busy. */
const BUSY_BYTES = 131_072
/** What keeps a path of the usual rate at work for this long is bulk: more than one large cell, one after the other. */
const BULK_MS = 16
const USUAL_BYTES_PER_MS = ASSUMED_BYTES_PER_S / 1_000
/** Of packets that are no measure of anything. */
const NO_MARK: RateMark = { deliveredBytes: 0, atMs: 0, sentAtMs: 0, isStart: true }
/** A first flight's samples hold one round trip in which nothing could come: counts when that is a quarter at most. */
const START_ROUND_TRIPS = 4
/** The greatest of this and the same time before it is told. */
const WINDOW_MS = 5_000

export class DeliveryRate {
  #deliveredBytes = 0
  #inFlightBytes = 0
  #ackedUpTo = -1
  /** Newest packet of what left in bulk. */
  #bulkUpTo = -1
  /** Until this packet is acknowledged, what is delivered tells what was sent, and not what could be. */
  #limitedUpTo = -1
  #leftMore = false
  /** Until when a path of the usual rate would be at work on what was sent. */
  #usualUntil = Number.NEGATIVE_INFINITY
  #start: RateMark | undefined
  #mark: RateMark = NO_MARK
  /** Of the ack at hand. */
  #newest: RatedPacket | undefined
  #leastRttMs = Number.POSITIVE_INFINITY
  #greatest = 0
  #greatestBefore = 0
  #windowAt = Number.NEGATIVE_INFINITY
  #isFresh = false

  /** So much is on its way that others, too, are measured slower for it. */
  get isBusy(): boolean {
    return this.#inFlightBytes >= BUSY_BYTES
  }

  /** A packet that leaves now waits behind what the session itself sent in bulk. */
  get isQueueing(): boolean {
    return this.#ackedUpTo < this.#bulkUpTo
  }

  /**
   * A packet that wants an ack leaves.
   * @param leavesMore something waits behind it: for room, or for the peer's credit
   * @param isShared another path is busy with data of this session, perhaps over the same links
   * @returns what to remember of it
   */
  sent(
    now: number,
    counter: number,
    bytes: number,
    leavesMore: boolean,
    isShared: boolean,
  ): RateMark {
    if (this.#wasStarved(now) || isShared) {
      this.#limitedUpTo = counter
      const deliveredBytes = this.#deliveredBytes
      const start = { deliveredBytes, atMs: now, sentAtMs: now, isStart: true }
      this.#start = isShared ? undefined : start
    }
    this.#leftMore = leavesMore
    this.#inFlightBytes += bytes
    this.#work(now, counter, bytes)
    return this.#ackedUpTo < this.#limitedUpTo ? (this.#start ?? NO_MARK) : this.#mark
  }

  /** Call for each packet of an ack, in any order; then `took`. */
  acked(packet: RatedPacket): void {
    this.#deliveredBytes += packet.bytes
    this.lost(packet.bytes)
    if (packet.counter > (this.#newest?.counter ?? -1)) this.#newest = packet
  }

  /** It is not on its way any more. */
  lost(bytes: number): void {
    this.#inFlightBytes = Math.max(0, this.#inFlightBytes - bytes)
  }

  /** Call after the last packet of an ack. @param isInUse the path carries data, and did not just lose it to another */
  took(now: number, isInUse: boolean): void {
    const newest = this.#newest
    if (newest === undefined) return
    this.#newest = undefined
    this.#leastRttMs = Math.min(this.#leastRttMs, now - newest.sentAt)
    if (isInUse) this.#sample(now, newest)
    if (newest.counter <= this.#ackedUpTo) return
    this.#ackedUpTo = newest.counter
    const deliveredBytes = this.#deliveredBytes
    this.#mark = { deliveredBytes, atMs: now, sentAtMs: newest.sentAt, isStart: false }
  }

  /** Bytes per second, if they were measured since this was last asked. */
  takeFresh(): number | undefined {
    if (!this.#isFresh) return undefined
    this.#isFresh = false
    return Math.max(this.#greatest, this.#greatestBefore)
  }

  /** Whether the path had too little to do since the packet before. */
  #wasStarved(now: number): boolean {
    if (this.#inFlightBytes === 0) return true
    // What waits, waits for what is on its way, unless that is little: then for a slow reader.
    return now >= this.#usualUntil && !(this.#leftMore && this.isBusy)
  }

  #work(now: number, counter: number, bytes: number): void {
    // What was delivered faster than that is done.
    const atMostMs = now + this.#inFlightBytes / USUAL_BYTES_PER_MS
    const doneAt = Math.max(now, this.#usualUntil) + bytes / USUAL_BYTES_PER_MS
    this.#usualUntil = Math.min(doneAt, atMostMs)
    if (this.#usualUntil >= now + BULK_MS) this.#bulkUpTo = counter
  }

  #sample(now: number, { mark, sentAt }: RatedPacket): void {
    const bytes = this.#deliveredBytes - mark.deliveredBytes
    const tookMs = Math.max(now - mark.atMs, sentAt - mark.sentAtMs)
    if (tookMs <= 0 || (mark.isStart && !this.#isFilled(mark, bytes, tookMs))) return
    this.#turn(now)
    this.#greatest = Math.max(this.#greatest, (1_000 * bytes) / tookMs)
    this.#isFresh = true
  }

  /** Whether so much left at once that the path was full long before its first window came back. */
  #isFilled(mark: RateMark, bytes: number, tookMs: number): boolean {
    const isLong = bytes >= BUSY_BYTES && tookMs >= START_ROUND_TRIPS * this.#leastRttMs
    return isLong && mark === this.#start && this.isBusy
  }

  #turn(now: number): void {
    const passedMs = now - this.#windowAt
    if (passedMs < WINDOW_MS) return
    this.#greatestBefore = passedMs < 2 * WINDOW_MS ? this.#greatest : 0
    this.#greatest = 0
    this.#windowAt = now
  }
}
