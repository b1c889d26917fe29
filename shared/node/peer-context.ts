// What every peer of one node shares: identity, clocks of handshakes, the circuits below and the
// application above. Interfaces only; core.ts composes them.

import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { CircuitId } from '../routing/circuit.ts'
import type { SetupHop } from '../routing/onion-setup.ts'
import type { HandshakeContext } from '../session/handshake.ts'
import type { RisingStamps } from '../session/initiator-timestamps.ts'
import type { PathCapacity } from '../session/path.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import type { QuotaNotice } from '../wire/registry-bodies.ts'
import type { NodeEvent } from './effects.ts'
import type { HeldMessages } from './held-messages.ts'
import type { Failure } from './mesh-error.ts'

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
  /** Small-cell units that may be sent now. */
  room(circuit: CircuitId): number
  capacity(circuit: CircuitId): PathCapacity
}

/** A server that a circuit can start at. */
export interface EntryServer {
  readonly key: KeyId
  readonly hop: SetupHop
}

export interface ServerPort {
  /** Attached servers, best first. */
  entries(time: Time): readonly EntryServer[]
  /** Why there is none. */
  failure(): Failure
  /** Whether one more may be attached any moment. */
  readonly isConnecting: boolean
  /** What this server last said about a limit of ours, if that is still true. */
  quota(time: Time, server: KeyId): QuotaNotice | undefined
  /** @returns the lookup's number; its end comes back through peers.ts */
  startLookup(time: Time, key: KeyId): number
  cancelLookup(lookup: number): void
}

export interface PeerContext {
  readonly handshake: HandshakeContext
  readonly stamps: RisingStamps
  readonly circuits: CircuitPort
  readonly servers: ServerPort
  readonly held: HeldMessages
  emit(event: NodeEvent): void
}
