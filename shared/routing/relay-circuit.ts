// The circuits that this node carries for others (docs/PROTOCOL.md 6). It knows the neighbour before and
// the neighbour after, and peels or adds one layer. The path of a cell through here is the hot path of a
// server: one AEAD and one key stream forward, one key stream backward.

import type { Time } from '../machine/machine.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import { CELL_HEADER, encodeCell, SMALL_CELL } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import { CIRCUIT_MAX_AGE_MS, CIRCUIT_MAX_CELLS, SETUP_TIMEOUT_MS } from '../wire/limits.ts'
import { noticeQuota } from './allowances.ts'
import type { Allowance, Flow, Port, RelayCircuit } from './circuit.ts'
import { unitsOf } from './circuit-window.ts'
import { keepWithinBudget } from './memory-budget.ts'
import { wrapAck } from './onion-ack.ts'
import { openForwardAtRelay, wrapBackward } from './onion-cell.ts'
import type { ProcessedSetup } from './onion-setup.ts'
import { wipeHopSecrets } from './onion-setup.ts'
import { refuseToExtend } from './relay-admission.ts'
import { sendOn } from './relay-queue.ts'
import type { RouterContext } from './router-context.ts'
import { transmit } from './router-context.ts'
import { closeCircuit, closeForFault } from './teardown.ts'

/**
 * @param next the live link to the hop that the setup names
 * @returns why not; then the setup is still the caller's
 */
export function extendCircuit(
  context: RouterContext,
  time: Time,
  previous: { readonly port: Port; readonly wireId: number },
  next: Port,
  owner: Allowance,
  { secrets, block, content }: ProcessedSetup,
): DestroyReason | undefined {
  const refusal = refuseToExtend(context, time.now, previous.port, next)
  if (refusal !== undefined) return refusal
  // The setup, and its ack on the way back.
  if (context.budget?.spend(time, previous.port.peer, 2 * SMALL_CELL) === false) return 'quota'
  const { table } = context
  const circuit: RelayCircuit = {
    kind: 'relay',
    id: table.nextCircuitId(),
    isLarge: block.isLarge,
    forward: newFlow(next, table.freeWireId(next), owner),
    backward: newFlow(previous.port, previous.wireId, owner),
    state: { phase: 'setup', secrets, startedAtMs: time.now },
  }
  table.add(circuit)
  context.deadlines.set(circuit, time.now + SETUP_TIMEOUT_MS)
  transmit(context, next, encodeCell(FRAME.cellSetup, circuit.forward.wireId, content))
  return undefined
}

/** Exactly one ACK: its key stream must not be used twice. */
export function relayAck(
  context: RouterContext,
  circuit: RelayCircuit,
  from: Port,
  cell: Uint8Array,
): void {
  const { state, backward, forward } = circuit
  const ack =
    state.phase === 'setup' && from === forward.port
      ? wrapAck(context.suite, context.random, state.secrets, cell.subarray(CELL_HEADER))
      : undefined
  if (state.phase !== 'setup' || ack === undefined) {
    closeForFault(context, circuit, from)
    return
  }
  wipeHopSecrets(state.secrets)
  circuit.state = { phase: 'open', keys: ack.dataKeys, forwardCounter: 0, backwardCounter: 0 }
  context.deadlines.set(circuit, state.startedAtMs + CIRCUIT_MAX_AGE_MS)
  transmit(context, backward.port, encodeCell(FRAME.cellAck, backward.wireId, ack.body))
}

export function relayForward(
  context: RouterContext,
  time: Time,
  circuit: RelayCircuit,
  from: Port,
  cell: Uint8Array,
): void {
  const { state, forward, backward } = circuit
  const isExpected = from === backward.port && takesClass(circuit, cell)
  if (state.phase !== 'open' || !isExpected) {
    closeForFault(context, circuit, from)
    return
  }
  const counter = state.forwardCounter++
  if (counter >= CIRCUIT_MAX_CELLS) {
    closeForFault(context, circuit, from)
    return
  }
  const { suite, scratch } = context
  const next = openForwardAtRelay(suite, state.keys, counter, cell, forward.wireId, scratch)
  if (next === undefined) {
    closeForFault(context, circuit, from)
    return
  }
  pass(context, time, circuit, forward, next)
}

export function relayBackward(
  context: RouterContext,
  time: Time,
  circuit: RelayCircuit,
  from: Port,
  cell: Uint8Array,
): void {
  const { state, forward, backward } = circuit
  const isExpected = from === forward.port && takesClass(circuit, cell)
  if (state.phase !== 'open' || !isExpected) {
    closeForFault(context, circuit, from)
    return
  }
  const counter = state.backwardCounter++
  if (counter >= CIRCUIT_MAX_CELLS) {
    closeForFault(context, circuit, from)
    return
  }
  const previous = wrapBackward(context.suite, state.keys, counter, cell, backward.wireId)
  pass(context, time, circuit, backward, previous)
}

function pass(
  context: RouterContext,
  time: Time,
  circuit: RelayCircuit,
  flow: Flow,
  cell: Uint8Array,
): void {
  const { port, owner } = circuit.backward
  if (context.budget?.spend(time, port.peer, cell.length) === false) {
    closeCircuit(context, circuit, { reason: 'quota', side: 'local', cause: port })
    return
  }
  const { now } = time
  const verdict = sendOn(context, now, flow, cell)
  if (verdict === 'sent') return
  if (verdict === 'overflow') {
    const cause = flow === circuit.forward ? port : circuit.forward.port
    closeCircuit(context, circuit, { reason: 'quota', side: 'local', cause })
    return
  }
  if (verdict === 'shaped') {
    const retryAfterMs = owner.bytes.msUntil(now, cell.length)
    noticeQuota(context, now, port, owner, 'relayBytesPerS', retryAfterMs)
  }
  keepWithinBudget(context)
}

function takesClass(circuit: RelayCircuit, cell: Uint8Array): boolean {
  return circuit.isLarge || unitsOf(cell) === 1
}

function newFlow(port: Port, wireId: number, owner: Allowance): Flow {
  return { port, wireId, owner, queue: undefined, queuedUnits: 0, turnBytes: 0, stalledSinceMs: 0 }
}
