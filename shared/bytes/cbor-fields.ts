// Typed getters over a decoded CBOR map. Every mismatch is a DecodeError that names the field, never
// its contents. Keys that nobody asks for are ignored, so that newer nodes may add some.

import type { CborMap, CborValue } from './cbor.ts'
import { DecodeError } from './decode-error.ts'

/** `name` says what the map is in the error. */
export function asMap(value: CborValue | undefined, name = 'message'): CborMap {
  if (value instanceof Map) return value
  throw new DecodeError(`${name} is not a map`)
}

/** A byte string of exactly `length` bytes, of any length when left out. */
export function getBytes(map: CborMap, key: string, length?: number): Uint8Array {
  const value = map.get(key)
  if (!(value instanceof Uint8Array)) throw new DecodeError(`field ${key} is not bytes`)
  if (length !== undefined && value.length !== length) {
    throw new DecodeError(`field ${key} is not ${length} bytes`)
  }
  return value
}

export function getBytesUpTo(map: CborMap, key: string, maxBytes: number): Uint8Array {
  const value = getBytes(map, key)
  if (value.length > maxBytes) throw new DecodeError(`field ${key} is over ${maxBytes} bytes`)
  return value
}

/** An integer from 0 to `max`. */
/** An item of the list `name`: bytes, up to so many. @throws DecodeError */
export function asBytesUpTo(item: CborValue, name: string, maxBytes: number): Uint8Array {
  if (item instanceof Uint8Array && item.length <= maxBytes) return item
  throw new DecodeError(`field ${name} holds more than bytes of up to ${maxBytes}`)
}

export function getUint(map: CborMap, key: string, max: number = Number.MAX_SAFE_INTEGER): number {
  const value = map.get(key)
  if (typeof value !== 'number' || value < 0) {
    throw new DecodeError(`field ${key} is not an unsigned integer`)
  }
  if (value > max) throw new DecodeError(`field ${key} is over ${max}`)
  return value
}

/** Text of at most `maxChars` UTF-16 units. */
export function getText(map: CborMap, key: string, maxChars: number): string {
  const value = map.get(key)
  if (typeof value !== 'string') throw new DecodeError(`field ${key} is not text`)
  if (value.length > maxChars) throw new DecodeError(`field ${key} is over ${maxChars} characters`)
  return value
}

export function getBoolean(map: CborMap, key: string): boolean {
  const value = map.get(key)
  if (typeof value !== 'boolean') throw new DecodeError(`field ${key} is not true or false`)
  return value
}

export function getArray(map: CborMap, key: string, maxItems: number): readonly CborValue[] {
  const value = map.get(key)
  if (!Array.isArray(value)) throw new DecodeError(`field ${key} is not an array`)
  if (value.length > maxItems) throw new DecodeError(`field ${key} is over ${maxItems} items`)
  return value
}

export function getMap(map: CborMap, key: string): CborMap {
  return asMap(map.get(key), `field ${key}`)
}

export function getOptionalBytes(
  map: CborMap,
  key: string,
  length?: number,
): Uint8Array | undefined {
  return map.has(key) ? getBytes(map, key, length) : undefined
}

export function getOptionalBytesUpTo(
  map: CborMap,
  key: string,
  maxBytes: number,
): Uint8Array | undefined {
  return map.has(key) ? getBytesUpTo(map, key, maxBytes) : undefined
}

export function getOptionalUint(map: CborMap, key: string, max?: number): number | undefined {
  return map.has(key) ? getUint(map, key, max) : undefined
}

export function getOptionalText(map: CborMap, key: string, maxChars: number): string | undefined {
  return map.has(key) ? getText(map, key, maxChars) : undefined
}

export function getOptionalArray(
  map: CborMap,
  key: string,
  maxItems: number,
): readonly CborValue[] | undefined {
  return map.has(key) ? getArray(map, key, maxItems) : undefined
}

export function getOptionalMap(map: CborMap, key: string): CborMap | undefined {
  return map.has(key) ? getMap(map, key) : undefined
}
