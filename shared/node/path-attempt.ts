// One attempt to reach a peer: wait for a server, look the peer up, and try one circuit after another over the
// ways there are (peer-routes.ts; docs/PROTOCOL.md 5, 6). Knows nothing of sessions: the owner fills the setup and judges
// the answer. Ends in exactly one result.
// The first valid record is good enough to begin with, but not to fail with: servers that answer later may
// know a newer one, and a peer that has just restarted publishes a moment after it was asked for.

import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { CircuitId } from '../routing/circuit.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import {
  PATH_MAX_CIRCUITS,
  PATH_MAX_LOOKUPS,
  SETUP_TIMEOUT_FIRST_MS,
  SETUP_TIMEOUT_MS,
  SETUP_TIMEOUT_TWO_SERVERS_MS,
} from '../wire/limits.ts'
import type { NodeRecord } from '../wire/record.ts'
import type { Failure } from './mesh-error.ts'
import type { PeerContext } from './peer-context.ts'
import {
  failureOfDestroy,
  failureOfQuota,
  failureOfRevocation,
  NO_PATH,
  NOT_ATTACHED,
  NOT_FOUND,
  PEER_SILENT,
  SERVERS_SILENT,
} from './peer-failure.ts'
import type { Route } from './peer-routes.ts'
import { PeerRoutes } from './peer-routes.ts'

export type AttemptResult =
  | {
      readonly kind: 'opened'
      readonly circuit: CircuitId
      /** Relays between us and the peer. */
      readonly relays: readonly KeyId[]
      /** What the peer answered. */
      readonly data: Uint8Array
    }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** One piece of news of a lookup (`ServerPort.startLookup`). Everything in it was verified before. */
export interface LookupNews {
  readonly lookup: number
  /** `absent`: no server knows the key; `noAnswer`: none answered; `revoked` is final and beats all records. */
  readonly record: NodeRecord | 'absent' | 'noAnswer' | 'revoked'
  /** Records of the home servers that `record` names, as far as our servers know them. */
  readonly servers: readonly NodeRecord[]
  /** With `revoked`: the key (32 bytes) that co-signed as the one to use instead. */
  readonly successor?: Uint8Array
  /** The lookup ended; else a newer record may come. */
  readonly isFinal: boolean
}

type State =
  | { readonly kind: 'awaitingServer' }
  /** Those we have know no way to the peer (`failure`), but more may be attached any moment. */
  | { readonly kind: 'awaitingMoreServers'; readonly entries: number; readonly failure: Failure }
  | { readonly kind: 'lookingUp' }
  | { readonly kind: 'opening'; readonly circuit: CircuitId; readonly route: Route }
  | { readonly kind: 'ended' }

/** What an attempt needs of its surroundings. */
export type AttemptContext = Pick<PeerContext, 'circuits' | 'servers'>

export class PathAttempt {
  readonly #context: AttemptContext
  readonly #peer: KeyId
  readonly #makeSetup: (time: Time) => Uint8Array
  readonly #routes: PeerRoutes
  #state: State = { kind: 'awaitingServer' }
  /** The peer's lookup that runs, also beside the opening of a circuit. */
  #lookup: number | undefined
  #lookups = 0
  #circuits = 0
  /** Of what went wrong on the ways so far the most telling, and of these the last. */
  #failure: Failure | undefined
  /** Whether it tells of the peer, or of a server of the peer, and not only of the way there. */
  #isPeersFailure = false

  /** @param makeSetup fresh data for one circuit's setup; called for each candidate */
  constructor(context: AttemptContext, peer: KeyId, makeSetup: (time: Time) => Uint8Array) {
    this.#context = context
    this.#peer = peer
    this.#makeSetup = makeSetup
    this.#routes = new PeerRoutes(context.servers, peer)
  }

  /** Why it has not succeeded so far, for an owner that runs out of time. */
  get reason(): Failure {
    switch (this.#state.kind) {
      case 'awaitingServer':
        return this.#context.servers.failure()
      case 'awaitingMoreServers':
        return this.#state.failure
      case 'lookingUp':
        return this.#failure ?? SERVERS_SILENT
      default:
        return this.#failure ?? PEER_SILENT
    }
  }

  /** Call once at the start, and whenever something about our servers changed. */
  advance(time: Time): AttemptResult | undefined {
    const { servers } = this.#context
    const state = this.#state
    if (state.kind !== 'awaitingServer' && state.kind !== 'awaitingMoreServers') return undefined
    const entries = servers.entries(time).length
    if (state.kind === 'awaitingMoreServers' && entries <= state.entries) {
      return servers.isConnecting ? undefined : this.#fail(time, state.failure)
    }
    if (entries > 0 || servers.hasDirectLink(this.#peer)) this.#lookUp(time)
    return undefined
  }

  lookedUp(time: Time, news: LookupNews): AttemptResult | undefined {
    const { record } = news
    if (this.#routes.lookedUp(news)) {
      return this.#state.kind === 'lookingUp' ? this.#tryNext(time) : undefined
    }
    if (news.lookup !== this.#lookup) return undefined
    if (news.isFinal) this.#lookup = undefined
    if (record === 'revoked') return this.#fail(time, failureOfRevocation(news.successor))
    if (typeof record !== 'string') this.#routes.learn(record, news.servers)
    if (this.#state.kind !== 'lookingUp') return undefined
    const route = typeof record === 'string' ? this.#routes.next(time) : undefined
    if (route !== undefined) return this.#open(time, route)
    if (record === 'noAnswer') return this.#lookAgain(time)
    if (record === 'absent') return this.#awaitMoreServers(time, NOT_FOUND)
    return this.#tryNext(time)
  }

  /** The circuit was answered by the peer. */
  opened(time: Time, circuit: CircuitId, data: Uint8Array): AttemptResult | undefined {
    if (this.#state.kind !== 'opening' || this.#state.circuit !== circuit) return undefined
    const { relays } = this.#state.route
    this.#state = { kind: 'ended' }
    this.cancel(time)
    return { kind: 'opened', circuit, relays, data }
  }

  /** The circuit failed: the next way's turn. */
  closed(time: Time, circuit: CircuitId, reason: DestroyReason): AttemptResult | undefined {
    if (this.#state.kind !== 'opening' || this.#state.circuit !== circuit) return undefined
    const { route } = this.#state
    this.#note(route, this.#failureOf(time, route, reason))
    // The far end, or its link, let go of the setup: it may have new onion keys, or be elsewhere.
    const isWorthALook = reason === 'closed' || reason === 'protocol'
    if (isWorthALook) this.#routes.refused(route)
    return this.#tryNext(time, isWorthALook)
  }

  /** Gives up; nothing follows. */
  cancel(time: Time): void {
    const { circuits, servers } = this.#context
    const state = this.#state
    this.#state = { kind: 'ended' }
    if (this.#lookup !== undefined) servers.cancelLookup(this.#lookup)
    this.#lookup = undefined
    this.#routes.cancel()
    if (state.kind === 'opening') circuits.destroy(time, state.circuit, 'closed')
  }

  #lookUp(time: Time): void {
    this.#state = { kind: 'lookingUp' }
    this.#lookups += 1
    this.#lookup = this.#context.servers.startLookup(time, this.#peer, this.#peer)
  }

  /** A server went away while it was asked; the next one may answer. */
  #lookAgain(time: Time): AttemptResult | undefined {
    if (this.#lookups >= PATH_MAX_LOOKUPS) return this.#fail(time, this.#failure ?? SERVERS_SILENT)
    this.#state = { kind: 'awaitingServer' }
    return this.advance(time)
  }

  #tryNext(time: Time, isWorthALook = false): AttemptResult | undefined {
    if (this.#circuits >= PATH_MAX_CIRCUITS) return this.#fail(time, this.#failure ?? NO_PATH)
    const route = this.#routes.next(time)
    if (route !== undefined) return this.#open(time, route)
    this.#routes.seek(time)
    const isLookingUp = this.#lookup !== undefined
    if (isWorthALook && !isLookingUp && this.#lookups < PATH_MAX_LOOKUPS)
      return this.#lookAgain(time)
    if (isLookingUp || this.#routes.isSeeking) {
      this.#state = { kind: 'lookingUp' }
      return undefined
    }
    return this.#awaitMoreServers(time, this.#routes.isNowhere ? NOT_ATTACHED : NO_PATH)
  }

  #open(time: Time, route: Route): undefined {
    const { circuits } = this.#context
    const circuit = circuits.nextId()
    this.#state = { kind: 'opening', circuit, route }
    this.#routes.taken(route)
    const isFar = route.relays.length > 1
    const firstMs = isFar ? SETUP_TIMEOUT_TWO_SERVERS_MS : SETUP_TIMEOUT_FIRST_MS
    const timeoutMs = this.#circuits === 0 ? firstMs : SETUP_TIMEOUT_MS
    this.#circuits += 1
    circuits.open(time, circuit, route.hops, this.#makeSetup(time), timeoutMs)
  }

  #failureOf(time: Time, { relays }: Route, reason: DestroyReason): Failure {
    const first = relays[0] ?? this.#peer
    const quota = reason === 'quota' ? this.#context.servers.quota(time, first) : undefined
    if (quota !== undefined) return failureOfQuota(quota)
    // Our server says this of its own link: to the peer's server, if that is the next hop.
    return reason === 'unreachable' && relays.length > 1 ? NO_PATH : failureOfDestroy(reason)
  }

  #note({ relays }: Route, failure: Failure): void {
    const isSilence = failure === PEER_SILENT && relays.length > 1
    const isPeers = failure !== NO_PATH && !isSilence
    const isLess = this.#isPeersFailure || (isSilence && this.#failure !== undefined)
    if (isLess && !isPeers) return
    this.#failure = failure
    this.#isPeersFailure = isPeers
  }

  #awaitMoreServers(time: Time, why: Failure): AttemptResult | undefined {
    const failure = this.#failure ?? why
    if (this.#isPeersFailure) return this.#fail(time, failure)
    const entries = this.#context.servers.entries(time).length
    this.#state = { kind: 'awaitingMoreServers', entries, failure }
    return this.advance(time)
  }

  #fail(time: Time, failure: Failure): AttemptResult {
    this.cancel(time)
    return { kind: 'failed', failure }
  }
}
