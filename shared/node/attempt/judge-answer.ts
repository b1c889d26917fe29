// What the answer to a setup of ours means: for a new session (handshake) or one more path (attach). Acts on nothing.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { Time } from '../../machine/machine.ts'
import type { HandshakeInitiator, SessionSecrets } from '../../session/handshake.ts'
import type { Session } from '../../session/session.ts'
import { decodeAnswer } from '../../wire/session-setup.ts'
import type { Failure } from '../mesh-error.ts'
import { FORGED_ANSWER, failureOfRefusal } from '../peer-failure.ts'

/** What was asked for. */
export interface Asked {
  /** That a path was asked for, if one was. */
  readonly session: Session | undefined
  /** Of the handshake that was sent over this circuit. */
  readonly initiator: HandshakeInitiator | undefined
  /** Begun in all. */
  readonly handshakes: number
}

/**
 * `forged`: this is not the peer's answer; all others with a `failure` are. `sessionUnknown`: the peer has lost the session. `overtaken`: both dialed at once, and the peer's handshake goes on.
 * `outrun`: a later handshake of ours came there before this one, and its answer got lost.
 */
export type Verdict =
  | { readonly kind: 'session'; readonly secrets: SessionSecrets }
  | { readonly kind: 'path' }
  | { readonly kind: 'sessionUnknown' | 'overtaken' | 'outrun'; readonly failure: Failure }
  | { readonly kind: 'refused' | 'forged'; readonly failure: Failure }

export function judgeAnswer(
  time: Time,
  data: Uint8Array,
  { session, initiator, handshakes }: Asked,
): Verdict {
  const answer = tryDecode(() => decodeAnswer(data))
  if (answer?.kind === 'handshake') {
    const secrets = initiator?.finish(answer.message)
    if (secrets !== undefined) return { kind: 'session', secrets }
  }
  if (answer?.kind === 'attach' && session?.confirmAttach(time, answer.packet)) {
    return { kind: 'path' }
  }
  if (answer?.kind !== 'refused') return { kind: 'forged', failure: FORGED_ANSWER }
  const failure = failureOfRefusal(answer.reason)
  switch (answer.reason) {
    case 'unknownSession':
      return { kind: 'sessionUnknown', failure }
    case 'superseded':
      return { kind: 'overtaken', failure }
    case 'clock':
      return handshakes > 1 ? { kind: 'outrun', failure } : { kind: 'refused', failure }
    default:
      return { kind: 'refused', failure }
  }
}
