// A link before it is open (docs/PROTOCOL.md 3.1): length and phase of each frame, the one deadline, and
// the reply budget of docs/THREATS.md 9: a responder sends at most three times what it received until the
// initiator has proven its key. What the messages mean is hop-handshake.ts.

import { DecodeError } from '../bytes/decode-error.ts'
import type { Time } from '../machine/machine.ts'
import { FRAME, isLegalIn } from '../wire/frame-type.ts'
import {
  HANDSHAKE_MAX_BYTES,
  LINK_AUTH_TIMEOUT_MS,
  UNAUTHENTICATED_REPLY_FACTOR,
} from '../wire/limits.ts'
import { endedByPeer, endedHere } from './ending.ts'
import type { HandshakeState, HandshakeStep } from './handshake-state.ts'
import { firstState, stepHandshake } from './hop-handshake.ts'
import { sayHello } from './initiator-handshake.ts'
import type { LinkClosed, LinkConfig, LinkSide } from './link-types.ts'

/** A step of the handshake, or the end of the link: our refusal or the peer's goodbye. */
export type LoginStep = Exclude<HandshakeStep, { kind: 'refuse' }> | LinkClosed

export class Login {
  readonly #config: LinkConfig
  readonly #isInitiator: boolean
  readonly deadlineMs: number
  #state: HandshakeState
  #receivedBytes = 0
  #sentBytes = 0

  constructor(config: LinkConfig, side: LinkSide, time: Time) {
    this.#config = config
    this.#isInitiator = side.role === 'initiator'
    this.deadlineMs = time.now + LINK_AUTH_TIMEOUT_MS
    this.#state = firstState(side)
  }

  /** The transport is up. Only an initiator has something to say then. */
  opened(time: Time): LoginStep | undefined {
    if (this.#state.phase !== 'awaitTransport') return undefined
    return this.#follow(sayHello(this.#config, this.#state, time))
  }

  received(time: Time, frame: Uint8Array): LoginStep {
    this.#receivedBytes += frame.length
    const state = this.#state
    // A WELCOME comes from a proven key and may be as long as the transport allows.
    if (frame.length > HANDSHAKE_MAX_BYTES && state.phase !== 'awaitWelcome') {
      return endedHere('tooLarge', 'a handshake frame is too long')
    }
    const type = frame[0] ?? 0
    if (state.phase === 'awaitTransport' || !isLegalIn(state.phase, type)) {
      return endedHere('protocol', 'a frame that is not legal in this phase')
    }
    try {
      if (type === FRAME.goodbye) return endedByPeer(frame)
      return this.#follow(stepHandshake(this.#config, state, frame, time))
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return endedHere('protocol', error.message)
    }
  }

  timedOut(): LinkClosed {
    if (this.#state.phase === 'awaitTransport') return endedHere('unreachable')
    return endedHere('timeout', 'the login took too long')
  }

  /** Whether a farewell of so many bytes may go to a peer that has proven nothing. */
  mayReply(bytes: number): boolean {
    if (this.#isInitiator) return this.#state.phase !== 'awaitTransport'
    return this.#sentBytes + bytes <= UNAUTHENTICATED_REPLY_FACTOR * this.#receivedBytes
  }

  #follow(step: HandshakeStep): LoginStep {
    if (step.kind === 'refuse') return endedHere(step.reason, step.hint)
    if (step.kind === 'wait') {
      this.#state = step.state
      this.#sentBytes += step.send.length
    }
    return step
  }
}
