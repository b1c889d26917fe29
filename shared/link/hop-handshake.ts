// The login of one hop as one pure step function (docs/PROTOCOL.md 3.1): state and frame in, the next
// state, the end or a refusal out. Legality of the frame in the phase is checked before, by login.ts.

import type { Time } from '../machine/machine.ts'
import type { AwaitTransport, HandshakeState, HandshakeStep } from './handshake-state.ts'
import { onChallenge, onWelcome } from './initiator-handshake.ts'
import type { LinkConfig, LinkSide } from './link-types.ts'

export function firstState(side: LinkSide): HandshakeState {
  return side.role === 'initiator'
    ? { phase: 'awaitTransport', side }
    : { phase: 'awaitHello', side }
}

/** One handshake frame of the awaited type. @throws DecodeError */
export function stepHandshake(
  config: LinkConfig,
  state: Exclude<HandshakeState, AwaitTransport>,
  frame: Uint8Array,
  time: Time,
): HandshakeStep {
  switch (state.phase) {
    case 'awaitChallenge':
      return onChallenge(config, state, frame, time)
    case 'awaitWelcome':
      return onWelcome(state, frame)
    case 'awaitHello':
      return state.side.steps.onHello(config, state, frame, time)
    case 'awaitProof':
      return state.side.steps.onProof(config, state, frame, time)
  }
}
