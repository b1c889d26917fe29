// One attempt to reach a peer: wait for a server, look the peer up, and try one circuit after another over the routes
// there are, best first (peer-routes.ts; docs/PROTOCOL.md 5, 6). Knows nothing of sessions: the owner fills the setup
// and judges the answer. Ends in exactly one result.
// The first valid record is good enough to begin with, but not to fail with: servers that answer later may
// know a newer one, and a peer that has just restarted publishes a moment after it was asked for.

import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { CircuitId, EndReason } from '../../routing/circuit.ts'
import { HEARSAY_WAIT_MS } from '../../wire/limits.ts'
import type { Failure } from '../mesh-error.ts'
import {
  failureOfRevocation,
  NO_PATH,
  NOT_ATTACHED,
  NOT_FOUND,
  PEER_SILENT,
} from '../peer-failure.ts'
import type {
  AttemptContext,
  AttemptOptions,
  AttemptResult,
  LookupNews,
  MakeSetup,
} from './attempt-types.ts'
import { CircuitRace } from './circuit-race.ts'
import { FailedCircuits } from './failed-circuits.ts'
import { PeerLookups } from './peer-lookups.ts'
import type { Route } from './peer-routes.ts'
import { PeerRoutes, startsOf } from './peer-routes.ts'
import { PrivateCircuits } from './private-circuits.ts'

export type { AttemptResult, LookupNews } from './attempt-types.ts'

type State =
  | { readonly kind: 'awaitingServer' }
  /** Those we have know no way to the peer (`failure`), but more may be attached any moment. */
  | { readonly kind: 'awaitingMoreServers'; readonly failure: Failure }
  /** No way is known (`failure`), but others were asked, or a link of ours may be back soon. */
  | { readonly kind: 'awaitingRoutes'; readonly untilMs: number; readonly failure: Failure }
  | { readonly kind: 'lookingUp' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'ended' }

export class PathAttempt {
  readonly #context: AttemptContext
  readonly #peer: KeyId
  readonly #makeSetup: MakeSetup
  readonly #options: AttemptOptions
  readonly #routes: PeerRoutes
  readonly #lookups: PeerLookups
  readonly #race: CircuitRace
  readonly #failed: FailedCircuits
  readonly #private = new PrivateCircuits()
  #state: State = { kind: 'awaitingServer' }

  /** @param makeSetup fresh data for one circuit's setup; called for each candidate */
  constructor(context: AttemptContext, peer: KeyId, makeSetup: MakeSetup, options: AttemptOptions) {
    this.#context = context
    this.#peer = peer
    this.#makeSetup = makeSetup
    this.#options = options
    this.#lookups = new PeerLookups(context, peer)
    this.#race = new CircuitRace(context.circuits, options.minHedgeMs)
    this.#failed = new FailedCircuits(context, peer)
    this.#routes = options.known ?? new PeerRoutes(context, peer)
  }

  get isOpening(): boolean {
    return this.#race.isRunning
  }

  get hasTried(): boolean {
    return this.#race.started > 0
  }

  /** What it knows of the peer, for the next attempt. */
  get routes(): PeerRoutes {
    return this.#routes
  }

  /** Why it has not succeeded so far, for an owner that runs out of time. */
  get reason(): Failure {
    switch (this.#state.kind) {
      case 'awaitingServer':
        return this.#context.servers.failure()
      case 'awaitingMoreServers':
      case 'awaitingRoutes':
        return this.#state.failure
      case 'lookingUp':
        return this.#failed.telling.reason ?? this.#lookups.silence
      default:
        return this.#failed.telling.reason ?? PEER_SILENT
    }
  }

  /** Call once at the start, and whenever something about our servers changed. */
  advance(time: Time): AttemptResult | undefined {
    const state = this.#state
    if (state.kind === 'opening' || state.kind === 'ended') return undefined
    const isFirst = state.kind === 'awaitingServer' && !this.#lookups.hasBegun
    if (isFirst && this.#options.known !== undefined) return this.#tryNext(time)
    const route = isFirst ? undefined : this.#nextRoute(time)
    if (route !== undefined) return this.#open(time, route)
    const isAsking = state.kind === 'lookingUp'
    const isWorthAsking =
      state.kind === 'awaitingServer' ? this.#canStart(time) : this.#lookups.hasMoreToAsk(time)
    if (!isAsking && isWorthAsking) this.#lookUp(time)
    else if (state.kind === 'awaitingMoreServers' && !this.#context.servers.isConnecting) {
      return this.#fail(time, state.failure)
    }
    return undefined
  }

  /** Somebody told of routes to the peer: they may be all that there is. */
  heard(time: Time): AttemptResult | undefined {
    const state = this.#state
    if (state.kind === 'opening' || state.kind === 'ended') return undefined
    const route = this.#nextRoute(time)
    if (route !== undefined) return this.#open(time, route)
    const wasLast = state.kind === 'awaitingRoutes' && !this.#isHopeful
    return wasLast ? this.#awaitMoreServers(time, state.failure) : undefined
  }

  /** Call at `nextTimeout`. */
  timeout(time: Time): AttemptResult | undefined {
    const state = this.#state
    if (state.kind === 'awaitingRoutes' && time.now >= state.untilMs) {
      return this.#awaitMoreServers(time, state.failure)
    }
    if (!this.#race.takeHedge(time) || this.#race.started >= this.#options.maxCircuits)
      return undefined
    const route = this.#nextRoute(time)
    return route === undefined ? undefined : this.#open(time, route)
  }

  nextTimeout(): number | undefined {
    return this.#state.kind === 'awaitingRoutes' ? this.#state.untilMs : this.#race.nextTimeout()
  }

  lookedUp(time: Time, news: LookupNews): AttemptResult | undefined {
    const { record } = news
    if (this.#routes.lookedUp(news)) {
      return this.#state.kind === 'lookingUp' ? this.#tryNext(time) : undefined
    }
    if (!this.#lookups.heard(time, news)) return undefined
    if (record === 'revoked') return this.#fail(time, failureOfRevocation(news.successor))
    if (typeof record !== 'string') this.#routes.learn(record, news.servers)
    if (this.#state.kind !== 'lookingUp') return undefined
    const route = typeof record === 'string' ? this.#nextRoute(time) : undefined
    if (route !== undefined) return this.#open(time, route)
    if (record === 'noAnswer') return this.#lookAgain(time)
    if (record === 'absent') return this.#awaitMoreServers(time, NOT_FOUND)
    return this.#tryNext(time)
  }

  /** The circuit was answered by the peer. */
  opened(time: Time, circuit: CircuitId, data: Uint8Array): AttemptResult | undefined {
    const won = this.#race.end(circuit)
    if (won === undefined) return undefined
    const { route, startedAt } = won
    const { relays } = route
    this.#context.routes.opened(time, this.#peer, relays)
    for (const opening of this.#race.stop(time)) this.#failed.addOverdue(time, opening)
    this.cancel(time)
    return { kind: 'opened', circuit, relays, data, startedAt }
  }

  /** The circuit failed: the next way's turn. */
  closed(time: Time, circuit: CircuitId, reason: EndReason): AttemptResult | undefined {
    const lost = this.#race.end(circuit)
    if (lost === undefined) return undefined
    this.#private.failed(lost.route.relays, reason)
    return this.#tryNext(time, this.#failed.add(time, lost, reason))
  }

  /** Gives up; nothing follows. */
  cancel(time: Time): void {
    this.#state = { kind: 'ended' }
    this.#lookups.cancel()
    this.#routes.cancel()
    this.#race.stop(time)
  }

  #lookUp(time: Time): void {
    this.#state = { kind: 'lookingUp' }
    // Where no server is, neighbours may know of the peer; servers will know more once they have looked it up.
    this.#ask(time, false)
    this.#lookups.start(time)
  }

  /** A server went away while it was asked; the next one may answer. */
  #lookAgain(time: Time): AttemptResult | undefined {
    if (this.#lookups.isSpent) return this.#awaitRoutes(time, this.#lookups.silence)
    this.#state = { kind: 'awaitingServer' }
    return this.advance(time)
  }

  #tryNext(time: Time, isWorthALook = false): AttemptResult | undefined {
    const { maxCircuits, mode } = this.#options
    const isSpent = this.#race.started >= maxCircuits
    const route = isSpent ? undefined : this.#nextRoute(time)
    if (route !== undefined) return this.#open(time, route)
    if (this.#race.isRunning) return undefined
    if (isSpent) return this.#fail(time, this.#failed.telling.reason ?? NO_PATH)
    this.#routes.seek(time, hops => this.#failed.tried.isDoubted(hops))
    this.#ask(time, true)
    const isLookingUp = this.#lookups.isRunning
    if (isWorthALook && !isLookingUp && !this.#lookups.isSpent) return this.#lookAgain(time)
    if (isLookingUp || this.#routes.isSeeking) {
      this.#state = { kind: 'lookingUp' }
      return undefined
    }
    if (this.#routes.isNowhere) return this.#awaitMoreServers(time, NOT_ATTACHED)
    const why = mode === 'private' ? this.#routes.privateFailure(time) : undefined
    return this.#awaitRoutes(time, why ?? NO_PATH)
  }

  /** For a private path nobody more than a lookup takes is to know whom we seek. */
  #ask(time: Time, servers: boolean): void {
    if (this.#options.mode === 'private') return
    this.#context.askRoutes(time, this.#peer, { servers })
  }

  /** The best one that was not tried. */
  #nextRoute(time: Time): Route | undefined {
    // There can be more links to fail than circuits: of the later half every other one is for a way around them.
    const late = this.#race.started - Math.floor(this.#options.maxCircuits / 2)
    const prefersDetours = late >= 0 && late % 2 === 0
    const need = { ...this.#options, tries: this.#private, prefersDetours }
    for (const ranked of this.#routes.toTry(time, need)) {
      const route = this.#routes.withKeys(time, ranked)
      if (route !== undefined && !this.#failed.tried.has(route)) return route
    }
    return undefined
  }

  #canStart(time: Time): boolean {
    const { servers } = this.#context
    return startsOf(servers, time).length > 0 || servers.hasDirectLink(this.#peer)
  }

  #open(time: Time, route: Route): undefined {
    this.#state = { kind: 'opening' }
    this.#failed.tried.taken(route)
    this.#private.opened(route.relays)
    this.#race.open(time, route, this.#makeSetup)
  }

  /** Whether a way may turn up in a moment. */
  get #isHopeful(): boolean {
    const isAwaited = this.#failed.hasLostLink || this.#context.isAskingRoutes(this.#peer)
    return isAwaited && !this.#failed.telling.isPeers
  }

  #awaitRoutes(time: Time, why: Failure): AttemptResult | undefined {
    const failure = this.#failed.telling.reason ?? why
    if (!this.#isHopeful || !this.#canStart(time)) return this.#awaitMoreServers(time, failure)
    const untilMs = time.now + HEARSAY_WAIT_MS
    this.#state = { kind: 'awaitingRoutes', untilMs, failure }
    return undefined
  }

  #awaitMoreServers(time: Time, why: Failure): AttemptResult | undefined {
    const failure = this.#failed.telling.reason ?? why
    // Nobody waits for a spare path.
    const isSpare = this.#options.inUse !== undefined
    if (isSpare || this.#failed.telling.isPeers) return this.#fail(time, failure)
    const isAlone = !this.#canStart(time)
    this.#state = isAlone ? { kind: 'awaitingServer' } : { kind: 'awaitingMoreServers', failure }
    return this.advance(time)
  }

  #fail(time: Time, failure: Failure): AttemptResult {
    this.cancel(time)
    return { kind: 'failed', failure }
  }
}
