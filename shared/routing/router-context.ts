// What the parts of a Router share: its tools, its tables and its outbox. Made once by router.ts.

import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { DeadlineHeap } from '../machine/deadline-heap.ts'
import type { EffectQueue } from '../machine/effect-queue.ts'
import type { RandomBytes } from '../machine/machine.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import { encodeDestroy } from '../wire/circuit-cells.ts'
import type { Allowances } from './allowances.ts'
import type { Allowance, Circuit, Port, WaitingCircuit } from './circuit.ts'
import type { CircuitTable } from './circuit-table.ts'
import type { OnionKeys } from './onion-keys.ts'
import type { RelayRole } from './relay-role.ts'
import type { ReplayCache } from './replay-cache.ts'
import type { RelayBudget, RouterConfig, RouterEffect } from './router-messages.ts'

export interface RouterContext {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly identity: RouterConfig['identity']
  readonly onionKeys: OnionKeys
  /** Whenever there are relayed circuits. */
  readonly relay: RelayRole | undefined
  /** Of all bytes that are passed on; `undefined` where nothing bounds their sum. */
  readonly budget: RelayBudget | undefined
  /** A client that relays. */
  readonly isLeaf: boolean
  readonly maxCircuits: number
  readonly maxQueuedBytes: number
  readonly table: CircuitTable
  readonly allowances: Allowances
  readonly replays: ReplayCache
  /** A circuit: its wait, its setup or its age; an allowance: more bytes; a port: the next slice. */
  readonly deadlines: DeadlineHeap<Circuit | Allowance | Port>
  readonly effects: EffectQueue<RouterEffect>
  /** For onion-cell.ts. */
  readonly scratch: Uint8Array
  /** Where a cell of our own is made: filled and sealed within one call. */
  readonly plaintext: Uint8Array
  /** Bytes in all relay queues. */
  queuedBytes: number
  /** Of cells that were passed on for others, in the life of this node. */
  relayedBytes: number
  readonly maxWaitingSetups: number
  /** By the key that a link is needed to, each oldest first. */
  readonly waiting: Map<KeyId, Set<WaitingCircuit>>
  /** How many they are in all. */
  waitingSetups: number
}

export function transmit(context: RouterContext, port: Port, bytes: Uint8Array): void {
  context.effects.push({ kind: 'transmit', link: port.link, bytes })
}

export function sendDestroy(
  context: RouterContext,
  port: Port,
  wireId: number,
  reason: DestroyReason,
): void {
  transmit(context, port, encodeDestroy(wireId, reason))
}

export function reportMisbehaviour(context: RouterContext, port: Port): void {
  if (port.isMisbehaved) return
  port.isMisbehaved = true
  context.effects.push({ kind: 'misbehaved', link: port.link, reason: 'protocol' })
}
