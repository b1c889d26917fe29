// Which packets arrived, as ranges for ACK frames (RFC 9000 13.2.3): the newest 32 ranges, highest first.
// In-order arrival, the common case, widens the first range. It does not decide when to ack.

import { ACK_MAX_RANGES } from '../wire/limits.ts'
import type { CounterRanges } from '../wire/session-frames.ts'

export class AckRanges {
  // [low, high] pairs, highest first, never touching. Empty until the first packet.
  #ranges: number[] = []

  /** A view, valid until the next change. */
  get ranges(): CounterRanges {
    return this.#ranges
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0
  }

  /** Each counter is added once: the replay window sees to that. */
  add(counter: number): void {
    const ranges = this.#ranges
    if (ranges.length > 0 && ranges[1] === counter - 1) {
      ranges[1] = counter
      return
    }
    let at = 0
    while (at < ranges.length && (ranges[at] as number) > counter + 1) at += 2
    const extendsAbove = ranges[at] === counter + 1
    const below = extendsAbove ? at + 2 : at
    const extendsBelow = below < ranges.length && ranges[below + 1] === counter - 1
    if (extendsAbove && extendsBelow) {
      ranges[at] = ranges[below] as number
      ranges.splice(below, 2)
    } else if (extendsAbove) ranges[at] = counter
    else if (extendsBelow) ranges[below + 1] = counter
    else this.#insert(at, counter)
  }

  /** The peer knows of everything up to `counter`: its ack of our ack arrived (RFC 9000 13.2.4). */
  forgetUpTo(counter: number): void {
    const ranges = this.#ranges
    while (ranges.length > 0 && (ranges[ranges.length - 1] as number) <= counter) ranges.length -= 2
    const lastLow = ranges.length - 2
    if (lastLow >= 0 && (ranges[lastLow] as number) <= counter) ranges[lastLow] = counter + 1
  }

  clear(): void {
    this.#ranges = []
  }

  #insert(at: number, counter: number): void {
    this.#ranges.splice(at, 0, counter, counter)
    // The oldest range goes. What it stood for is sent again if the peer never heard of it.
    if (this.#ranges.length > 2 * ACK_MAX_RANGES) this.#ranges.length = 2 * ACK_MAX_RANGES
  }
}
