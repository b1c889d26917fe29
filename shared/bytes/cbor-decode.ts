// Reads the CBOR dialect of docs/PROTOCOL.md 1.2 and refuses everything else: what is not well-formed
// (RFC 8949 5.3.1), not deterministic (4.2.1) or beyond our own bounds. Every length is compared with what
// is left before it is believed. Maps become `Map`, so that no key can touch an object's prototype.

import { CBOR_MAX_DEPTH, CBOR_MAX_ITEMS } from '../wire/limits.ts'
import type { CborMap, CborValue } from './cbor-item.ts'
import { MAJOR, SIMPLE } from './cbor-item.ts'
import { DecodeError } from './decode-error.ts'
import { compareBytes } from './equal.ts'
import { utf8Decode } from './utf8.ts'

export interface CborLimits {
  /** Arrays and maps inside one another. */
  readonly maxDepth: number
  /** Data items in all: every key, value, element and container counts one. */
  readonly maxItems: number
}

// First argument that needs the 1, 2, 4 or 8 bytes of additional information 24 to 27.
const SHORTEST = [24, 2 ** 8, 2 ** 16, 2 ** 32] as const

const DEFAULT_LIMITS: CborLimits = { maxDepth: CBOR_MAX_DEPTH, maxItems: CBOR_MAX_ITEMS }

/**
 * Decodes one whole item. Byte strings are copies, so the input may be reused.
 * @throws DecodeError for anything that `encodeCbor` would not have written, or beyond `limits`.
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = DEFAULT_LIMITS): CborValue {
  const input: Input = { bytes, offset: 0, itemsLeft: limits.maxItems, depthLeft: limits.maxDepth }
  const value = readItem(input)
  if (input.offset !== bytes.length) throw new DecodeError('CBOR has trailing bytes')
  return value
}

interface Input {
  readonly bytes: Uint8Array
  offset: number
  itemsLeft: number
  depthLeft: number
}

function readItem(input: Input): CborValue {
  const { major, argument } = readHead(input)
  switch (major) {
    case MAJOR.uint:
      return safeInteger(argument)
    case MAJOR.negative:
      return safeInteger(-1 - argument)
    case MAJOR.bytes:
      // Not `slice`, which does not copy in Node's subclass Buffer.
      return new Uint8Array(readString(input, argument))
    case MAJOR.text:
      return utf8Decode(readString(input, argument))
    case MAJOR.array:
      return readContainer(input, argument, 1, readArray)
    case MAJOR.map:
      return readContainer(input, argument, 2, readMap)
    case MAJOR.tag:
      throw new DecodeError('CBOR tags are not used')
    default:
      return simpleValue(argument)
  }
}

function safeInteger(value: number): number {
  if (!Number.isSafeInteger(value)) throw new DecodeError('CBOR integer is too large')
  return value
}

function simpleValue(argument: number): boolean | null {
  if (argument < SIMPLE.false || argument > SIMPLE.null) {
    throw new DecodeError('CBOR simple value or float')
  }
  return argument === SIMPLE.null ? null : argument === SIMPLE.true
}

function readString(input: Input, length: number): Uint8Array {
  if (length > left(input)) throw new DecodeError('CBOR string is longer than the input')
  const start = input.offset
  input.offset += length
  return input.bytes.subarray(start, input.offset)
}

/** An item takes at least one byte, so a count that cannot be true fails before any work. */
function readContainer<T>(
  input: Input,
  count: number,
  itemsPerEntry: number,
  readEntries: (input: Input, count: number) => T,
): T {
  if (count * itemsPerEntry > left(input)) {
    throw new DecodeError('CBOR container is longer than the input')
  }
  if (input.depthLeft === 0) throw new DecodeError('CBOR is nested too deep')
  input.depthLeft--
  const entries = readEntries(input, count)
  input.depthLeft++
  return entries
}

function readArray(input: Input, count: number): CborValue[] {
  const items: CborValue[] = []
  for (let i = 0; i < count; i++) items.push(readItem(input))
  return items
}

/** Keys are text, and each encoding is greater, byte by byte, than the one before: sorted and unique. */
function readMap(input: Input, count: number): CborMap {
  const map = new Map<string, CborValue>()
  let previous: Uint8Array | undefined
  for (let i = 0; i < count; i++) {
    const start = input.offset
    const key = readItem(input)
    if (typeof key !== 'string') throw new DecodeError('CBOR map key is not text')
    const encoded = input.bytes.subarray(start, input.offset)
    if (previous !== undefined && compareBytes(previous, encoded) >= 0) {
      throw new DecodeError('CBOR map keys are not sorted and unique')
    }
    previous = encoded
    map.set(key, readItem(input))
  }
  return map
}

/** Major type and argument: its value, length or count (RFC 8949 3), in the shortest form only. */
function readHead(input: Input): { major: number; argument: number } {
  if (input.itemsLeft-- === 0) throw new DecodeError('CBOR has too many items')
  const initial = readByte(input)
  const major = initial >> 5
  const information = initial & 31
  if (information < 24) return { major, argument: information }
  if (information > 27) throw new DecodeError('CBOR length is indefinite or reserved')
  const step = information - 24
  let argument = 0
  for (let i = 0; i < 1 << step; i++) argument = argument * 256 + readByte(input)
  if (argument < (SHORTEST[step] as number)) throw new DecodeError('CBOR head is not the shortest')
  return { major, argument }
}

function readByte(input: Input): number {
  const byte = input.bytes[input.offset]
  if (byte === undefined) throw new DecodeError('CBOR ends too early')
  input.offset++
  return byte
}

function left(input: Input): number {
  return input.bytes.length - input.offset
}
