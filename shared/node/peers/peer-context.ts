// What every peer of one node shares: identity, clocks of handshakes, the circuits below and the
// application above. Interfaces only; core.ts composes them.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import type { SetupHop } from '../../routing/onion-setup.ts'
import type { HandshakeContext } from '../../session/handshake.ts'
import type { RisingStamps } from '../../session/initiator-timestamps.ts'
import type { PathCapacity } from '../../session/path.ts'
import type { SeenIds } from '../../session/seen-ids.ts'
import type { DestroyReason } from '../../wire/circuit-cells.ts'
import type { QuotaNotice } from '../../wire/registry-bodies.ts'
import type { DirectPort } from '../direct/direct-port.ts'
import type { NodeEvent } from '../effects.ts'
import type { Failure } from '../mesh-error.ts'
import type { RouteFinder } from '../routes/route-finder.ts'
import type { RouteLog } from '../routes/route-log.ts'
import type { RouteAudience } from '../routes/route-queries.ts'
import type { HeldMessages } from './held-messages.ts'
import type { PeerModes } from './peer-modes.ts'
import type { SessionTags } from './session-tags.ts'

/** The part of the router that peers use. Its effects come back through peers.ts. */
export interface CircuitPort {
  nextId(): CircuitId
  open(
    time: Time,
    circuit: CircuitId,
    hops: readonly SetupHop[],
    data: Uint8Array,
    timeoutMs: number,
  ): void
  answer(time: Time, circuit: CircuitId, data: Uint8Array): void
  send(time: Time, circuit: CircuitId, data: Uint8Array): void
  destroy(time: Time, circuit: CircuitId, reason: DestroyReason): void
  /** The link that it goes over. */
  linkOf(circuit: CircuitId): LinkId | undefined
  /** Small-cell units that may be sent now. */
  room(circuit: CircuitId): number
  capacity(circuit: CircuitId): PathCapacity
}

/** A relay that a circuit can start at. */
export interface EntryServer {
  readonly key: KeyId
  readonly hop: SetupHop
}

/** What a node's servers do for its peers: where circuits start, and who is where. */
export interface ServerPort {
  /** Attached servers whose onion key is known, best first, each key once. */
  entries(time: Time): readonly EntryServer[]
  /** Clients that relay and have a link to us. */
  neighbours(time: Time): readonly EntryServer[]
  /** Why there is no server. */
  failure(): Failure
  /** Whether there is one that a lookup can ask. */
  readonly hasOpenServer: boolean
  /** Whether one more may be attached any moment. */
  readonly isConnecting: boolean
  /** Whether a link to that peer itself is open, whoever dialed it: a circuit may start there. */
  hasDirectLink(peer: KeyId): boolean
  /** What this server last said about a limit of ours, if that is still true. */
  quota(time: Time, server: KeyId): QuotaNotice | undefined
  /**
   * Looks up `key`, which is the peer itself or one of its servers, for the attempt to reach `peer`: the
   * news (path-attempt.ts, LookupNews) go to `peers.lookedUp(time, peer, news)`, never before this returns,
   * and end with exactly one that `isFinal`. Several lookups of one attempt may run at once.
   * @returns the lookup's number, unique in this node
   */
  startLookup(time: Time, key: KeyId, peer: KeyId): number
  /** No more news of it; unknown and ended ones are ignored. */
  cancelLookup(lookup: number): void
}

export interface PeerContext {
  /** Whether these sessions are for signals between nodes, and no application's (mesh/). */
  readonly isSignalOnly: boolean
  readonly handshake: HandshakeContext
  readonly stamps: RisingStamps
  readonly circuits: CircuitPort
  readonly servers: ServerPort
  readonly held: HeldMessages
  readonly routes: RouteFinder
  readonly log: RouteLog
  /** Of all sessions, also those that wait to be confirmed. */
  readonly tags: SessionTags
  /** What paths may show to whom. */
  readonly modes: PeerModes
  /** Hears which sessions there are, and what peers signal in them. */
  readonly direct: DirectPort
  /** For the sessions with one peer. */
  seenIds(peer: KeyId): SeenIds
  /** Asks servers and neighbours for routes to `key`. What they say goes to `routes.heard`, then `peers.heard`. */
  askRoutes(time: Time, key: KeyId, whom?: RouteAudience): void
  /** Whether one of them has not answered yet. */
  isAskingRoutes(key: KeyId): boolean
  emit(event: NodeEvent): void
}
