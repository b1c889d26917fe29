// What the circuits of one attempt carry to the peer, and what its answers mean: a handshake for a new session, or the
// proof of one that gets another path (attach). Keeps the secrets of the handshakes that are under way.

import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import { HandshakeInitiator } from '../../session/handshake.ts'
import type { Session } from '../../session/session.ts'
import { encodeSetup } from '../../wire/session-setup.ts'
import type { PeerContext } from '../peers/peer-context.ts'
import type { Verdict } from './judge-answer.ts'
import { judgeAnswer } from './judge-answer.ts'

type Context = Pick<PeerContext, 'handshake' | 'stamps' | 'isSignalOnly'>

export class AttemptSetups {
  /** The session that gets a path, or none: a handshake. */
  readonly session: Session | undefined
  readonly #context: Context
  readonly #peer: KeyId
  readonly #initiators = new Map<CircuitId, HandshakeInitiator>()
  /** Handshakes in all. */
  #begun = 0

  constructor(context: Context, peer: KeyId, session: Session | undefined) {
    this.session = session
    this.#context = context
    this.#peer = peer
  }

  /** One that failed does not count any more. */
  get isShakingHands(): boolean {
    return this.#initiators.size > 0
  }

  /** Fresh for every circuit: a handshake or attach packet is never sent twice. */
  make(time: Time, circuit: CircuitId): Uint8Array {
    const packet = this.session?.askAttach()
    if (this.session !== undefined && packet !== undefined) {
      return encodeSetup({ kind: 'attach', tag: this.session.tag, packet })
    }
    const { handshake, stamps, isSignalOnly } = this.#context
    const stamp = stamps.next(time.unixMs)
    const initiator = new HandshakeInitiator(handshake, publicKeyOf(this.#peer), stamp)
    this.#initiators.set(circuit, initiator)
    this.#begun += 1
    return encodeSetup({ kind: 'handshake', isSignalOnly, message: initiator.message })
  }

  judge(time: Time, circuit: CircuitId, data: Uint8Array): Verdict {
    const initiator = this.#initiators.get(circuit)
    const { session } = this
    return judgeAnswer(time, data, { session, initiator, handshakes: this.#begun })
  }

  /** That circuit is gone. */
  drop(circuit: CircuitId): void {
    this.#initiators.get(circuit)?.wipe()
    this.#initiators.delete(circuit)
  }

  wipe(): void {
    for (const circuit of [...this.#initiators.keys()]) this.drop(circuit)
  }
}
