// One attempt to reach a peer: wait for a server, look the peer up, and try a circuit through each server
// that both sides share (docs/PROTOCOL.md 5, 6). Knows nothing of sessions: the owner fills the setup and
// judges the answer. Ends in exactly one result.
// The first valid record is good enough to begin with, but not to fail with: servers that answer later may
// know a newer one, and a peer that has just restarted publishes a moment after it was asked for.

import { equalBytes } from '../bytes/equal.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { CircuitId } from '../routing/circuit.ts'
import type { SetupHop } from '../routing/onion-setup.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import { SETUP_TIMEOUT_FIRST_MS, SETUP_TIMEOUT_MS } from '../wire/limits.ts'
import type { NodeRecord } from '../wire/record.ts'
import type { Failure } from './mesh-error.ts'
import { currentOnionKey } from './onion-key-choice.ts'
import type { EntryServer, PeerContext } from './peer-context.ts'
import {
  failureOfDestroy,
  failureOfQuota,
  NO_PATH,
  NOT_ATTACHED,
  NOT_FOUND,
  PEER_SILENT,
  SERVERS_SILENT,
} from './peer-failure.ts'

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

/** One answer of a lookup: a record, `absent` (no server knows the key) or `noAnswer`. */
export interface LookupNews {
  readonly lookup: number
  readonly record: NodeRecord | 'absent' | 'noAnswer'
  /** The lookup ended. */
  readonly isFinal: boolean
}

/** Lookups of one attempt, with those that went unanswered. */
const MAX_LOOKUPS = 3

type State =
  | { readonly kind: 'awaitingServer' }
  /** Those we have know no way to the peer (`failure`), but more may be attached any moment. */
  | { readonly kind: 'awaitingMoreServers'; readonly entries: number; readonly failure: Failure }
  | { readonly kind: 'lookingUp' }
  | { readonly kind: 'opening'; readonly circuit: CircuitId; readonly server: EntryServer }
  | { readonly kind: 'ended' }

export class PathAttempt {
  readonly #context: PeerContext
  readonly #peer: KeyId
  readonly #makeSetup: (time: Time) => Uint8Array
  #state: State = { kind: 'awaitingServer' }
  /** The lookup that runs, also beside the opening of a circuit. */
  #lookup: number | undefined
  #lookups = 0
  #record: NodeRecord | undefined
  #target: SetupHop | undefined
  /** Servers through which `#target` was tried. */
  readonly #tried = new Set<KeyId>()
  #circuits = 0
  #failure: Failure | undefined

  /** @param makeSetup fresh data for one circuit's setup; called for each candidate */
  constructor(context: PeerContext, peer: KeyId, makeSetup: (time: Time) => Uint8Array) {
    this.#context = context
    this.#peer = peer
    this.#makeSetup = makeSetup
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
      return servers.isConnecting ? undefined : this.#fail(state.failure)
    }
    if (entries > 0) this.#lookUp(time)
    return undefined
  }

  lookedUp(time: Time, { lookup, record, isFinal }: LookupNews): AttemptResult | undefined {
    if (lookup !== this.#lookup) return undefined
    if (isFinal) this.#lookup = undefined
    if (typeof record !== 'string') this.#adopt(time, record)
    if (this.#state.kind !== 'lookingUp') return undefined
    if (record === 'noAnswer') return this.#lookAgain(time)
    if (record === 'absent') return this.#awaitMoreServers(time, NOT_FOUND)
    return this.#tryNext(time)
  }

  /** The circuit was answered by the peer. */
  opened(time: Time, circuit: CircuitId, data: Uint8Array): AttemptResult | undefined {
    if (this.#state.kind !== 'opening' || this.#state.circuit !== circuit) return undefined
    const { server } = this.#state
    this.#state = { kind: 'ended' }
    this.cancel(time)
    return { kind: 'opened', circuit, relays: [server.key], data }
  }

  /** The circuit failed: the next server's turn. */
  closed(time: Time, circuit: CircuitId, reason: DestroyReason): AttemptResult | undefined {
    if (this.#state.kind !== 'opening' || this.#state.circuit !== circuit) return undefined
    const { servers } = this.#context
    const quota = reason === 'quota' ? servers.quota(time, this.#state.server.key) : undefined
    this.#failure = quota === undefined ? failureOfDestroy(reason) : failureOfQuota(quota)
    // The peer's end, or its link, let go of the setup: it may have new onion keys, or be elsewhere.
    const isWorthALook = reason === 'closed' || reason === 'protocol'
    return this.#tryNext(time, isWorthALook)
  }

  /** Gives up; nothing follows. */
  cancel(time: Time): void {
    const { circuits, servers } = this.#context
    if (this.#lookup !== undefined) servers.cancelLookup(this.#lookup)
    if (this.#state.kind === 'opening') circuits.destroy(time, this.#state.circuit, 'closed')
    this.#lookup = undefined
    this.#state = { kind: 'ended' }
  }

  #lookUp(time: Time): void {
    this.#state = { kind: 'lookingUp' }
    this.#lookups += 1
    this.#lookup = this.#context.servers.startLookup(time, this.#peer)
  }

  /** A server went away while it was asked; the next one may answer. */
  #lookAgain(time: Time): AttemptResult | undefined {
    if (this.#lookups >= MAX_LOOKUPS) return this.#fail(this.#failure ?? SERVERS_SILENT)
    this.#state = { kind: 'awaitingServer' }
    return this.advance(time)
  }

  /** A newer record replaces an older one; with another onion key every server is worth another try. */
  #adopt(time: Time, record: NodeRecord): void {
    if (this.#record !== undefined && record.seq <= this.#record.seq) return
    this.#record = record
    const onionKey = currentOnionKey(record, time.unixMs)
    if (onionKey === undefined) return
    if (this.#target !== undefined && !equalBytes(this.#target.onionKey, onionKey)) {
      this.#tried.clear()
    }
    this.#target = { id: record.key, onionKey }
  }

  #tryNext(time: Time, isWorthALook = false): AttemptResult | undefined {
    const shared = new Set(this.#record?.servers.map(keyIdOf))
    const server = this.#context.servers
      .entries(time)
      .find(({ key }) => shared.has(key) && !this.#tried.has(key))
    if (server !== undefined && this.#target !== undefined) {
      this.#open(time, server, this.#target)
      return undefined
    }
    if (this.#lookup !== undefined) {
      this.#state = { kind: 'lookingUp' }
      return undefined
    }
    if (isWorthALook && this.#lookups < MAX_LOOKUPS) return this.#lookAgain(time)
    return this.#awaitMoreServers(time, shared.size === 0 ? NOT_ATTACHED : NO_PATH)
  }

  #open(time: Time, server: EntryServer, target: SetupHop): void {
    const { circuits } = this.#context
    const circuit = circuits.nextId()
    this.#state = { kind: 'opening', circuit, server }
    this.#tried.add(server.key)
    const timeoutMs = this.#circuits === 0 ? SETUP_TIMEOUT_FIRST_MS : SETUP_TIMEOUT_MS
    this.#circuits += 1
    circuits.open(time, circuit, [server.hop, target], this.#makeSetup(time), timeoutMs)
  }

  #awaitMoreServers(time: Time, failure: Failure): AttemptResult | undefined {
    if (this.#failure !== undefined) return this.#fail(this.#failure)
    const entries = this.#context.servers.entries(time).length
    this.#state = { kind: 'awaitingMoreServers', entries, failure }
    return this.advance(time)
  }

  #fail(failure: Failure): AttemptResult {
    this.#state = { kind: 'ended' }
    return { kind: 'failed', failure }
  }
}
