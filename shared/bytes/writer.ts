// Writes a binary layout front to back: big-endian integers, QUIC varints (RFC 9000 16), bytes.
// Values out of range are the caller's mistake: RangeError.

const MAX_VARINT = Number.MAX_SAFE_INTEGER

export class Writer {
  #bytes: Uint8Array
  #length = 0

  /** `capacity` is a hint in bytes; the writer grows as needed. */
  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity)
  }

  u8(value: number): this {
    return this.#uint(value, 1)
  }

  u16(value: number): this {
    return this.#uint(value, 2)
  }

  u32(value: number): this {
    return this.#uint(value, 4)
  }

  /** Up to 2^53 - 1. */
  u64(value: number): this {
    return this.#uint(value, 8)
  }

  /** The shortest QUIC varint of `value`, up to 2^53 - 1. */
  varint(value: number): this {
    const length = varintLength(value)
    const start = this.#length
    this.#uint(value, length)
    this.#bytes[start] = (this.#bytes[start] as number) | (Math.log2(length) << 6)
    return this
  }

  bytes(bytes: Uint8Array): this {
    const start = this.#extend(bytes.length)
    this.#bytes.set(bytes, start)
    return this
  }

  zeros(length: number): this {
    this.#extend(length)
    return this
  }

  /** What was written, exactly as long as that. The writer must not be used afterwards. */
  finish(): Uint8Array {
    if (this.#length === this.#bytes.length) return this.#bytes
    return this.#bytes.slice(0, this.#length)
  }

  #uint(value: number, length: number): this {
    const limit = length === 8 ? MAX_VARINT : 2 ** (8 * length) - 1
    if (!Number.isInteger(value) || value < 0 || value > limit) {
      throw new RangeError(`not an unsigned integer of ${length} bytes: ${value}`)
    }
    const start = this.#extend(length)
    let rest = value
    for (let i = start + length - 1; i >= start; i--) {
      this.#bytes[i] = rest % 256
      rest = Math.floor(rest / 256)
    }
    return this
  }

  /** Makes room for `length` more bytes, which are zero. Returns where they start. */
  #extend(length: number): number {
    const start = this.#length
    this.#length += length
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    return start
  }
}

/**
 * Bytes of the shortest QUIC varint of `value`: 1, 2, 4 or 8.
 * @throws RangeError unless `value` is an integer from 0 to 2^53 - 1.
 */
export function varintLength(value: number): 1 | 2 | 4 | 8 {
  if (!Number.isInteger(value) || value < 0 || value > MAX_VARINT) {
    throw new RangeError(`not a varint: ${value}`)
  }
  if (value < 2 ** 6) return 1
  if (value < 2 ** 14) return 2
  return value < 2 ** 30 ? 4 : 8
}
