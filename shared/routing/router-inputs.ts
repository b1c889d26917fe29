// The inputs of a Router that concern one live link or one circuit of our own, each a call into the file
// that knows; and what a link that goes away or takes data again means for the circuits over it.

import type { Time } from '../machine/machine.ts'
import { acceptCell } from './cell-input.ts'
import type { Endpoint, Port } from './circuit.ts'
import { answerIncoming } from './end-circuit.ts'
import { resumeEndpoint, sendData } from './endpoint.ts'
import type { RouterContext } from './router-context.ts'
import type { RouterInput } from './router-messages.ts'
import { closeCircuit } from './teardown.ts'

type PortInput = Extract<RouterInput, { kind: 'linkDown' | 'linkPause' | 'linkResume' | 'cell' }>
type CircuitInput = Extract<RouterInput, { kind: 'answer' | 'refuse' | 'destroy' | 'send' }>

export function handlePort(context: RouterContext, time: Time, port: Port, input: PortInput): void {
  switch (input.kind) {
    case 'cell':
      acceptCell(context, time, port, input.bytes)
      break
    case 'linkPause':
      port.isPaused = true
      break
    case 'linkResume':
      resumePort(context, time.now, port)
      break
    case 'linkDown':
      closePort(context, port)
  }
}

export function handleCircuit(
  context: RouterContext,
  circuit: Endpoint,
  input: CircuitInput,
): void {
  switch (input.kind) {
    case 'send':
      sendData(context, circuit, input.data)
      break
    case 'answer':
      if (circuit.kind === 'end') answerIncoming(context, circuit, input.data)
      break
    case 'refuse':
    case 'destroy':
      closeCircuit(context, circuit, { reason: input.reason, side: 'local' })
  }
}

/** Cells that wait for others go first, then our own ends learn that they may go on. */
function resumePort(context: RouterContext, now: number, port: Port): void {
  port.isPaused = false
  context.relay?.drainPort(context, now, port)
  for (const circuit of port.circuits?.values() ?? []) {
    if (circuit.kind !== 'relay') resumeEndpoint(context, circuit)
  }
}

/** A lost link destroys its circuits; nothing is sent into it any more. */
function closePort(context: RouterContext, port: Port): void {
  context.table.removePort(port)
  context.deadlines.delete(port)
  for (const circuit of [...(port.circuits?.values() ?? [])]) {
    closeCircuit(context, circuit, { reason: 'closed', side: 'remote', from: port })
  }
  port.waiting = undefined
}
