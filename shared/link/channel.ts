// A link while it is open (docs/PROTOCOL.md 3.4, 3.5): sorts incoming frames, answers pings, keeps the
// peer's liveness and the send queue. Its effects go to the outbox of the link; how it ends is returned.

import { DecodeError } from '../bytes/decode-error.ts'
import type { EffectQueue } from '../machine/effect-queue.ts'
import type { RandomBytes, Time } from '../machine/machine.ts'
import { FRAME, isLegalIn } from '../wire/frame-type.ts'
import { decodePing, decodePong, encodePing, encodePong } from '../wire/link-messages.ts'
import { endedByPeer, endedHere } from './ending.ts'
import { unitInterval } from './jitter.ts'
import type { KeepalivePolicy } from './keepalive.ts'
import { Keepalive } from './keepalive.ts'
import type { LinkClosed, LinkEffect } from './link-types.ts'
import { SendQueue } from './send-queue.ts'

export class Channel {
  readonly #random: RandomBytes
  readonly #out: EffectQueue<LinkEffect>
  readonly #keepalive: Keepalive
  readonly #queue = new SendQueue()

  constructor(
    random: RandomBytes,
    out: EffectQueue<LinkEffect>,
    policy: KeepalivePolicy,
    now: number,
  ) {
    this.#random = random
    this.#out = out
    this.#keepalive = new Keepalive(policy, now, unitInterval(random))
  }

  get canSend(): boolean {
    return !this.#queue.isPaused
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  get alarmAt(): number {
    return Math.min(this.#keepalive.alarmAt, this.#queue.alarmAt ?? Infinity)
  }

  received(time: Time, frame: Uint8Array): LinkClosed | undefined {
    this.#keepalive.received(time.now)
    const type = frame[0] ?? 0
    if (!isLegalIn('open', type)) {
      return endedHere('protocol', 'a frame that is not legal on an open link')
    }
    try {
      switch (type) {
        case FRAME.ping:
          return this.send(time, encodePong(decodePing(frame)))
        case FRAME.pong:
          this.#onPong(time, decodePong(frame))
          return undefined
        case FRAME.goodbye:
          return endedByPeer(frame)
        default:
          this.#out.push({ kind: 'frame', type, bytes: frame })
          return undefined
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return endedHere('protocol', error.message)
    }
  }

  send(time: Time, frame: Uint8Array): LinkClosed | undefined {
    const wasPaused = this.#queue.isPaused
    switch (this.#queue.push(frame, time.now)) {
      case 'send':
        this.#out.push({ kind: 'transmit', bytes: frame })
        return undefined
      case 'queued':
        if (!wasPaused && this.#queue.isPaused) this.#out.push({ kind: 'pause' })
        return undefined
      case 'overflow':
        return endedHere('tooSlow', 'too much waits to be sent')
    }
  }

  full(now: number): void {
    this.#queue.full(now)
  }

  /** A transport that takes bytes again does so because the peer took some: that is a sign of life too. */
  writable(now: number): void {
    this.#keepalive.received(now)
    this.#queue.writable()
  }

  /** The peer may be gone without a word. */
  doubt(time: Time): LinkClosed | undefined {
    this.#keepalive.doubt(time.now)
    return this.alarm(time)
  }

  alarm(time: Time): LinkClosed | undefined {
    if (this.#queue.isTooSlow(time.now)) {
      return endedHere('tooSlow', 'the peer takes too little for too long')
    }
    switch (this.#keepalive.alarm(time.now, unitInterval(this.#random))) {
      case 'wait':
        return undefined
      case 'ping':
        return this.send(time, encodePing(this.#keepalive.ping(time.now)))
      case 'dead':
        return endedHere('timeout', 'the peer is silent')
    }
  }

  /** The next queued frame that the transport may have now. */
  take(now: number): LinkEffect | undefined {
    const wasPaused = this.#queue.isPaused
    const frame = this.#queue.take(now)
    if (frame === undefined) return undefined
    if (wasPaused && !this.#queue.isPaused) this.#out.push({ kind: 'resume' })
    return { kind: 'transmit', bytes: frame }
  }

  #onPong(time: Time, id: number): void {
    const ms = this.#keepalive.pong(id, time.now)
    if (ms !== undefined) this.#out.push({ kind: 'rtt', ms })
  }
}
