// One simulated connection: reliable, ordered, message-framed, bounded and mortal (architecture D3), with
// latency, jitter that keeps order, bandwidth, a send buffer, death, and silence. It behaves as TCP does:
// silenced traffic is not lost but waits, and only a connection that dies loses what was under way.

import type { CloseReason } from '../shared/wire/close-code.ts'
import type { EventQueue } from './event-queue.ts'
import type { Rng } from './rng.ts'

export interface LinkProfile {
  /** One way. */
  readonly latencyMs: number
  readonly jitterMs: number
  /** Infinity: no limit. */
  readonly bytesPerMs: number
  /** Bytes sent and not yet read by the other program, above which `send` says `full`. */
  readonly bufferBytes: number
}

/** What a link tells one of its ends. `enqueue` is the event loop of that end's node: it may run tasks later. */
export interface LinkEnd {
  enqueue(task: () => void): void
  /** The computer has power, whether or not this end's program still runs. */
  isUp(): boolean
  opened(): void
  message(bytes: Uint8Array): void
  writable(): void
  lost(reason: CloseReason): void
}

export type Side = 'dialer' | 'acceptor'

/** The time source and event queue of the world. */
export interface Clock {
  readonly nowMs: number
  readonly queue: EventQueue
}

/** One direction: from the end that sends to the end that reads. */
interface Lane {
  readonly to: LinkEnd
  /** The reader still wants to hear of this link. */
  isHeard: boolean
  /** What was sent before a death carries an older number and is lost. */
  generation: number
  freeAtMs: number
  lastArrivalMs: number
  unreadBytes: number
  isFull: boolean
  readonly heldTasks: (() => void)[]
}

/** Frame overhead of a message on the wire (WebSocket, TLS, TCP/IP), in bytes. */
const OVERHEAD_BYTES = 80

export class SimLink {
  readonly profile: LinkProfile
  /** What becomes of a message on its way: nothing, itself, or several. A fault; honest links have none. */
  tamper: ((side: Side, bytes: Uint8Array) => readonly Uint8Array[]) | undefined
  readonly #clock: Clock
  readonly #rng: Rng
  readonly #lanes: Record<Side, Lane>
  #isHeld = false
  #isDead = false
  /** The side whose computer vanished without a word. */
  #vanished: Side | undefined
  readonly #onGone: (link: SimLink) => void

  constructor(
    clock: Clock,
    profile: LinkProfile,
    rng: Rng,
    ends: Record<Side, LinkEnd>,
    onGone: (link: SimLink) => void,
  ) {
    this.#clock = clock
    this.profile = profile
    this.#rng = rng
    this.#lanes = { dialer: laneTo(ends.acceptor), acceptor: laneTo(ends.dialer) }
    this.#onGone = onGone
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Neither end has anything to do with it any more. */
  get isGone(): boolean {
    return !this.#lanes.dialer.isHeard && !this.#lanes.acceptor.isHeard
  }

  /** The acceptor took the connection: the dialer learns it one latency later, before anything else. */
  confirm(): void {
    const lane = this.#lanes.acceptor
    this.#ship(lane, 0, () => lane.to.opened())
  }

  send(side: Side, bytes: Uint8Array): 'ok' | 'full' {
    const lane = this.#lanes[side]
    if (this.#isDead) return 'ok'
    if (!lane.isHeard) {
      if (this.#vanished === other(side)) this.#answerWithReset(side)
      return 'ok'
    }
    const copy = bytes.slice()
    for (const message of this.tamper?.(side, copy) ?? [copy]) this.#shipMessage(side, message)
    return lane.isFull ? 'full' : 'ok'
  }

  /** Orderly: the other end reads what was sent, then hears the reason. This end hears nothing more. */
  close(side: Side, reason: CloseReason): void {
    if (!this.#lanes[other(side)].isHeard) return
    this.#mute(other(side))
    this.#ship(this.#lanes[side], 0, () => this.#tellLost(side, reason))
  }

  /** The program of this side died: what it had under way is lost, the other end hears of it. */
  abort(side: Side): void {
    this.#lanes[side].generation += 1
    this.close(side, 'unreachable')
  }

  /** The computer of this side lost power: nobody says anything until it is up again and is written to. */
  vanish(side: Side): void {
    this.#lanes[side].generation += 1
    this.#vanished = side
    this.#mute(other(side))
  }

  /** Both ends hear that the connection died; what was under way is lost. */
  cut(reason: CloseReason): void {
    this.#isDead = true
    for (const side of ['dialer', 'acceptor'] as const) {
      const lane = this.#lanes[side]
      lane.generation += 1
      lane.heldTasks.length = 0
      this.#deliver(lane, () => this.#tellLost(side, reason))
    }
  }

  /** Silence in both directions, nobody is told: a half-open link, or a partition. */
  hold(): void {
    this.#isHeld = true
  }

  /** Ends the silence: what waited arrives at once, in order. */
  release(): void {
    if (!this.#isHeld) return
    this.#clock.queue.schedule(this.#clock.nowMs, () => {
      this.#isHeld = false
      for (const lane of [this.#lanes.dialer, this.#lanes.acceptor]) {
        for (const task of lane.heldTasks.splice(0)) this.#deliver(lane, task)
      }
    })
  }

  #shipMessage(side: Side, message: Uint8Array): void {
    const lane = this.#lanes[side]
    const size = message.length + OVERHEAD_BYTES
    lane.unreadBytes += size
    lane.isFull ||= lane.unreadBytes > this.profile.bufferBytes
    this.#ship(lane, size, () => {
      this.#markRead(side, size)
      lane.to.message(message)
    })
  }

  /** Shipping time, latency and jitter, never overtaking what was sent before. */
  #ship(lane: Lane, size: number, task: () => void): void {
    const { latencyMs, jitterMs, bytesPerMs } = this.profile
    const nowMs = this.#clock.nowMs
    lane.freeAtMs = Math.max(nowMs, lane.freeAtMs) + size / bytesPerMs
    const jitter = jitterMs > 0 ? this.#rng.between(0, jitterMs) : 0
    lane.lastArrivalMs = Math.max(lane.lastArrivalMs, lane.freeAtMs + latencyMs + jitter)
    const generation = lane.generation
    this.#clock.queue.schedule(lane.lastArrivalMs, () => {
      if (lane.generation !== generation) return
      if (this.#isHeld) lane.heldTasks.push(task)
      else this.#deliver(lane, task)
    })
  }

  /** Into the event loop of the reader; by the time it runs, the reader may have lost interest. */
  #deliver(lane: Lane, task: () => void): void {
    lane.to.enqueue(() => {
      if (lane.isHeard) task()
    })
  }

  #markRead(side: Side, size: number): void {
    const lane = this.#lanes[side]
    lane.unreadBytes -= size
    if (!lane.isFull || lane.unreadBytes > this.profile.bufferBytes / 2) return
    lane.isFull = false
    const back = this.#lanes[other(side)]
    this.#ship(back, 0, () => back.to.writable())
  }

  #answerWithReset(side: Side): void {
    if (!this.#lanes[side].to.isUp()) return
    this.#ship(this.#lanes[other(side)], 0, () => this.#tellLost(other(side), 'unreachable'))
  }

  /** The reader of this side's lane hears that it is over. */
  #tellLost(side: Side, reason: CloseReason): void {
    this.#mute(side)
    this.#lanes[side].to.lost(reason)
  }

  /** The reader of this side's lane hears nothing more. */
  #mute(side: Side): void {
    const lane = this.#lanes[side]
    lane.isHeard = false
    lane.heldTasks.length = 0
    if (this.isGone) this.#onGone(this)
  }
}

function laneTo(to: LinkEnd): Lane {
  return {
    to,
    isHeard: true,
    generation: 0,
    freeAtMs: 0,
    lastArrivalMs: 0,
    unreadBytes: 0,
    isFull: false,
    heldTasks: [],
  }
}

function other(side: Side): Side {
  return side === 'dialer' ? 'acceptor' : 'dialer'
}
