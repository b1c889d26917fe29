// The circuits that this node opens (docs/PROTOCOL.md 6): SETUP out, ACK in, then endpoint.ts.

import { keyIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import { CELL_HEADER, encodeCell } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import { CIRCUIT_MAX_AGE_MS, SETUP_TIMEOUT_FIRST_MS, SETUP_TTL_S } from '../wire/limits.ts'
import type { CircuitId, OriginCircuit } from './circuit.ts'
import { newChannel } from './endpoint.ts'
import { peelAck } from './onion-ack.ts'
import { createSetup, wipeOriginHops } from './onion-setup.ts'
import type { RouterContext } from './router-context.ts'
import { transmit } from './router-context.ts'
import type { RouterInput } from './router-messages.ts'
import { closeForFault } from './teardown.ts'

/** @throws RangeError for a wrong number of hops, too much data or a circuit id in use. */
export function openCircuit(
  context: RouterContext,
  time: Time,
  input: Extract<RouterInput, { kind: 'open' }>,
): void {
  const { table, suite, random } = context
  const { circuit: id, hops, data, large: isLarge } = input
  if (table.circuit(id) !== undefined) throw new RangeError('that circuit id is in use')
  const expiryS = Math.floor(time.unixMs / 1000) + SETUP_TTL_S
  const setup = createSetup(suite, random, { hops, expiryS, isLarge, data })
  if (setup === undefined) {
    refuseToOpen(context, id, 'protocol')
    return
  }
  const [first] = hops
  const port = first && table.portTo(keyIdOf(first.id))
  if (port === undefined || table.size >= context.maxCircuits) {
    wipeOriginHops(setup.hops)
    refuseToOpen(context, id, port === undefined ? 'unreachable' : 'busy')
    return
  }
  const wireId = table.freeWireId(port)
  const state = { phase: 'setup', hops: setup.hops, startedAtMs: time.now } as const
  const circuit: OriginCircuit = { kind: 'origin', id, port, wireId, isLarge, state }
  table.add(circuit)
  context.deadlines.set(circuit, time.now + (input.timeoutMs ?? SETUP_TIMEOUT_FIRST_MS))
  transmit(context, port, encodeCell(FRAME.cellSetup, wireId, setup.body))
}

/** Exactly one ACK: a second one, or one that any hop changed, ends the circuit. */
export function acceptAck(
  context: RouterContext,
  time: Time,
  circuit: OriginCircuit,
  cell: Uint8Array,
): void {
  const { state } = circuit
  const peeled =
    state.phase === 'setup'
      ? peelAck(context.suite, state.hops, cell.subarray(CELL_HEADER))
      : undefined
  if (state.phase !== 'setup' || peeled === undefined) {
    closeForFault(context, circuit, circuit.port)
    return
  }
  wipeOriginHops(state.hops)
  circuit.state = { phase: 'open', keys: peeled.dataKeys, channel: newChannel() }
  context.deadlines.set(circuit, state.startedAtMs + CIRCUIT_MAX_AGE_MS)
  const rttMs = time.now - state.startedAtMs
  context.effects.push({ kind: 'opened', circuit: circuit.id, data: peeled.data, rttMs })
}

function refuseToOpen(context: RouterContext, circuit: CircuitId, reason: DestroyReason): void {
  context.effects.push({ kind: 'closed', circuit, reason, side: 'local' })
}
