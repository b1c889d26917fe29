// How one peer is reached: at most one attempt at a time, for a new session (handshake) or one more path
// for a running one (attach), and when to try again. Holds no session of its own.

import type { KeyId } from '../../identity/node-id.ts'
import { earliest } from '../../machine/earliest.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathMode } from '../../routes/route.ts'
import type { CircuitId, EndReason } from '../../routing/circuit.ts'
import type { SessionSecrets } from '../../session/handshake.ts'
import type { Session } from '../../session/session.ts'
import {
  HEDGE_ATTACH_MS,
  HEDGE_HANDSHAKE_MS,
  OVERTAKEN_RETRY_MS,
  PATH_MAX_CIRCUITS,
  PRIVATE_MAX_CIRCUITS,
  REATTACH_BASE_MS,
  REATTACH_MAX_MS,
  SPARE_MAX_CIRCUITS,
} from '../../wire/limits.ts'
import type { Failure } from '../mesh-error.ts'
import { PEER_SILENT } from '../peer-failure.ts'
import type { PeerContext } from '../peers/peer-context.ts'
import type { Way } from '../peers/peer-paths.ts'
import { AttemptSetups } from './attempt-setups.ts'
import type { AttemptOptions, AttemptResult, LookupNews } from './attempt-types.ts'
import { PathAttempt } from './path-attempt.ts'
import type { PeerRoutes, RouteNeed } from './peer-routes.ts'

/** What became of an attempt. */
export type Reached =
  | (Way & { readonly kind: 'session'; readonly secrets: SessionSecrets })
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

type Answered = Extract<AttemptResult, { kind: 'opened' }>

interface Attempt {
  readonly path: PathAttempt
  readonly setups: AttemptSetups
  readonly options: AttemptOptions
  /** One more path for a session that has one: a spare that is missing, or a better one in exchange. */
  readonly isSpare: boolean
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

  /** A handshake of ours is under way: one that failed does not count any more. */
  get isShakingHands(): boolean {
    return this.#attempt?.setups.isShakingHands === true
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
    const maxCircuits = mode === 'private' ? PRIVATE_MAX_CIRCUITS : PATH_MAX_CIRCUITS
    const options = { mode, maxCircuits, minHedgeMs }
    return this.#begin(time, session, false, options)
  }

  /** Starts an attempt at one more path for a session that has one, unless an attempt runs. */
  startSpare(time: Time, session: Session, need: RouteNeed): Reached | undefined {
    if (this.isActive) return undefined
    const limits = { maxCircuits: SPARE_MAX_CIRCUITS, minHedgeMs: HEDGE_ATTACH_MS }
    const isUsable = isExchange(need) || this.#known?.isDoubted === false
    const known = isUsable ? this.#known : undefined
    const options = { ...need, ...limits, known }
    return this.#begin(time, session, true, options)
  }

  /** The peer's handshake goes on: ours is given up, and made anew if nothing comes of the peer's. */
  giveWay(time: Time): void {
    const isForPath = this.#attempt?.setups.session !== undefined && !this.isShakingHands
    if (this.#attempt === undefined || isForPath) return
    this.stop(time)
    this.#retryAt = time.now + OVERTAKEN_RETRY_MS
  }

  /** Another mode holds from now on: an attempt for the old one is given up. @returns whether there was one */
  modeChanged(time: Time, mode: PathMode): boolean {
    if (this.#attempt === undefined || this.#attempt.options.mode === mode) return false
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
    if (this.#known?.hasExpired(time)) this.#known = undefined
    if (this.#retryAt === undefined || time.now < this.#retryAt) return false
    this.#retryAt = undefined
    return true
  }

  stop(time: Time): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    this.#retryAt = undefined
    attempt?.path.cancel(time)
    attempt?.setups.wipe()
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

  circuitClosed(time: Time, circuit: CircuitId, reason: EndReason): Reached | undefined {
    this.#attempt?.setups.drop(circuit)
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
    const setups = new AttemptSetups(this.#context, this.#keyId, session)
    const setup = (at: Time, circuit: CircuitId): Uint8Array => setups.make(at, circuit)
    const path = new PathAttempt(this.#context, this.#keyId, setup, options)
    this.#attempt = { path, setups, options, isSpare }
    return this.#settle(time, path.advance(time))
  }

  #settle(time: Time, result: AttemptResult | undefined): Reached | undefined {
    const attempt = this.#attempt
    if (result === undefined || attempt === undefined) return undefined
    this.#attempt = undefined
    const { routes } = attempt.path
    const isNews = result.kind === 'opened' || routes.record !== undefined
    if (isNews || this.#known === undefined) this.#known = routes
    const reached = result.kind === 'failed' ? result : this.#answered(time, attempt, result)
    attempt.setups.wipe()
    if (reached?.kind !== 'failed') return reached
    if (attempt.isSpare) {
      // What is not worth an exchange may still be all that there is.
      if (attempt.path.hasTried && !isExchange(attempt.options)) this.#known?.doubt()
      return { kind: 'noSpare' }
    }
    this.#lastFailure = reached.failure
    return reached
  }

  #answered(time: Time, attempt: Attempt, answered: Answered): Reached | undefined {
    const { circuit, relays, data, startedAt } = answered
    const verdict = attempt.setups.judge(time, circuit, data)
    const failure = 'failure' in verdict ? verdict.failure : undefined
    const asked = attempt.setups.session === undefined ? 'handshake' : 'attach'
    const isRefusal = failure !== undefined && verdict.kind !== 'forged'
    const step = isRefusal ? 'refusal' : asked
    this.#context.log.add(time, this.#keyId, step, relays, startedAt, failure)
    if (failure !== undefined) this.#context.circuits.destroy(time, circuit, 'closed')
    switch (verdict.kind) {
      case 'session':
      case 'path':
        return { ...verdict, circuit, relays, openedFor: attempt.options.mode }
      case 'sessionUnknown':
        return { kind: 'sessionUnknown' }
      case 'refused':
      case 'forged':
        return { kind: 'failed', failure: verdict.failure }
      case 'overtaken':
        // The peer's handshake is about to arrive, or we dial again.
        this.#retryAt = time.now + OVERTAKEN_RETRY_MS
        return undefined
      case 'outrun':
        this.retryLater(time)
        return undefined
    }
  }
}

/** For one that takes the place of an open path, unlike a spare that is missing. */
function isExchange({ isWorthy }: RouteNeed): boolean {
  return isWorthy !== undefined
}
