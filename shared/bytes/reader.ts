// Reads a binary layout front to back: big-endian integers, QUIC varints (RFC 9000 16), byte views.
// Every short or over-long input is a DecodeError. Views share the memory of the input: copy what is kept.

import { DecodeError } from './decode-error.ts'

// First value that needs 1, 2, 4 or 8 bytes as a varint, by the two length bits.
const VARINT_FIRST = [0, 2 ** 6, 2 ** 14, 2 ** 30] as const

export class Reader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number
  }

  u16(): number {
    return this.#uint(2)
  }

  u32(): number {
    return this.#uint(4)
  }

  /** @throws DecodeError also above 2^53 - 1, which a number cannot hold exactly. */
  u64(): number {
    return toSafe(this.#uint(4), this.#uint(4))
  }

  /** A QUIC varint in its shortest form, up to 2^53 - 1. */
  varint(): number {
    const first = this.u8()
    const sizeBits = first >> 6
    const high = first & 0x3f
    let value = high
    if (sizeBits === 1) value = high * 2 ** 8 + this.u8()
    else if (sizeBits === 2) value = high * 2 ** 24 + this.#uint(3)
    else if (sizeBits === 3) value = toSafe(high * 2 ** 24 + this.#uint(3), this.#uint(4))
    if (value < (VARINT_FIRST[sizeBits] as number)) {
      throw new DecodeError('varint is not in its shortest form')
    }
    return value
  }

  /** A view of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** A view of everything left, which may be nothing. */
  rest(): Uint8Array {
    return this.bytes(this.remaining)
  }

  /** @throws DecodeError unless everything was read. */
  end(): void {
    if (this.remaining !== 0) throw new DecodeError('trailing bytes')
  }

  #uint(length: number): number {
    const start = this.#take(length)
    let value = 0
    for (let i = start; i < start + length; i++) value = value * 256 + (this.#bytes[i] as number)
    return value
  }

  #take(length: number): number {
    if (length > this.remaining) throw new DecodeError('input ends too early')
    const start = this.#offset
    this.#offset += length
    return start
  }
}

function toSafe(high: number, low: number): number {
  const value = high * 2 ** 32 + low
  if (value > Number.MAX_SAFE_INTEGER) throw new DecodeError('integer above 2^53 - 1')
  return value
}
