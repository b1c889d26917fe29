// Message credit of one session, both directions (docs/PROTOCOL.md 7). Credit is a running total of message
// bytes, each message costing its length and a fixed overhead, charged whole when the message begins. So
// what a peer makes us hold, in reassembly or in the application's queue, never exceeds one window.

import { MESSAGE_OVERHEAD_BYTES, MESSAGE_WINDOW_BYTES } from '../wire/limits.ts'
import { ProtocolViolation } from './protocol-violation.ts'

/** Credit is announced again when the application gave back this much. */
const ANNOUNCE_STEP_BYTES = MESSAGE_WINDOW_BYTES / 4

/** What a message of `length` bytes takes from the credit. */
export function creditCost(length: number): number {
  return length + MESSAGE_OVERHEAD_BYTES
}

/** The sender's half: what we may still begin. */
export class SendCredit {
  #limit = MESSAGE_WINDOW_BYTES
  #used = 0

  allows(length: number): boolean {
    return this.#used + creditCost(length) <= this.#limit
  }

  take(length: number): void {
    this.#used += creditCost(length)
  }

  /** Frames may arrive in any order: only a greater total counts. */
  raise(totalBytes: number): void {
    if (totalBytes > this.#used + MESSAGE_WINDOW_BYTES) {
      throw new ProtocolViolation('credit beyond any window')
    }
    if (totalBytes > this.#limit) this.#limit = totalBytes
  }
}

/** The receiver's half: what the peer may begin. */
export class ReceiveCredit {
  #granted = MESSAGE_WINDOW_BYTES
  #announced = MESSAGE_WINDOW_BYTES
  #used = 0
  #isLost = false

  /** The total to put into the next CREDIT frame. */
  get granted(): number {
    return this.#granted
  }

  get isAnnouncementDue(): boolean {
    return this.#isLost || this.#granted - this.#announced >= ANNOUNCE_STEP_BYTES
  }

  announced(): void {
    this.#announced = this.#granted
    this.#isLost = false
  }

  /** The packet with an announcement was lost. */
  lost(): void {
    this.#isLost = true
  }

  take(length: number): void {
    this.#used += creditCost(length)
    if (this.#used > this.#announced) throw new ProtocolViolation('message beyond the credit')
  }

  giveBack(bytes: number): void {
    this.#granted += bytes
  }
}
