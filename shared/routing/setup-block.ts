// The 96-byte block that tells one hop of a SETUP what to do, and the length-prefixed data fields of
// SETUP and ACK (docs/PROTOCOL.md 6). Plain bytes only; onion-setup.ts and onion-ack.ts hide them.

import { isAllZero } from '../bytes/equal.ts'
import { Writer } from '../bytes/writer.ts'
import { BLOCK, MAC, POINT } from './onion-layout.ts'

const COMMAND = { relay: 1, end: 2 } as const
const LARGE_FLAG = 1

/** Where a relay sends the rest of the setup: the head of the next hop's body. */
export interface NextHop {
  readonly id: Uint8Array
  readonly ephemeral: Uint8Array
  readonly mac: Uint8Array
}

export interface SetupBlock {
  /** The circuit may carry large cells. */
  readonly isLarge: boolean
  readonly expiryS: number
  /** `undefined`: the circuit ends here. */
  readonly next: NextHop | undefined
}

export function encodeBlock(block: SetupBlock): Uint8Array {
  const { next } = block
  const writer = new Writer(BLOCK)
  writer.u8(next === undefined ? COMMAND.end : COMMAND.relay)
  writer.u8(block.isLarge ? LARGE_FLAG : 0)
  writer.u16(0)
  writer.u32(block.expiryS)
  if (next === undefined) writer.zeros(POINT + POINT + MAC)
  else for (const field of [next.id, next.ephemeral, next.mac]) writer.bytes(field)
  writer.zeros(8)
  return writer.finish()
}

/** @returns `undefined` for an unknown command or flag, or reserved bytes that are not zero. */
export function decodeBlock(bytes: Uint8Array): SetupBlock | undefined {
  const command = bytes[0]
  const flags = bytes[1] as number
  const isWellFormed =
    bytes.length === BLOCK &&
    (flags & ~LARGE_FLAG) === 0 &&
    isAllZero(bytes.subarray(2, 4)) &&
    isAllZero(bytes.subarray(88))
  if (!isWellFormed) return undefined
  const expiryS = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4)
  const isLarge = flags === LARGE_FLAG
  if (command === COMMAND.relay) {
    const next = {
      id: bytes.slice(8, 40),
      ephemeral: bytes.slice(40, 72),
      mac: bytes.slice(72, 88),
    }
    return { isLarge, expiryS, next }
  }
  const isEnd = command === COMMAND.end && isAllZero(bytes.subarray(8, 88))
  return isEnd ? { isLarge, expiryS, next: undefined } : undefined
}

/** u16 length | data | zeros, `length` bytes in all. @throws RangeError when the data does not fit. */
export function encodeDataField(data: Uint8Array, length: number): Uint8Array {
  const field = new Uint8Array(length)
  field[0] = data.length >>> 8
  field[1] = data.length
  field.set(data, 2)
  return field
}

/** @returns a view of the data, or `undefined` for a length past the end. */
export function decodeDataField(field: Uint8Array): Uint8Array | undefined {
  const end = 2 + ((field[0] as number) << 8) + (field[1] as number)
  return end <= field.length ? field.subarray(2, end) : undefined
}
