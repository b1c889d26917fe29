// How one peer is reached: at most one attempt at a time, for a new session (handshake) or one more path
// for a running one (attach), and when to try again. Judges answers; holds no session of its own.

import { tryDecode } from '../bytes/try-decode.ts'
import type { KeyId } from '../identity/node-id.ts'
import { publicKeyOf } from '../identity/node-id.ts'
import { earliest } from '../machine/earliest.ts'
import type { Time } from '../machine/machine.ts'
import type { PathMode } from '../routes/route.ts'
import type { CircuitId } from '../routing/circuit.ts'
import type { SessionSecrets } from '../session/handshake.ts'
import { HandshakeInitiator } from '../session/handshake.ts'
import type { Session } from '../session/session.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import {
  HEDGE_ATTACH_MS,
  HEDGE_HANDSHAKE_MS,
  OVERTAKEN_RETRY_MS,
  PATH_MAX_CIRCUITS,
  REATTACH_BASE_MS,
  REATTACH_MAX_MS,
  SPARE_MAX_CIRCUITS,
} from '../wire/limits.ts'
import { decodeAnswer, encodeSetup } from '../wire/session-setup.ts'
import type { AttemptOptions, AttemptResult, LookupNews } from './attempt-types.ts'
import type { Failure } from './mesh-error.ts'
import { PathAttempt } from './path-attempt.ts'
import type { PeerContext } from './peer-context.ts'
import { FORGED_ANSWER, failureOfRefusal, PEER_SILENT } from './peer-failure.ts'
import type { Way } from './peer-paths.ts'
import type { PeerRoutes, RouteNeed } from './peer-routes.ts'

/** What became of an attempt. */
export type Reached =
  | (Way & {
      readonly kind: 'session'
      readonly secrets: SessionSecrets
      /** Another handshake of ours was under way: the peer may take that one for newer. */
      readonly isContested: boolean
    })
  | (Way & { readonly kind: 'path' })
  /** The peer has lost the session, by a restart for one. */
  | { readonly kind: 'sessionUnknown' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** There is no spare path: nobody waits for it. */
  | { readonly kind: 'noSpare' }

/** `servers`: ours changed. `routes`: somebody told of routes to the peer. */
export type ReachNews =
  | { readonly kind: 'servers' | 'routes' }
  | { readonly kind: 'lookup'; readonly news: LookupNews }

interface Attempt {
  readonly path: PathAttempt
  /** The session that gets a path, or none: a handshake. */
  readonly session: Session | undefined
  readonly mode: PathMode
  /** One more path for a session that has one. */
  readonly isSpare: boolean
  /** Of each handshake that is under way. */
  readonly initiators: Map<CircuitId, HandshakeInitiator>
  /** Begun in all. */
  handshakes: number
}

export class Reach {
  readonly #context: PeerContext
  readonly #keyId: KeyId
  #attempt: Attempt | undefined
  #failures = 0
  #lastFailure: Failure | undefined
  #retryAt: number | undefined
  /** What was learned of the peer, while its session is in use. */
  #known: PeerRoutes | undefined

  constructor(context: PeerContext, keyId: KeyId) {
    this.#context = context
    this.#keyId = keyId
  }

  get isActive(): boolean {
    return this.#attempt !== undefined || this.#retryAt !== undefined
  }

  get isShakingHands(): boolean {
    return (this.#attempt?.handshakes ?? 0) > 0
  }

  nextTimeout(): number | undefined {
    return earliest(this.#retryAt, this.#attempt?.path.nextTimeout())
  }

  /** The most telling reason why the peer was not reached so far. */
  get reason(): Failure {
    return this.#attempt?.path.reason ?? this.#lastFailure ?? PEER_SILENT
  }

  /** Routes to the peer, if the session was in use lately. */
  get known(): PeerRoutes | undefined {
    return this.#known
  }

  /** Starts an attempt, unless one runs or is due later. One for a spare path makes way, or takes its place. */
  start(time: Time, session: Session | undefined, mode: PathMode): Reached | undefined {
    // A circuit that is about to be a spare path does as well.
    if (this.#attempt?.isSpare === true && !this.#attempt.path.isOpening) this.stop(time)
    if (this.isActive) return undefined
    const minHedgeMs = session === undefined ? HEDGE_HANDSHAKE_MS : HEDGE_ATTACH_MS
    const options = { mode, maxCircuits: PATH_MAX_CIRCUITS, minHedgeMs }
    return this.#begin(time, session, false, options)
  }

  /** Starts an attempt at one more path for a session that has one, unless an attempt runs. */
  startSpare(time: Time, session: Session, need: RouteNeed): Reached | undefined {
    if (this.isActive) return undefined
    const limits = { maxCircuits: SPARE_MAX_CIRCUITS, minHedgeMs: HEDGE_ATTACH_MS }
    const options = { ...need, ...limits, known: this.#known }
    return this.#begin(time, session, true, options)
  }

  /** Another mode holds from now on: an attempt for the old one is given up. @returns whether there was one */
  modeChanged(time: Time, mode: PathMode): boolean {
    if (this.#attempt === undefined || this.#attempt.mode === mode) return false
    this.stop(time)
    return true
  }

  /** The session is idle: routes are looked up anew when they are needed. */
  rest(): void {
    this.#known = undefined
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

  /** What takes long gets company, or is given up. */
  hedge(time: Time): Reached | undefined {
    return this.#settle(time, this.#attempt?.path.timeout(time))
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
    wipeAll(attempt)
  }

  /** A path is up: failures before it do not count any more. */
  succeeded(): void {
    this.#failures = 0
    this.#retryAt = undefined
  }

  /** What may lead to the peer has changed. */
  heard(time: Time, news: ReachNews): Reached | undefined {
    return this.#settle(time, this.#resultOf(time, news))
  }

  circuitOpened(time: Time, circuit: CircuitId, data: Uint8Array): Reached | undefined {
    return this.#settle(time, this.#attempt?.path.opened(time, circuit, data))
  }

  circuitClosed(time: Time, circuit: CircuitId, reason: DestroyReason): Reached | undefined {
    this.#attempt?.initiators.get(circuit)?.wipe()
    this.#attempt?.initiators.delete(circuit)
    return this.#settle(time, this.#attempt?.path.closed(time, circuit, reason))
  }

  #resultOf(time: Time, news: ReachNews): AttemptResult | undefined {
    const path = this.#attempt?.path
    switch (news.kind) {
      case 'servers':
        return path?.advance(time)
      case 'routes':
        return path?.heard(time)
      case 'lookup':
        return path?.lookedUp(time, news.news)
    }
  }

  #begin(
    time: Time,
    session: Session | undefined,
    isSpare: boolean,
    options: AttemptOptions,
  ): Reached | undefined {
    const setup = (at: Time, circuit: CircuitId) => this.#setup(at, attempt, circuit)
    const path = new PathAttempt(this.#context, this.#keyId, setup, options)
    const attempt: Attempt = {
      path,
      session,
      mode: options.mode,
      isSpare,
      initiators: new Map(),
      handshakes: 0,
    }
    this.#attempt = attempt
    return this.#settle(time, path.advance(time))
  }

  /** Fresh for every circuit: a handshake or attach packet is never sent twice. */
  #setup(time: Time, attempt: Attempt, circuit: CircuitId): Uint8Array {
    const packet = attempt.session?.askAttach()
    if (attempt.session !== undefined && packet !== undefined) {
      return encodeSetup({ kind: 'attach', tag: attempt.session.tag, packet })
    }
    const { handshake, stamps } = this.#context
    const initiator = new HandshakeInitiator(
      handshake,
      publicKeyOf(this.#keyId),
      stamps.next(time.unixMs),
    )
    attempt.initiators.set(circuit, initiator)
    attempt.handshakes += 1
    return encodeSetup({ kind: 'handshake', message: initiator.message })
  }

  #settle(time: Time, result: AttemptResult | undefined): Reached | undefined {
    const attempt = this.#attempt
    if (result === undefined || attempt === undefined) return undefined
    this.#attempt = undefined
    this.#known = attempt.path.routes
    const reached = result.kind === 'failed' ? result : this.#judge(time, attempt, result)
    wipeAll(attempt)
    if (reached?.kind !== 'failed') return reached
    if (attempt.isSpare) {
      // What was known led nowhere: the peer may be elsewhere by now.
      if (attempt.path.hasTried) this.#known = undefined
      return { kind: 'noSpare' }
    }
    this.#lastFailure = reached.failure
    return reached
  }

  #judge(
    time: Time,
    attempt: Attempt,
    { circuit, relays, data, startedAt, isContested }: Extract<AttemptResult, { kind: 'opened' }>,
  ): Reached | undefined {
    const way = { circuit, relays, openedFor: attempt.mode }
    const step = attempt.session === undefined ? 'handshake' : 'attach'
    const answer = tryDecode(() => decodeAnswer(data))
    const note = (failure?: Failure): void =>
      this.#context.log.add(time, this.#keyId, step, relays, startedAt, failure)
    if (answer?.kind === 'handshake') {
      const secrets = attempt.initiators.get(circuit)?.finish(answer.message)
      if (secrets !== undefined) note()
      if (secrets !== undefined) return { kind: 'session', secrets, isContested, ...way }
    }
    if (answer?.kind === 'attach' && attempt.session?.confirmAttach(time, answer.packet)) {
      note()
      return { kind: 'path', ...way }
    }
    this.#context.circuits.destroy(time, circuit, 'closed')
    note(answer?.kind === 'refused' ? failureOfRefusal(answer.reason) : FORGED_ANSWER)
    if (answer?.kind !== 'refused') return { kind: 'failed', failure: FORGED_ANSWER }
    if (answer.reason === 'unknownSession') return { kind: 'sessionUnknown' }
    if (answer.reason === 'superseded') {
      // Both dialed at once: the peer's handshake is about to arrive, or we dial again.
      this.#retryAt = time.now + OVERTAKEN_RETRY_MS
      return undefined
    }
    if (answer.reason === 'clock' && attempt.handshakes > 1) {
      // A later handshake of ours came there before this one, and its answer got lost.
      this.retryLater(time)
      return undefined
    }
    return { kind: 'failed', failure: failureOfRefusal(answer.reason) }
  }
}

function wipeAll(attempt: Attempt | undefined): void {
  for (const initiator of attempt?.initiators.values() ?? []) initiator.wipe()
  attempt?.initiators.clear()
}
