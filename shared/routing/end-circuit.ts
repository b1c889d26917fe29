// The circuits that end at this node (docs/PROTOCOL.md 6): SETUP in, the parent's answer out as ACK,
// then endpoint.ts.

import type { Time } from '../machine/machine.ts'
import { encodeCell } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import { CIRCUIT_MAX_AGE_MS, SETUP_TIMEOUT_MS } from '../wire/limits.ts'
import type { EndCircuit, Port } from './circuit.ts'
import { newChannel } from './endpoint.ts'
import { createAck } from './onion-ack.ts'
import type { ProcessedSetup } from './onion-setup.ts'
import { wipeHopSecrets } from './onion-setup.ts'
import type { RouterContext } from './router-context.ts'
import { transmit } from './router-context.ts'
import { closeForFault } from './teardown.ts'

export function acceptIncoming(
  context: RouterContext,
  time: Time,
  port: Port,
  wireId: number,
  { secrets, block, content }: ProcessedSetup,
): void {
  const id = context.table.nextCircuitId()
  const circuit: EndCircuit = {
    kind: 'end',
    id,
    port,
    wireId,
    isLarge: block.isLarge,
    state: { phase: 'setup', secrets, startedAtMs: time.now },
  }
  context.table.add(circuit)
  context.deadlines.set(circuit, time.now + SETUP_TIMEOUT_MS)
  context.effects.push({ kind: 'incoming', circuit: id, link: port.link, data: content })
}

/** Answers once; a circuit that closed meanwhile is left alone. @throws RangeError for too much data. */
export function answerIncoming(
  context: RouterContext,
  circuit: EndCircuit,
  data: Uint8Array,
): void {
  const { state, port, wireId } = circuit
  if (state.phase !== 'setup') return
  const ack = createAck(context.suite, context.random, state.secrets, data)
  if (ack === undefined) {
    closeForFault(context, circuit, port)
    return
  }
  wipeHopSecrets(state.secrets)
  circuit.state = { phase: 'open', keys: ack.dataKeys, channel: newChannel() }
  context.deadlines.set(circuit, state.startedAtMs + CIRCUIT_MAX_AGE_MS)
  transmit(context, port, encodeCell(FRAME.cellAck, wireId, ack.body))
}
