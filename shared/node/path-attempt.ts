// One attempt to reach a peer: wait for a server, look the peer up, and try a circuit through each server
// that both sides share (docs/PROTOCOL.md 5, 6). Knows nothing of sessions: the owner fills the setup and
// judges the answer. Ends in exactly one result.

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
import { failureOfDestroy, failureOfQuota } from './peer-failure.ts'

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

/** Unanswered lookups before an attempt ends. */
const MAX_LOOKUPS = 3

type State =
  | { readonly kind: 'awaitingServer' }
  | { readonly kind: 'lookingUp'; readonly lookup: number }
  | { readonly kind: 'opening'; readonly circuit: CircuitId; readonly server: EntryServer }
  | { readonly kind: 'ended' }

export class PathAttempt {
  readonly #context: PeerContext
  readonly #peer: KeyId
  readonly #makeSetup: (time: Time) => Uint8Array
  #state: State = { kind: 'awaitingServer' }
  #target: SetupHop | undefined
  #candidates: EntryServer[] = []
  #circuits = 0
  #lookups = 0
  #failure: Failure | undefined

  /** @param makeSetup fresh data for one circuit's setup; called for each candidate */
  constructor(context: PeerContext, peer: KeyId, makeSetup: (time: Time) => Uint8Array) {
    this.#context = context
    this.#peer = peer
    this.#makeSetup = makeSetup
  }

  /** The circuit that is being opened. */
  get circuit(): CircuitId | undefined {
    return this.#state.kind === 'opening' ? this.#state.circuit : undefined
  }

  get lookup(): number | undefined {
    return this.#state.kind === 'lookingUp' ? this.#state.lookup : undefined
  }

  /** Why it has not succeeded so far, for an owner that runs out of time. */
  reason(): Failure {
    if (this.#state.kind === 'awaitingServer') return this.#context.servers.failure()
    return this.#failure ?? { code: 'TIMEOUT', message: 'The peer did not answer in time.' }
  }

  /** Call once at the start, and whenever a server was attached. */
  advance(time: Time): void {
    if (this.#state.kind !== 'awaitingServer') return
    if (this.#context.servers.entries(time).length === 0) return
    this.#state = { kind: 'lookingUp', lookup: this.#context.servers.startLookup(time, this.#peer) }
  }

  /** The lookup ended. @param record `absent`: servers answered that they know no such key */
  lookedUp(time: Time, record: NodeRecord | 'absent' | 'noAnswer'): AttemptResult | undefined {
    if (this.#state.kind !== 'lookingUp') return undefined
    if (record === 'noAnswer') return this.#lookAgain(time)
    if (record === 'absent') {
      return this.#fail({ code: 'NOT_FOUND', message: 'No server knows this key.' })
    }
    return this.#foundTarget(time, record)
  }

  /** The circuit was answered by the peer. */
  opened(circuit: CircuitId, data: Uint8Array): AttemptResult | undefined {
    if (this.#state.kind !== 'opening' || this.#state.circuit !== circuit) return undefined
    const { server } = this.#state
    this.#state = { kind: 'ended' }
    return { kind: 'opened', circuit, relays: [server.key], data }
  }

  /** The circuit failed: the next server's turn. */
  closed(time: Time, circuit: CircuitId, reason: DestroyReason): AttemptResult | undefined {
    if (this.#state.kind !== 'opening' || this.#state.circuit !== circuit) return undefined
    const { servers } = this.#context
    const quota = reason === 'quota' ? servers.quota(this.#state.server.key) : undefined
    this.#failure = quota === undefined ? failureOfDestroy(reason) : failureOfQuota(quota)
    return this.#tryNext(time)
  }

  /** Gives up; nothing follows. */
  cancel(time: Time): void {
    if (this.#state.kind === 'lookingUp') this.#context.servers.cancelLookup(this.#state.lookup)
    if (this.#state.kind === 'opening') {
      this.#context.circuits.destroy(time, this.#state.circuit, 'closed')
    }
    this.#state = { kind: 'ended' }
  }

  /** A server went away while it was asked; the next one may answer. */
  #lookAgain(time: Time): AttemptResult | undefined {
    this.#lookups += 1
    if (this.#lookups >= MAX_LOOKUPS) {
      return this.#fail({ code: 'TIMEOUT', message: 'The servers did not answer in time.' })
    }
    this.#state = { kind: 'awaitingServer' }
    this.advance(time)
    return undefined
  }

  #foundTarget(time: Time, record: NodeRecord): AttemptResult | undefined {
    const onionKey = currentOnionKey(record, time.unixMs)
    const attached = new Set(record.servers.map(keyIdOf))
    this.#candidates = this.#context.servers.entries(time).filter(({ key }) => attached.has(key))
    if (onionKey === undefined || this.#candidates.length === 0) {
      return this.#fail(
        attached.size === 0
          ? { code: 'OFFLINE', message: 'The peer is not attached to any server.' }
          : { code: 'NO_PATH', message: 'You and the peer are attached to different servers.' },
      )
    }
    this.#target = { id: record.key, onionKey }
    return this.#tryNext(time)
  }

  #tryNext(time: Time): AttemptResult | undefined {
    const server = this.#candidates.shift()
    if (server === undefined || this.#target === undefined) {
      return this.#fail(this.#failure ?? failureOfDestroy('unreachable'))
    }
    const { circuits } = this.#context
    const circuit = circuits.nextId()
    this.#state = { kind: 'opening', circuit, server }
    const timeoutMs = this.#circuits === 0 ? SETUP_TIMEOUT_FIRST_MS : SETUP_TIMEOUT_MS
    this.#circuits += 1
    circuits.open(time, circuit, [server.hop, this.#target], this.#makeSetup(time), timeoutMs)
    return undefined
  }

  #fail(failure: Failure): AttemptResult {
    this.#state = { kind: 'ended' }
    return { kind: 'failed', failure }
  }
}
