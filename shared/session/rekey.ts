// Fresh keys inside a running session (docs/PROTOCOL.md 7): a new Noise IK whose two messages travel as REKEY
// frames under the old keys. Both sides may begin at once: the lower key's handshake goes on. The frames are
// as reliable as messages are; a frame that does not fit the moment is ignored, never an error.

import { equalBytes } from '../bytes/equal.ts'
import type { Time } from '../machine/machine.ts'
import { REKEY_MIN_INTERVAL_MS, REKEY_RETRY_MS } from '../wire/limits.ts'
import type { Epochs } from './epochs.ts'
import type { HandshakeContext } from './handshake.ts'
import { acceptHandshake, HandshakeInitiator, keepsInitiatorRole } from './handshake.ts'

export interface RekeyFrame {
  readonly step: 1 | 2
  readonly message: Uint8Array
}

/** The responder of the session waits this much longer before it begins, so that mostly one side does. */
const RESPONDER_FACTOR = 1.1
const EPHEMERAL_BYTES = 32

export class Rekey {
  readonly #context: HandshakeContext
  readonly #remotePublicKey: Uint8Array
  readonly #epochs: Epochs
  readonly #factor: number
  #asking: { readonly initiator: HandshakeInitiator; readonly retryAt: number } | undefined
  /** What the peer must get: kept until acknowledged, for `lost`. */
  #frame: RekeyFrame | undefined
  #isFrameDue = false
  /** Ephemeral key of the last message 1 that was answered. */
  #answered: Uint8Array | undefined
  #answeredAt = Number.NEGATIVE_INFINITY

  constructor(
    context: HandshakeContext,
    remotePublicKey: Uint8Array,
    epochs: Epochs,
    isSessionInitiator: boolean,
  ) {
    this.#context = context
    this.#remotePublicKey = remotePublicKey
    this.#epochs = epochs
    this.#factor = isSessionInitiator ? 1 : RESPONDER_FACTOR
  }

  /** The frame that must go into the next packet. */
  get dueFrame(): RekeyFrame | undefined {
    return this.#isFrameDue ? this.#frame : undefined
  }

  /** When to call `evaluate`. */
  nextTimeout(): number {
    if (this.#asking !== undefined) return this.#asking.retryAt
    if (this.#epochs.hasNext) return Number.POSITIVE_INFINITY
    const { current } = this.#epochs
    return Math.max(current.rekeyAt(this.#factor), current.startedAt + REKEY_MIN_INTERVAL_MS)
  }

  /** Begins a rekey when one is due. */
  evaluate(time: Time): void {
    if (this.#asking !== undefined && time.now < this.#asking.retryAt) return
    const { current, hasNext } = this.#epochs
    if (hasNext || !current.isRekeyDue(time.now, this.#factor)) return
    if (time.now - current.startedAt < REKEY_MIN_INTERVAL_MS) return
    this.#stopAsking()
    const initiator = new HandshakeInitiator(
      this.#context,
      this.#remotePublicKey,
      time.unixMs,
      current.handshakeHash,
    )
    this.#asking = { initiator, retryAt: time.now + REKEY_RETRY_MS }
    this.#send({ step: 1, message: initiator.message })
  }

  sent(): void {
    this.#isFrameDue = false
  }

  /** A packet with this REKEY message was lost. */
  lost(message: Uint8Array): void {
    if (this.#frame?.message === message) this.#isFrameDue = true
  }

  /** A packet with this REKEY message arrived. */
  acknowledged(message: Uint8Array): void {
    if (this.#frame?.message === message) this.#frame = undefined
  }

  receive(time: Time, step: 1 | 2, message: Uint8Array): void {
    if (step === 1) this.#answer(time, message)
    else this.#finish(time, message)
  }

  wipe(): void {
    this.#stopAsking()
    this.#frame = undefined
    this.#isFrameDue = false
  }

  #answer(time: Time, message: Uint8Array): void {
    const { identity } = this.#context
    const winsTie = keepsInitiatorRole(identity.publicKey, this.#remotePublicKey)
    if (this.#asking !== undefined && winsTie) return
    const ephemeral = message.slice(0, EPHEMERAL_BYTES)
    if (this.#answered !== undefined && equalBytes(ephemeral, this.#answered)) return
    // Public-key work on demand is rationed; a peer in earnest asks again.
    if (time.now - this.#answeredAt < REKEY_MIN_INTERVAL_MS) return
    this.#answeredAt = time.now
    const outcome = acceptHandshake(
      this.#context,
      message,
      caller => {
        const isPeer = equalBytes(caller.publicKey, this.#remotePublicKey)
        return isPeer && this.#epochs.isTagFree(caller.tag) ? undefined : 'refused'
      },
      this.#epochs.current.handshakeHash,
    )
    if (outcome.kind === 'refused') return
    this.#stopAsking()
    this.#answered = ephemeral
    this.#epochs.installNext(time.now, outcome.secrets)
    this.#send({ step: 2, message: outcome.message })
  }

  #finish(time: Time, message: Uint8Array): void {
    const secrets = this.#asking?.initiator.finish(message)
    if (secrets === undefined) return
    this.#asking = undefined
    this.#frame = undefined
    this.#isFrameDue = false
    this.#epochs.installCurrent(time.now, secrets)
  }

  #stopAsking(): void {
    this.#asking?.initiator.wipe()
    this.#asking = undefined
  }

  #send(frame: RekeyFrame): void {
    this.#frame = frame
    this.#isFrameDue = true
  }
}
