// How one peer is reached: at most one attempt at a time, for a new session (handshake) or one more path
// for a running one (attach), and when to try again. Judges answers; holds no session of its own.

import { tryDecode } from '../bytes/try-decode.ts'
import type { KeyId } from '../identity/node-id.ts'
import { publicKeyOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { CircuitId } from '../routing/circuit.ts'
import type { SessionSecrets } from '../session/handshake.ts'
import { HandshakeInitiator } from '../session/handshake.ts'
import type { Session } from '../session/session.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import { OVERTAKEN_RETRY_MS, REATTACH_BASE_MS, REATTACH_MAX_MS } from '../wire/limits.ts'
import { decodeAnswer, encodeSetup } from '../wire/session-setup.ts'
import type { Failure } from './mesh-error.ts'
import type { AttemptResult, LookupNews } from './path-attempt.ts'
import { PathAttempt } from './path-attempt.ts'
import type { PeerContext } from './peer-context.ts'
import { FORGED_ANSWER, failureOfRefusal, PEER_SILENT } from './peer-failure.ts'

/** A circuit to the peer, and the relays it goes over. */
export interface Way {
  readonly circuit: CircuitId
  readonly relays: readonly KeyId[]
}

/** What became of an attempt. */
export type Reached =
  | (Way & { readonly kind: 'session'; readonly secrets: SessionSecrets })
  | (Way & { readonly kind: 'path' })
  /** The peer has lost the session, by a restart for one. */
  | { readonly kind: 'sessionUnknown' }
  | { readonly kind: 'failed'; readonly failure: Failure }

interface Attempt {
  readonly path: PathAttempt
  /** The session that gets a path, or none: a handshake. */
  readonly session: Session | undefined
  initiator: HandshakeInitiator | undefined
}

export class Reach {
  readonly #context: PeerContext
  readonly #keyId: KeyId
  #attempt: Attempt | undefined
  #failures = 0
  #lastFailure: Failure | undefined
  #retryAt: number | undefined

  constructor(context: PeerContext, keyId: KeyId) {
    this.#context = context
    this.#keyId = keyId
  }

  get isActive(): boolean {
    return this.#attempt !== undefined || this.#retryAt !== undefined
  }

  get isShakingHands(): boolean {
    return this.#attempt?.initiator !== undefined
  }

  get retryAt(): number | undefined {
    return this.#retryAt
  }

  /** The most telling reason why the peer was not reached so far. */
  get reason(): Failure {
    return this.#attempt?.path.reason ?? this.#lastFailure ?? PEER_SILENT
  }

  /** Starts an attempt, unless one runs or is due later. */
  start(time: Time, session: Session | undefined): Reached | undefined {
    if (this.isActive) return undefined
    const attempt: Attempt = {
      path: new PathAttempt(this.#context, this.#keyId, at => this.#setup(at, attempt)),
      session,
      initiator: undefined,
    }
    this.#attempt = attempt
    return this.#settle(time, attempt.path.advance(time))
  }

  /** Something about our servers changed. */
  serversChanged(time: Time): Reached | undefined {
    return this.#settle(time, this.#attempt?.path.advance(time))
  }

  /** A server was attached. @returns whether a retry was waiting, which is due now */
  hurry(): boolean {
    const wasWaiting = this.#retryAt !== undefined
    this.#retryAt = undefined
    return wasWaiting
  }

  /** An attempt failed and is worth another one, after a pause that grows. */
  retryLater(time: Time): void {
    this.#retryAt = time.now + Math.min(REATTACH_MAX_MS, REATTACH_BASE_MS * 2 ** this.#failures)
    this.#failures += 1
  }

  /** @returns whether a waiting retry is due */
  timeout(time: Time): boolean {
    if (this.#retryAt === undefined || time.now < this.#retryAt) return false
    this.#retryAt = undefined
    return true
  }

  stop(time: Time): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    this.#retryAt = undefined
    attempt?.path.cancel(time)
    attempt?.initiator?.wipe()
  }

  /** A path is up: failures before it do not count any more. */
  succeeded(): void {
    this.#failures = 0
    this.#retryAt = undefined
  }

  lookedUp(time: Time, news: LookupNews): Reached | undefined {
    return this.#settle(time, this.#attempt?.path.lookedUp(time, news))
  }

  circuitOpened(time: Time, circuit: CircuitId, data: Uint8Array): Reached | undefined {
    return this.#settle(time, this.#attempt?.path.opened(time, circuit, data))
  }

  circuitClosed(time: Time, circuit: CircuitId, reason: DestroyReason): Reached | undefined {
    return this.#settle(time, this.#attempt?.path.closed(time, circuit, reason))
  }

  /** Fresh for every circuit: a handshake or attach packet is never sent twice. */
  #setup(time: Time, attempt: Attempt): Uint8Array {
    const packet = attempt.session?.askAttach()
    if (attempt.session !== undefined && packet !== undefined) {
      return encodeSetup({ kind: 'attach', tag: attempt.session.tag, packet })
    }
    const { handshake, stamps } = this.#context
    attempt.initiator?.wipe()
    attempt.initiator = new HandshakeInitiator(
      handshake,
      publicKeyOf(this.#keyId),
      stamps.next(time.unixMs),
    )
    return encodeSetup({ kind: 'handshake', message: attempt.initiator.message })
  }

  #settle(time: Time, result: AttemptResult | undefined): Reached | undefined {
    const attempt = this.#attempt
    if (result === undefined || attempt === undefined) return undefined
    this.#attempt = undefined
    const reached = result.kind === 'failed' ? result : this.#judge(time, attempt, result)
    attempt.initiator?.wipe()
    if (reached?.kind === 'failed') this.#lastFailure = reached.failure
    return reached
  }

  #judge(
    time: Time,
    attempt: Attempt,
    { circuit, relays, data }: Extract<AttemptResult, { kind: 'opened' }>,
  ): Reached | undefined {
    const answer = tryDecode(() => decodeAnswer(data))
    if (answer?.kind === 'handshake') {
      const secrets = attempt.initiator?.finish(answer.message)
      if (secrets !== undefined) return { kind: 'session', secrets, circuit, relays }
    }
    if (answer?.kind === 'attach' && attempt.session?.confirmAttach(time, answer.packet)) {
      return { kind: 'path', circuit, relays }
    }
    this.#context.circuits.destroy(time, circuit, 'closed')
    if (answer?.kind !== 'refused') return { kind: 'failed', failure: FORGED_ANSWER }
    if (answer.reason === 'unknownSession') return { kind: 'sessionUnknown' }
    if (answer.reason === 'superseded') {
      // Both dialed at once: the peer's handshake is about to arrive, or we dial again.
      this.#retryAt = time.now + OVERTAKEN_RETRY_MS
      return undefined
    }
    return { kind: 'failed', failure: failureOfRefusal(answer.reason) }
  }
}
