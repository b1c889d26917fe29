// The state of circuits (docs/PROTOCOL.md 6) in the three roles a node can have, of the links they run
// over, and of what a neighbour key is allowed. Data only; the files named after the roles change it.

import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import type { BoundedQueue } from '../machine/bounded-queue.ts'
import type { EffectQueue } from '../machine/effect-queue.ts'
import type { TokenBucket } from '../machine/token-bucket.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import type { ReceiveWindow, SendWindow } from './circuit-window.ts'
import type { DataKeys } from './hop-keys.ts'
import type { HopSecrets, OriginHop, ProcessedSetup } from './onion-setup.ts'

/** This node's name for a circuit; never on the wire. */
export type CircuitId = number & { readonly brand: 'CircuitId' }

/** Why a circuit of our own ended. `linkLost`: our link under it is gone; this is on no wire, and tells of no other. */
export type EndReason = DestroyReason | 'linkLost'

/** A live link as routing sees it. Servers hold thousands of idle ones: maps are made when needed. */
export interface Port {
  readonly kind: 'port'
  readonly link: LinkId
  readonly peer: KeyId
  /** Proven to be one, by our own dial. */
  isServer: boolean
  /** We dialed: our circuit ids have the highest bit set, the peer's have not. */
  readonly isInitiator: boolean
  isPaused: boolean
  /** Reported once; the parent is closing the link. */
  isMisbehaved: boolean
  /** By wire id. */
  circuits: Map<number, Circuit> | undefined
  /** How many of them the peer opened. */
  incoming: number
  lastWireId: number
  /** Flows that wait for this link, served in turn. */
  waiting: EffectQueue<Flow> | undefined
  /** Another live link to the same peer, which came before this one. */
  older: Port | undefined
}

/** What one key may use, whatever links and circuits it uses it by. */
export interface Allowance {
  readonly kind: 'allowance'
  /** Of a proven server. */
  isServer: boolean
  setups: TokenBucket
  bytes: TokenBucket
  /** Setups of that key that wait for the link to their next hop. */
  waitingSetups: number
  /** Flows that wait for bytes, served in turn. */
  waiting: EffectQueue<Flow> | undefined
  /** No further quota notice before this. */
  quietUntilMs: number
}

/** One direction of a relayed circuit: where its cells go, and those that cannot go yet. */
export interface Flow {
  readonly port: Port
  readonly wireId: number
  /** Of the key that opened the circuit: it pays for both directions. */
  readonly owner: Allowance
  queue: BoundedQueue<Uint8Array> | undefined
  queuedUnits: number
  /** What its turns are worth that it has not used: saved up for a large cell. */
  turnBytes: number
  /** When a cell last left while others waited. */
  stalledSinceMs: number
}

/** Counters and windows of one end of an open circuit. */
export interface Channel {
  sendCounter: number
  receiveCounter: number
  readonly sending: SendWindow
  readonly receiving: ReceiveWindow
}

interface CircuitBase {
  readonly id: CircuitId
  /** The circuit may carry large cells. */
  readonly isLarge: boolean
}

export interface OriginCircuit extends CircuitBase {
  readonly kind: 'origin'
  readonly port: Port
  readonly wireId: number
  state:
    | { readonly phase: 'setup'; readonly hops: readonly OriginHop[]; readonly startedAtMs: number }
    | { readonly phase: 'open'; readonly keys: readonly DataKeys[]; readonly channel: Channel }
    | { readonly phase: 'closed' }
}

export interface EndCircuit extends CircuitBase {
  readonly kind: 'end'
  readonly port: Port
  readonly wireId: number
  state:
    | { readonly phase: 'setup'; readonly secrets: HopSecrets; readonly startedAtMs: number }
    | { readonly phase: 'open'; readonly keys: DataKeys; readonly channel: Channel }
    | { readonly phase: 'closed' }
}

export interface RelayCircuit extends CircuitBase {
  readonly kind: 'relay'
  /** To the next hop. */
  readonly forward: Flow
  /** To the hop before. */
  readonly backward: Flow
  state:
    | { readonly phase: 'setup'; readonly secrets: HopSecrets; readonly startedAtMs: number }
    | {
        readonly phase: 'open'
        readonly keys: DataKeys
        forwardCounter: number
        backwardCounter: number
      }
    | { readonly phase: 'closed' }
}

/** What becomes a relay circuit as soon as there is a link to its next hop. Runs over the link before only. */
export interface WaitingCircuit extends CircuitBase {
  readonly kind: 'waiting'
  readonly port: Port
  readonly wireId: number
  readonly next: KeyId
  readonly owner: Allowance
  state:
    | (ProcessedSetup & { readonly phase: 'setup'; readonly startedAtMs: number })
    | { readonly phase: 'closed' }
}

export type Endpoint = OriginCircuit | EndCircuit
export type Circuit = Endpoint | RelayCircuit | WaitingCircuit
