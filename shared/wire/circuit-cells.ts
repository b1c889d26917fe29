// Circuit cells (docs/PROTOCOL.md 6): two fixed sizes, one 8-byte header. Knows the shapes only; the
// bodies are made and opened by shared/routing.
//
//   cell     u8 type | u8 version 1 | u16 zero | u32 circuit id | body (1,016 or 16,376 bytes)
//   payload  u8 cmd | u8 flags 0 | u16 length | data | zeros
//
// The circuit id is per link, chosen by the side that opens the circuit, and its highest bit is set by
// the side that initiated the link. Id 0 is the link itself: only PAD carries it.

import { DecodeError } from '../bytes/decode-error.ts'
import { FRAME, isCell } from './frame-type.ts'

export const CELL_VERSION = 1
export const CELL_HEADER = 8
/** Whole cells in bytes, header included. */
export const SMALL_CELL = 1_024
export const LARGE_CELL = 16_384
/** Set in the circuit ids that the initiator of the link chooses. */
export const INITIATOR_BIT = 0x8000_0000

export const PAYLOAD_HEADER = 4
export const PAYLOAD_COMMAND = { data: 1, credit: 2 } as const
export type PayloadCommand = keyof typeof PAYLOAD_COMMAND

export const DESTROY_REASON = {
  protocol: 1,
  busy: 2,
  timeout: 3,
  closed: 4,
  quota: 5,
  unreachable: 6,
} as const
export type DestroyReason = keyof typeof DESTROY_REASON

export type SmallCellType =
  | typeof FRAME.cellSetup
  | typeof FRAME.cellAck
  | typeof FRAME.cellForward
  | typeof FRAME.cellBackward
  | typeof FRAME.cellDestroy
  | typeof FRAME.cellPad
export type LargeCellType = typeof FRAME.cellForwardLarge | typeof FRAME.cellBackwardLarge
export type CellType = SmallCellType | LargeCellType

export interface CellHeader {
  readonly type: CellType
  readonly circuitId: number
}

export interface Payload {
  readonly command: PayloadCommand
  /** A view. */
  readonly data: Uint8Array
}

/** Whole size of a cell of that type in bytes. */
export function cellSize(type: CellType): number {
  return isLargeCell(type) ? LARGE_CELL : SMALL_CELL
}

export function isLargeCell(type: CellType): type is LargeCellType {
  return type === FRAME.cellForwardLarge || type === FRAME.cellBackwardLarge
}

/** A cell with its header written and its body zero: bodies are written in place, not copied. */
export function newCell(type: CellType, circuitId: number): Uint8Array {
  const cell = new Uint8Array(cellSize(type))
  cell[0] = type
  cell[1] = CELL_VERSION
  cell[4] = circuitId >>> 24
  cell[5] = circuitId >>> 16
  cell[6] = circuitId >>> 8
  cell[7] = circuitId
  return cell
}

/** @throws RangeError when the body is longer than the type's; a shorter one is filled with zeros. */
export function encodeCell(type: CellType, circuitId: number, body: Uint8Array): Uint8Array {
  const cell = newCell(type, circuitId)
  cell.set(body, CELL_HEADER)
  return cell
}

export function encodeDestroy(circuitId: number, reason: DestroyReason): Uint8Array {
  const cell = newCell(FRAME.cellDestroy, circuitId)
  cell[CELL_HEADER] = DESTROY_REASON[reason]
  return cell
}

/**
 * Checks type, size, version and reserved bytes, and that id 0 goes with PAD and nothing else.
 * @throws DecodeError
 */
export function decodeCellHeader(cell: Uint8Array): CellHeader {
  const type = cell[0] as number
  if (!isCellType(type)) throw new DecodeError('not a cell type')
  if (cell.length !== cellSize(type)) throw new DecodeError('cell of a wrong size')
  if (cell[1] !== CELL_VERSION) throw new DecodeError('unknown cell version')
  if (cell[2] !== 0 || cell[3] !== 0) throw new DecodeError('reserved cell bytes are not zero')
  const circuitId =
    (((cell[4] as number) << 24) |
      ((cell[5] as number) << 16) |
      ((cell[6] as number) << 8) |
      (cell[7] as number)) >>>
    0
  if ((circuitId === 0) !== (type === FRAME.cellPad)) throw new DecodeError('circuit id 0')
  return { type, circuitId }
}

/** A reason from the wire; an unknown one (a newer peer's) reads as `closed`. The rest is ignored. */
export function decodeDestroy(cell: Uint8Array): DestroyReason {
  return REASONS.get(cell[CELL_HEADER] as number) ?? 'closed'
}

/** Writes header and data at `offset`, and zeros from there to the end. */
export function writePayload(
  target: Uint8Array,
  offset: number,
  command: PayloadCommand,
  data: Uint8Array,
): void {
  target[offset] = PAYLOAD_COMMAND[command]
  target[offset + 1] = 0
  target[offset + 2] = data.length >>> 8
  target[offset + 3] = data.length
  target.set(data, offset + PAYLOAD_HEADER)
  target.fill(0, offset + PAYLOAD_HEADER + data.length)
}

/** @throws DecodeError for an unknown command, flags, or a length past the end. */
export function decodePayload(payload: Uint8Array): Payload {
  const command = COMMANDS.get(payload[0] as number)
  if (command === undefined) throw new DecodeError('unknown payload command')
  if (payload[1] !== 0) throw new DecodeError('payload flags are not zero')
  const end = PAYLOAD_HEADER + ((payload[2] as number) << 8) + (payload[3] as number)
  if (!(end <= payload.length)) throw new DecodeError('payload length past the end')
  return { command, data: payload.subarray(PAYLOAD_HEADER, end) }
}

function isCellType(type: number): type is CellType {
  return isCell(type)
}

const REASONS = namesByNumber(DESTROY_REASON)
const COMMANDS = namesByNumber(PAYLOAD_COMMAND)

function namesByNumber<Name extends string>(table: Readonly<Record<Name, number>>) {
  return new Map<number, Name>(
    Object.entries(table).map(([name, code]) => [code as number, name as Name]),
  )
}
