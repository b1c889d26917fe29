// One cell from a link: its header, its circuit, then the file named after this node's role in it. Cells
// for circuits that are gone are normal (a DESTROY crossed them) and cost nothing; what an honest
// neighbour can never send is misbehaviour of the link.

import { DecodeError } from '../bytes/decode-error.ts'
import type { Time } from '../machine/machine.ts'
import type { CellHeader } from '../wire/circuit-cells.ts'
import { decodeCellHeader, decodeDestroy } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import type { Circuit, Port } from './circuit.ts'
import { receiveCell } from './endpoint.ts'
import { acceptSetup } from './incoming-setup.ts'
import { acceptAck } from './origin-circuit.ts'
import type { RouterContext } from './router-context.ts'
import { reportMisbehaviour } from './router-context.ts'
import { closeCircuit, closeForFault } from './teardown.ts'

export function acceptCell(context: RouterContext, time: Time, port: Port, cell: Uint8Array): void {
  if (port.isMisbehaved) return
  const header = parseHeader(cell)
  if (header === undefined) {
    reportMisbehaviour(context, port)
    return
  }
  if (header.type === FRAME.cellPad) return
  const { circuitId } = header
  const circuit = port.circuits?.get(circuitId)
  if (header.type === FRAME.cellSetup) {
    const isFree = circuit === undefined && context.table.isPeersWireId(port, circuitId)
    if (isFree) acceptSetup(context, time, port, circuitId, cell)
    else reportMisbehaviour(context, port)
  } else if (circuit !== undefined) {
    acceptCircuitCell(context, time, port, circuit, header, cell)
  }
}

function acceptCircuitCell(
  context: RouterContext,
  time: Time,
  port: Port,
  circuit: Circuit,
  { type }: CellHeader,
  cell: Uint8Array,
): void {
  switch (type) {
    case FRAME.cellForward:
    case FRAME.cellForwardLarge:
      if (circuit.kind === 'relay') context.relay?.relayForward(context, time, circuit, port, cell)
      else if (circuit.kind === 'end') receiveCell(context, circuit, cell)
      else closeForFault(context, circuit, port)
      return
    case FRAME.cellBackward:
    case FRAME.cellBackwardLarge:
      if (circuit.kind === 'relay') context.relay?.relayBackward(context, time, circuit, port, cell)
      else if (circuit.kind === 'origin') receiveCell(context, circuit, cell)
      else closeForFault(context, circuit, port)
      return
    case FRAME.cellAck:
      if (circuit.kind === 'relay') context.relay?.relayAck(context, circuit, port, cell)
      else if (circuit.kind === 'origin') acceptAck(context, time, circuit, cell)
      else closeForFault(context, circuit, port)
      return
    case FRAME.cellDestroy:
      closeCircuit(context, circuit, { reason: decodeDestroy(cell), side: 'remote', from: port })
  }
}

function parseHeader(cell: Uint8Array): CellHeader | undefined {
  try {
    return decodeCellHeader(cell)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}
