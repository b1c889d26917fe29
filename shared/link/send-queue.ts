// What one link still has to send (docs/PROTOCOL.md 13): frames wait here while the transport is full, control
// frames before cells. Over the soft mark its users pause; over the hard mark, or when the transport takes
// nothing for long, the link is too slow. Takes memory for frames only while some wait.

import { BoundedQueue } from '../machine/bounded-queue.ts'
import { isCell } from '../wire/frame-type.ts'
import {
  LINK_HARD_BUFFER_BYTES,
  LINK_MAX_QUEUED_FRAMES,
  LINK_SLOW_TIMEOUT_MS,
  LINK_SOFT_BUFFER_BYTES,
} from '../wire/limits.ts'

/** Users that paused may go on from here down: not just under the soft mark, where they would flap. */
const RESUME_BYTES = LINK_SOFT_BUFFER_BYTES / 2

/**
 * Bytes handed out at one moment. A transport says "full" only after it was given something, and a parent
 * may drain many frames before it hears that: this keeps one such burst from becoming the transport's queue.
 */
const BURST_BYTES = LINK_SOFT_BUFFER_BYTES

/** Both lanes together are bounded by the same two numbers, in `push`. */
const LANE = {
  maxItems: LINK_MAX_QUEUED_FRAMES,
  sizeOf: (frame: Uint8Array): number => frame.length,
}

export class SendQueue {
  #control: BoundedQueue<Uint8Array> | undefined
  #cells: BoundedQueue<Uint8Array> | undefined
  #isFull = false
  #burstAt = 0
  #burstBytes = 0
  /** Since when the transport has taken nothing although frames wait. */
  #stuckSince: number | undefined
  /** Since when the users of the link are paused. */
  #pausedSince: number | undefined

  get isPaused(): boolean {
    return this.#pausedSince !== undefined
  }

  get bytes(): number {
    return (this.#control?.bytes ?? 0) + (this.#cells?.bytes ?? 0)
  }

  /** When to call `isTooSlow` or `take` again; the past means now. */
  get alarmAt(): number | undefined {
    if (this.#isEmpty) return undefined
    const resumesAt = this.#isFull ? Infinity : this.#burstAt + 1
    const slowSince = Math.min(this.#stuckSince ?? Infinity, this.#pausedSince ?? Infinity)
    return Math.min(resumesAt, slowSince + LINK_SLOW_TIMEOUT_MS)
  }

  /** @returns `send` to transmit it at once, `queued`, or `overflow` over the hard mark: nothing changed. */
  push(frame: Uint8Array, now: number): 'send' | 'queued' | 'overflow' {
    if (this.#isEmpty && this.#mayTransmit(now)) {
      this.#burstBytes += frame.length
      return 'send'
    }
    if (this.bytes + frame.length > LINK_HARD_BUFFER_BYTES) return 'overflow'
    if (this.#length === LINK_MAX_QUEUED_FRAMES) return 'overflow'
    this.#laneOf(frame).push(frame)
    if (this.#isFull) this.#stuckSince ??= now
    if (this.bytes >= LINK_SOFT_BUFFER_BYTES) this.#pausedSince ??= now
    return 'queued'
  }

  /** The next frame to transmit, as far as the transport and the burst allow. */
  take(now: number): Uint8Array | undefined {
    if (this.#isEmpty || !this.#mayTransmit(now)) return undefined
    const frame = this.#control?.shift() ?? this.#cells?.shift()
    this.#burstBytes += frame?.length ?? 0
    if (this.bytes <= RESUME_BYTES) this.#pausedSince = undefined
    if (this.#length === 0) this.#drop()
    return frame
  }

  full(now: number): void {
    this.#isFull = true
    if (!this.#isEmpty) this.#stuckSince ??= now
  }

  writable(): void {
    this.#isFull = false
    this.#stuckSince = undefined
  }

  isTooSlow(now: number): boolean {
    const slowSince = Math.min(this.#stuckSince ?? Infinity, this.#pausedSince ?? Infinity)
    return now >= slowSince + LINK_SLOW_TIMEOUT_MS
  }

  get #isEmpty(): boolean {
    return this.#control === undefined && this.#cells === undefined
  }

  get #length(): number {
    return (this.#control?.length ?? 0) + (this.#cells?.length ?? 0)
  }

  #mayTransmit(now: number): boolean {
    if (this.#isFull) return false
    if (now > this.#burstAt) {
      this.#burstAt = now
      this.#burstBytes = 0
    }
    return this.#burstBytes < BURST_BYTES
  }

  #laneOf(frame: Uint8Array): BoundedQueue<Uint8Array> {
    if (isCell(frame[0] ?? 0)) {
      this.#cells ??= new BoundedQueue(LANE)
      return this.#cells
    }
    this.#control ??= new BoundedQueue(LANE)
    return this.#control
  }

  #drop(): void {
    this.#control = undefined
    this.#cells = undefined
    this.#stuckSince = undefined
  }
}
