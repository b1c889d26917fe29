// Data over an open circuit at its two ends, origin and end alike (docs/PROTOCOL.md 6): sealing and
// opening cells, windows, credits. The ends differ only in which layers they seal and open.

import { DecodeError } from '../bytes/decode-error.ts'
import type { Payload, PayloadCommand } from '../wire/circuit-cells.ts'
import { decodePayload, writePayload } from '../wire/circuit-cells.ts'
import { CIRCUIT_MAX_CELLS, LARGE_CELL_UNITS } from '../wire/limits.ts'
import type { Channel, Endpoint } from './circuit.ts'
import { ReceiveWindow, SendWindow, unitsOf } from './circuit-window.ts'
import type { OpenedCell, SealedCell } from './onion-cell.ts'
import {
  FORWARD_PAYLOAD,
  openBackward,
  openForwardAtEnd,
  plaintextIn,
  sealBackward,
  sealForward,
} from './onion-cell.ts'
import {
  BACKWARD_LARGE_DATA,
  BACKWARD_SMALL_DATA,
  FORWARD_LARGE_DATA,
  FORWARD_SMALL_DATA,
} from './onion-layout.ts'
import type { RouterContext } from './router-context.ts'
import { transmit } from './router-context.ts'
import { closeCircuit, closeForFault } from './teardown.ts'

export interface Capacity {
  /** Data bytes that one cell of that class carries; 0 where the circuit has no large cells. */
  readonly smallBytes: number
  readonly largeBytes: number
}

export function newChannel(): Channel {
  return {
    sendCounter: 0,
    receiveCounter: 0,
    sending: new SendWindow(),
    receiving: new ReceiveWindow(),
  }
}

export function capacityOf({ kind, isLarge }: Endpoint): Capacity {
  const [smallBytes, largeBytes] =
    kind === 'origin'
      ? [FORWARD_SMALL_DATA, FORWARD_LARGE_DATA]
      : [BACKWARD_SMALL_DATA, BACKWARD_LARGE_DATA]
  return { smallBytes, largeBytes: isLarge ? largeBytes : 0 }
}

/** Units that may be sent now; 0 unless any one cell of the circuit's classes may be. */
export function roomOf({ state, port, isLarge }: Endpoint): number {
  if (state.phase !== 'open' || port.isPaused) return 0
  const { room } = state.channel.sending
  return room >= (isLarge ? LARGE_CELL_UNITS : 1) ? room : 0
}

/** @throws RangeError without room, or for more data than a cell carries: mistakes of the caller. */
export function sendData(context: RouterContext, circuit: Endpoint, data: Uint8Array): void {
  if (circuit.state.phase !== 'open') return
  const { smallBytes, largeBytes } = capacityOf(circuit)
  if (data.length > Math.max(smallBytes, largeBytes)) throw new RangeError('too much for one cell')
  if (roomOf(circuit) === 0) throw new RangeError('the circuit has no room')
  const { sending } = circuit.state.channel
  const sealed = seal(context, circuit, 'data', data, data.length > smallBytes)
  if (sealed === undefined) return
  sending.sent(unitsOf(sealed.cell), sealed.tag)
  transmit(context, circuit.port, sealed.cell)
}

/** A FWD cell at the end, or a BWD cell at the origin. */
export function receiveCell(context: RouterContext, circuit: Endpoint, cell: Uint8Array): void {
  const units = unitsOf(cell)
  const opened = units === 1 || circuit.isLarge ? open(context, circuit, cell) : undefined
  const payload = opened && parse(opened.payload)
  const isTaken =
    opened !== undefined &&
    payload !== undefined &&
    circuit.state.phase === 'open' &&
    take(context, circuit, circuit.state.channel, payload, units, opened.tag)
  if (!isTaken) closeForFault(context, circuit, circuit.port)
}

/** The link takes data again. */
export function resumeEndpoint(context: RouterContext, circuit: Endpoint): void {
  if (circuit.state.phase !== 'open') return
  sendCredits(context, circuit, circuit.state.channel)
  announceRoom(context, circuit)
}

function take(
  context: RouterContext,
  circuit: Endpoint,
  channel: Channel,
  payload: Payload,
  units: number,
  tag: Uint8Array,
): boolean {
  if (payload.command === 'credit') {
    if (!channel.sending.credit(payload.data)) return false
    announceRoom(context, circuit)
    return true
  }
  if (!channel.receiving.received(units, tag)) return false
  context.effects.push({ kind: 'data', circuit: circuit.id, data: payload.data })
  sendCredits(context, circuit, channel)
  return true
}

/** Held back while the link is paused: who does not read our credits gets no window for ours either. */
function sendCredits(context: RouterContext, circuit: Endpoint, channel: Channel): void {
  while (!circuit.port.isPaused) {
    const tag = channel.receiving.takeCredit()
    const sealed = tag && seal(context, circuit, 'credit', tag, false)
    if (sealed === undefined) return
    transmit(context, circuit.port, sealed.cell)
  }
}

function announceRoom(context: RouterContext, circuit: Endpoint): void {
  if (roomOf(circuit) > 0) context.effects.push({ kind: 'room', circuit: circuit.id })
}

/** @returns `undefined` when the circuit has had all its cells: it is closed then. */
function seal(
  context: RouterContext,
  circuit: Endpoint,
  command: PayloadCommand,
  data: Uint8Array,
  isLarge: boolean,
): SealedCell | undefined {
  const { suite, random } = context
  if (circuit.state.phase !== 'open') return undefined
  const { channel } = circuit.state
  const counter = channel.sendCounter
  if (counter >= CIRCUIT_MAX_CELLS) {
    closeCircuit(context, circuit, { reason: 'closed', side: 'local' })
    return undefined
  }
  channel.sendCounter += 1
  const plaintext = plaintextIn(context.plaintext, isLarge)
  if (circuit.kind === 'origin') {
    const { keys } = circuit.state
    writePayload(plaintext, FORWARD_PAYLOAD, command, data)
    return sealForward(suite, random, keys, counter, circuit.wireId, plaintext)
  }
  writePayload(plaintext, 0, command, data)
  return sealBackward(suite, circuit.state.keys, counter, circuit.wireId, plaintext)
}

function open(
  { suite, scratch }: RouterContext,
  circuit: Endpoint,
  cell: Uint8Array,
): OpenedCell | undefined {
  if (circuit.state.phase !== 'open') return undefined
  const { channel } = circuit.state
  const counter = channel.receiveCounter
  channel.receiveCounter += 1
  if (counter >= CIRCUIT_MAX_CELLS) return undefined
  return circuit.kind === 'origin'
    ? openBackward(suite, circuit.state.keys, counter, cell, scratch)
    : openForwardAtEnd(suite, circuit.state.keys, counter, cell, scratch)
}

function parse(payload: Uint8Array): Payload | undefined {
  try {
    return decodePayload(payload)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}
