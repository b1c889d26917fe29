// Writes the CBOR dialect of docs/PROTOCOL.md 1.2, deterministically (RFC 8949 4.2.1): the shortest heads,
// map keys in bytewise order of their encoding. The same value always gives the same bytes.

import { CBOR_MAX_DEPTH } from '../wire/limits.ts'
import type { CborMap, CborValue } from './cbor-item.ts'
import { MAJOR, SIMPLE } from './cbor-item.ts'
import { compareBytes } from './equal.ts'
import { isWellFormed, utf8Encode } from './utf8.ts'
import { Writer } from './writer.ts'

/**
 * @throws RangeError for what the dialect cannot say: a fraction, an unsafe integer, text with a lone
 * surrogate, nesting deeper than a decoder accepts.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const writer = new Writer()
  writeItem(writer, value, 0)
  return writer.finish()
}

function writeItem(writer: Writer, value: CborValue, depth: number): void {
  if (typeof value === 'number') writeNumber(writer, value)
  else if (typeof value === 'string') writeText(writer, utf8Of(value))
  else if (value === null) writeHead(writer, MAJOR.simple, SIMPLE.null)
  else if (typeof value === 'boolean') {
    writeHead(writer, MAJOR.simple, value ? SIMPLE.true : SIMPLE.false)
  } else if (value instanceof Uint8Array) {
    writeHead(writer, MAJOR.bytes, value.length)
    writer.bytes(value)
  } else if (value instanceof Map) writeMap(writer, value, depth)
  else if (Array.isArray(value)) writeArray(writer, value, depth)
  else throw new RangeError('CBOR value has a type outside the dialect')
}

function writeNumber(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    throw new RangeError('CBOR number is not a safe integer')
  }
  if (value < 0) writeHead(writer, MAJOR.negative, -1 - value)
  else writeHead(writer, MAJOR.uint, value)
}

function writeText(writer: Writer, utf8: Uint8Array): void {
  writeHead(writer, MAJOR.text, utf8.length)
  writer.bytes(utf8)
}

function writeArray(writer: Writer, items: readonly CborValue[], depth: number): void {
  checkDepth(depth)
  writeHead(writer, MAJOR.array, items.length)
  for (const item of items) writeItem(writer, item, depth + 1)
}

function writeMap(writer: Writer, map: CborMap, depth: number): void {
  checkDepth(depth)
  const entries = [...map].map(([key, item]) => ({ key: utf8Of(key), item }))
  // An encoded key starts with its length, so shorter ones come first.
  entries.sort((a, b) => a.key.length - b.key.length || compareBytes(a.key, b.key))
  writeHead(writer, MAJOR.map, entries.length)
  for (const { key, item } of entries) {
    writeText(writer, key)
    writeItem(writer, item, depth + 1)
  }
}

/** The argument in the initial byte, or behind it in 1, 2, 4 or 8 bytes. */
function writeHead(writer: Writer, major: number, argument: number): void {
  const type = major << 5
  if (argument < 24) writer.u8(type | argument)
  else if (argument < 2 ** 8) writer.u8(type | 24).u8(argument)
  else if (argument < 2 ** 16) writer.u8(type | 25).u16(argument)
  else if (argument < 2 ** 32) writer.u8(type | 26).u32(argument)
  else writer.u8(type | 27).u64(argument)
}

function utf8Of(text: string): Uint8Array {
  if (typeof text !== 'string') throw new RangeError('CBOR map key is not text')
  if (!isWellFormed(text)) throw new RangeError('CBOR text has a lone surrogate')
  return utf8Encode(text)
}

function checkDepth(depth: number): void {
  if (depth === CBOR_MAX_DEPTH) throw new RangeError('CBOR value is nested too deep')
}
