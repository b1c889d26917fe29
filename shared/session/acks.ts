// When to acknowledge (RFC 9000 13.2, with our numbers). After quiet: at once, but through a deadline that is
// now, so that the application's answer, which comes first, takes the ack along. Under load: every 32
// packets or 1 ms. Any packet takes along what is pending; a packet for the ack's sake goes back on the path
// that asked for it, which is known to work.

import { ACK_DELAY_MS, ACK_EVERY_PACKETS } from '../wire/limits.ts'
import type { CounterRanges } from '../wire/session-frames.ts'
import { AckRanges } from './ack-ranges.ts'
import type { PathId } from './path.ts'

/** An ack that covered this many packets tells of load. */
const BUSY_PACKETS = 4

export class Acks {
  readonly #ranges = new AckRanges()
  /** Packets that want an ack and have none. */
  #pending = 0
  #isDue = false
  #isBusy = false
  #deadline = Number.POSITIVE_INFINITY
  #path: PathId | undefined
  #newest = -1
  #newestAt = 0

  /** Something wants an ack: it rides in any packet that leaves. */
  get isPending(): boolean {
    return this.#pending > 0
  }

  /** A packet must leave for the ack's sake. */
  get isDue(): boolean {
    return this.#isDue
  }

  /** Where the newest packet that wants an ack came from. */
  get path(): PathId | undefined {
    return this.#path
  }

  get deadline(): number {
    return this.#deadline
  }

  get ranges(): CounterRanges {
    return this.#ranges.ranges
  }

  /** `wantsAck`: the packet held more than acks. */
  received(now: number, counter: number, path: PathId | undefined, wantsAck: boolean): void {
    this.#ranges.add(counter)
    if (counter > this.#newest) {
      this.#newest = counter
      this.#newestAt = now
    }
    if (!wantsAck) return
    this.#path = path
    this.#pending++
    if (this.#pending >= ACK_EVERY_PACKETS) this.hurry()
    else if (this.#pending === 1) this.#deadline = this.#isBusy ? now + ACK_DELAY_MS : now
  }

  /** The peer may be waiting for what the next ack brings. */
  hurry(): void {
    this.#isDue = true
    this.#deadline = Number.POSITIVE_INFINITY
  }

  expire(now: number): void {
    if (now >= this.#deadline) this.hurry()
  }

  /** Since the newest packet came, in microseconds. */
  delayUs(now: number): number {
    return Math.max(0, Math.round((now - this.#newestAt) * 1_000))
  }

  /** Call when an ACK frame was written. */
  written(): void {
    this.#isBusy = this.#pending >= BUSY_PACKETS
    this.#pending = 0
    this.#isDue = false
    this.#deadline = Number.POSITIVE_INFINITY
  }

  /** The peer has our ack of everything up to `counter`. */
  confirmed(counter: number): void {
    this.#ranges.forgetUpTo(counter)
  }

  clear(): void {
    this.#ranges.clear()
    this.#pending = 0
    this.#isDue = false
    this.#deadline = Number.POSITIVE_INFINITY
  }
}
