// The one CBOR dialect of keymesh (docs/PROTOCOL.md 1.2): deterministic when written (RFC 8949 4.2.1),
// strict when read, maps as `Map` with text keys, so that no key can touch an object's prototype.
// The codec is cborg; cbor-scan.ts first refuses everything that is outside the dialect.

import { decode, encode } from 'cborg'
import { CBOR_MAX_DEPTH, CBOR_MAX_ITEMS } from '../wire/limits.ts'
import type { CborLimits } from './cbor-scan.ts'
import { scanCbor } from './cbor-scan.ts'
import { DecodeError } from './decode-error.ts'
import { isWellFormed } from './utf8.ts'

/** Numbers are safe integers. There are no floats, tags, bignums or `undefined`. */
export type CborValue =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | CborMap

export type CborMap = ReadonlyMap<string, CborValue>

const DEFAULT_LIMITS: CborLimits = { maxDepth: CBOR_MAX_DEPTH, maxItems: CBOR_MAX_ITEMS }

const STRICT = {
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
} as const

/**
 * The deterministic encoding: shortest heads, map keys in bytewise order of their encoding.
 * @throws RangeError for what the dialect cannot say: a fraction, an unsafe integer, text with a lone
 * surrogate, nesting deeper than a decoder accepts.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  checkEncodable(value, 0)
  return encode(value)
}

/**
 * Decodes one whole item. Byte strings are copies, so the input may be reused.
 * @throws DecodeError for anything that `encodeCbor` would not have written, or beyond `limits`.
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = DEFAULT_LIMITS): CborValue {
  scanCbor(bytes, limits)
  try {
    return decode(bytes, STRICT)
  } catch {
    throw new DecodeError('CBOR is not well-formed')
  }
}

function checkEncodable(value: CborValue, depth: number): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      throw new RangeError('CBOR number is not a safe integer')
    }
  } else if (typeof value === 'string') {
    if (!isWellFormed(value)) throw new RangeError('CBOR text has a lone surrogate')
  } else if (value instanceof Map) {
    checkDepth(depth)
    for (const [key, item] of value) {
      if (typeof key !== 'string') throw new RangeError('CBOR map key is not text')
      checkEncodable(key, depth)
      checkEncodable(item, depth + 1)
    }
  } else if (Array.isArray(value)) {
    checkDepth(depth)
    for (const item of value) checkEncodable(item, depth + 1)
  } else if (value !== null && typeof value !== 'boolean' && !(value instanceof Uint8Array)) {
    throw new RangeError('CBOR value has a type outside the dialect')
  }
}

function checkDepth(depth: number): void {
  if (depth === CBOR_MAX_DEPTH) throw new RangeError('CBOR value is nested too deep')
}
