// The states of one login and what a step in it can lead to (docs/PROTOCOL.md 3.1). Data only: each state
// holds what its next message is checked against, and everything is dropped once the link is open.

import type { Time } from '../machine/machine.ts'
import type { CloseReason } from '../wire/close-code.ts'
import type { Hello, Welcome } from '../wire/link-messages.ts'
import type { InitiatorSide, LinkConfig, LinkPeer, ResponderSide } from './link-types.ts'
import type { Transcript } from './transcript.ts'

/** The initiator's transport is not up yet. */
export interface AwaitTransport {
  readonly phase: 'awaitTransport'
  readonly side: InitiatorSide
}

export interface AwaitChallenge {
  readonly phase: 'awaitChallenge'
  readonly side: InitiatorSide
  readonly hello: Hello
  readonly sentMs: number
}

export interface AwaitWelcome {
  readonly phase: 'awaitWelcome'
  readonly peer: LinkPeer
  readonly rttMs: number
}

export interface AwaitHello {
  readonly phase: 'awaitHello'
  readonly side: ResponderSide
}

export interface AwaitProof {
  readonly phase: 'awaitProof'
  readonly side: ResponderSide
  readonly transcript: Transcript
  readonly sentMs: number
}

export type HandshakeState =
  | AwaitTransport
  | AwaitChallenge
  | AwaitWelcome
  | AwaitHello
  | AwaitProof

export type HandshakeStep =
  | { readonly kind: 'wait'; readonly state: HandshakeState; readonly send: Uint8Array }
  | {
      readonly kind: 'done'
      readonly peer: LinkPeer
      /** One round trip with the other side's signature in it: an upper bound until the first ping. */
      readonly rttMs: number
      readonly send: Uint8Array | undefined
      readonly welcome: Welcome | undefined
    }
  | Refusal

/** The responder's half of the handshake. Its steps throw `DecodeError` for frames that are ill-formed. */
export interface ResponderSteps {
  onHello(config: LinkConfig, state: AwaitHello, frame: Uint8Array, time: Time): HandshakeStep
  onProof(config: LinkConfig, state: AwaitProof, frame: Uint8Array, time: Time): HandshakeStep
}

export interface Refusal {
  readonly kind: 'refuse'
  readonly reason: CloseReason
  /** Told to the other side too. */
  readonly hint: string
}

export function refuse(reason: CloseReason, hint: string): Refusal {
  return { kind: 'refuse', reason, hint }
}
