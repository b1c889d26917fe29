// The inputs of a Router that concern links, or one circuit of our own, each a call into the file that knows;
// and what a link that comes up, goes away or takes data again means for circuits.

import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import { acceptCell } from './cell-input.ts'
import type { Endpoint, Port } from './circuit.ts'
import { isEndpoint } from './circuit-table.ts'
import { answerIncoming } from './end-circuit.ts'
import { resumeEndpoint, sendData } from './endpoint.ts'
import type { RouterContext } from './router-context.ts'
import type { RouterInput } from './router-messages.ts'
import { closeCircuit } from './teardown.ts'

type PortInput = Extract<RouterInput, { kind: 'linkDown' | 'linkPause' | 'linkResume' | 'cell' }>
type LinkUp = Extract<RouterInput, { kind: 'linkUp' }>
type CircuitInput = Extract<RouterInput, { kind: 'answer' | 'refuse' | 'destroy' | 'send' }>

/** What waited for a link to that peer goes on. */
export function acceptLink(context: RouterContext, time: Time, input: LinkUp): void {
  const { link, peer, initiator } = input
  context.table.addPort(link, peer, input.isServer, initiator)
  if (input.isServer || context.allowances.isServer(peer)) proveServer(context, time.now, peer)
  context.relay?.continueWaiting(context, time, peer)
}

/** Our own dial has reached that peer as a server. What waits for its bytes waits at the new rate. */
export function proveServer(context: RouterContext, now: number, peer: KeyId): void {
  const allowance = context.allowances.proveServer(peer, now)
  for (const port of context.table.portsTo(peer)) port.isServer = true
  if (allowance.waiting !== undefined) context.deadlines.set(allowance, now)
}

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
    if (isEndpoint(circuit)) resumeEndpoint(context, circuit)
  }
}

/** A lost link destroys its circuits; nothing is sent into it any more. */
function closePort(context: RouterContext, port: Port): void {
  context.table.removePort(port)
  context.deadlines.delete(port)
  for (const circuit of [...(port.circuits?.values() ?? [])]) {
    closeCircuit(context, circuit, { reason: 'linkLost', side: 'remote', from: port })
  }
  port.waiting = undefined
}
