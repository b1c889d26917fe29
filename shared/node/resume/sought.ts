// One peer whose session of the last life is being taken up, and the messages that wait for that, as commands for
// the core. When they are given is decided in resumption.ts.

import type { Time } from '../../machine/machine.ts'
import type { PathMode } from '../../routes/route.ts'
import { DIAL_TIMEOUT_MS } from '../../wire/limits.ts'
import type { Command, RequestId } from '../inputs.ts'
import type { Failure } from '../mesh-error.ts'
import { HUNG_UP } from '../peer-failure.ts'
import type { RestoredPeer } from './restore.ts'

export interface Waiting {
  readonly id: Uint8Array
  readonly data: Uint8Array
  readonly request: RequestId
  readonly expiresAt: number
  /** The core has it. */
  isIssued: boolean
}

export class Sought {
  readonly peer: RestoredPeer
  /** What the application said last, in this life or the one before. */
  mode: PathMode | undefined
  /** When it is given up. */
  until: number
  /** The session runs again. */
  isUp = false
  /** It is dialed, or will be; else it is enough to wait for the peer. */
  isDialed = false
  dial: RequestId | undefined
  /** Dials in a row that failed. */
  failures = 0
  /** Why it has not come about so far. */
  failure: Failure = HUNG_UP
  /** In order. */
  readonly waiting = new Map<RequestId, Waiting>()

  constructor({ now }: Time, peer: RestoredPeer) {
    this.peer = peer
    this.mode = peer.mode
    this.until = now + Math.max(peer.remainingMs, ...peer.messages.map(one => one.remainingMs))
  }

  /** Nothing is left to do: from here on the session is like any other. */
  get isDone(): boolean {
    return this.waiting.size === 0 && this.dial === undefined
  }

  add(one: Waiting): void {
    this.waiting.set(one.request, one)
    this.until = Math.max(this.until, one.expiresAt)
  }

  beginDial({ now }: Time, request: RequestId): Command {
    this.dial = request
    const timeoutMs = Math.max(1, Math.min(DIAL_TIMEOUT_MS, this.until - now))
    return { kind: 'dial', request, peer: this.peer.key, timeoutMs, ...this.#mode }
  }

  /** Messages that the core has not been given, or has given back. */
  takeSends({ now }: Time): Command[] {
    const sends: Command[] = []
    for (const one of this.waiting.values()) {
      if (one.isIssued) continue
      one.isIssued = true
      const { id, data, request } = one
      const timeoutMs = Math.max(1, one.expiresAt - now)
      sends.push({ kind: 'send', request, peer: this.peer.key, id, data, timeoutMs, ...this.#mode })
    }
    return sends
  }

  get #mode(): Pick<Extract<Command, { kind: 'dial' }>, 'mode'> {
    const { mode } = this
    return mode === undefined ? {} : { mode }
  }
}
