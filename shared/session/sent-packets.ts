// Packets in flight that want an ack, by counter, with what each carried (RFC 9002 A.1). Packets are never
// sent again: a lost one hands back what it carried, and that goes out in a new packet. Packets that held
// only acks are not here. Finds losses; when to look for them is decided in paths.ts.

import type { CounterRanges } from '../wire/session-frames.ts'
import type { RatedPacket } from './delivery-rate.ts'
import type { PathId } from './path.ts'
import { Ring } from './ring.ts'
import type { SignalRun } from './signal-stream.ts'

/**
 * A run of the message stream: from byte `firstOffset` of message `firstSeq` to byte `lastEnd` of message
 * `lastSeq`, and all between. A packet carries one run, and more only after losses.
 */
export interface MessageRun {
  readonly firstSeq: number
  readonly firstOffset: number
  readonly lastSeq: number
  readonly lastEnd: number
}

/** What goes out again when a packet is lost. */
export interface Carried {
  readonly runs: readonly MessageRun[]
  /** Sequence numbers in MESSAGE_SKIP frames. */
  readonly skips: readonly number[]
  readonly signals: readonly SignalRun[]
  readonly credit: boolean
  /** Ids of the pings that its PING frame stands for. */
  readonly pings: readonly number[]
  /** The REKEY frame's message, to tell whether it is still the one to send. */
  readonly rekey: Uint8Array | undefined
}

export const NOTHING_CARRIED: Carried = {
  runs: [],
  skips: [],
  signals: [],
  credit: false,
  pings: [],
  rekey: undefined,
}

export interface SentPacket extends Carried, RatedPacket {
  readonly path: PathId
  /** It left behind data of ours: its round trip is no measure of the path. */
  readonly isQueued: boolean
  /** Greatest counter in the ACK frame that rode along, -1 without one. */
  readonly largestAck: number
}

export class SentPackets {
  // By rising counter; `undefined` marks the ones acked or lost, until they reach the front.
  readonly #ring = new Ring<Slot>()
  #live = 0

  get size(): number {
    return this.#live
  }

  add(packet: SentPacket): void {
    this.#ring.push({ counter: packet.counter, packet })
    this.#live++
  }

  /** Takes out every packet that `ranges` name. @returns them, highest range first. */
  takeAcked(ranges: CounterRanges): SentPacket[] {
    const acked: SentPacket[] = []
    for (let i = 0; i < ranges.length; i += 2) {
      const [low, high] = [ranges[i] as number, ranges[i + 1] as number]
      for (let at = this.#search(low); at < this.#ring.end; at++) {
        const slot = this.#ring.at(at)
        if (slot === undefined || slot.counter > high) break
        if (slot.packet !== undefined) acked.push(this.#take(slot, slot.packet))
      }
    }
    this.#trim()
    return acked
  }

  /** Takes out what went over `path` before counter `before`, not after `sentUntil`: oldest first. */
  takeLost(
    path: PathId,
    before: number = Number.POSITIVE_INFINITY,
    sentUntil: number = Number.POSITIVE_INFINITY,
  ): SentPacket[] {
    const lost: SentPacket[] = []
    for (let at = this.#ring.start; at < this.#ring.end; at++) {
      const slot = this.#ring.at(at)
      if (slot === undefined || slot.counter >= before) break
      const packet = slot.packet
      if (packet === undefined || packet.path !== path) continue
      if (packet.sentAt > sentUntil) break
      lost.push(this.#take(slot, packet))
    }
    this.#trim()
    return lost
  }

  /**
   * What went over `path` and is unacknowledged, without forgetting that it was sent: a late ack still counts
   * as a sign of life. Each packet hands over what it carried only once.
   */
  strip(path: PathId): SentPacket[] {
    const stripped: SentPacket[] = []
    for (let at = this.#ring.start; at < this.#ring.end; at++) {
      const slot = this.#ring.at(at)
      if (slot?.packet?.path !== path) continue
      stripped.push(slot.packet)
      slot.packet = { ...slot.packet, ...NOTHING_CARRIED }
    }
    return stripped
  }

  oldestOn(path: PathId): SentPacket | undefined {
    for (let at = this.#ring.start; at < this.#ring.end; at++) {
      const packet = this.#ring.at(at)?.packet
      if (packet?.path === path) return packet
    }
    return undefined
  }

  clear(): void {
    this.#ring.clear()
    this.#live = 0
  }

  #take(slot: Slot, packet: SentPacket): SentPacket {
    slot.packet = undefined
    this.#live--
    return packet
  }

  #trim(): void {
    for (let slot = this.#ring.first(); slot !== undefined; slot = this.#ring.first()) {
      if (slot.packet !== undefined) return
      this.#ring.shift()
    }
  }

  /** Position of the first slot whose counter is at least `counter`. */
  #search(counter: number): number {
    let [from, to] = [this.#ring.start, this.#ring.end]
    while (from < to) {
      const middle = Math.floor((from + to) / 2)
      if ((this.#ring.at(middle) as Slot).counter < counter) from = middle + 1
      else to = middle
    }
    return from
  }
}

interface Slot {
  readonly counter: number
  packet: SentPacket | undefined
}
