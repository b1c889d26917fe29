// The end of a circuit (docs/PROTOCOL.md 6, DESTROY): erases its keys, frees its ids, drops what waits,
// tells the neighbours and, for our own circuits, the parent. Of a relayed circuit only the neighbour
// that caused the end learns the reason, the other reads `closed`.

import type { Circuit, EndReason, Port } from './circuit.ts'
import { legsOf } from './circuit-table.ts'
import { wipeDataKeys } from './hop-keys.ts'
import { wipeHopSecrets, wipeOriginHops } from './onion-setup.ts'
import type { RouterContext } from './router-context.ts'
import { sendDestroy } from './router-context.ts'

export interface Ending {
  readonly reason: EndReason
  readonly side: 'local' | 'remote'
  /** The neighbour that is told the true reason, where the circuit is relayed. */
  readonly cause?: Port
  /** The neighbour that knows already, or is gone. */
  readonly from?: Port
}

/** Nothing happens to a circuit that is closed already. */
export function closeCircuit(context: RouterContext, circuit: Circuit, ending: Ending): void {
  if (circuit.state.phase === 'closed') return
  const { reason, side, cause, from } = ending
  context.table.remove(circuit)
  context.deadlines.delete(circuit)
  eraseKeys(circuit)
  circuit.state = { phase: 'closed' }
  for (const { port, wireId } of legsOf(circuit)) {
    const isTold = reason !== 'linkLost' && (circuit.kind !== 'relay' || port === cause)
    if (port !== from) sendDestroy(context, port, wireId, isTold ? reason : 'closed')
  }
  if (circuit.kind === 'relay') {
    context.relay?.clearFlow(context, circuit.forward)
    context.relay?.clearFlow(context, circuit.backward)
  } else if (circuit.kind === 'waiting') {
    context.relay?.forgetWaiting(context, circuit)
  } else {
    context.effects.push({ kind: 'closed', circuit: circuit.id, reason, side })
  }
}

/** The neighbour sent what this circuit cannot take: one reason for every fault. */
export function closeForFault(context: RouterContext, circuit: Circuit, port: Port): void {
  closeCircuit(context, circuit, { reason: 'protocol', side: 'local', cause: port })
}

/** A deadline passed: an unanswered setup, one without a way on, or the age of an open circuit. */
export function closeExpired(context: RouterContext, circuit: Circuit): void {
  const cause = circuit.kind === 'relay' ? { cause: circuit.forward.port } : {}
  closeCircuit(context, circuit, { reason: expiryReason(circuit), side: 'local', ...cause })
}

function expiryReason({ kind, state }: Circuit): EndReason {
  if (kind === 'waiting') return 'unreachable'
  return state.phase === 'setup' ? 'timeout' : 'closed'
}

function eraseKeys(circuit: Circuit): void {
  const { state } = circuit
  if (state.phase === 'setup') {
    if ('hops' in state) wipeOriginHops(state.hops)
    else wipeHopSecrets(state.secrets)
  } else if (state.phase === 'open') {
    for (const keys of [state.keys].flat()) wipeDataKeys(keys)
  }
}
