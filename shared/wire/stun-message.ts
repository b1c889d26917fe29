// STUN messages as they travel (RFC 8489 5, 14): a header, attributes padded to four bytes, perhaps a FINGERPRINT.
// Shapes only: which messages there are, and what is in them, is stun.ts. Messages of RFC 3489, without the magic
// cookie, are none; MESSAGE-INTEGRITY is carried, and judged by nobody.
//
//   u16 type || u16 length || 0x2112a442 || transaction id 12 || attributes
//   attribute: u16 type || u16 length || value || zeros up to a multiple of 4

import { crc32 } from '../bytes/crc32.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { Reader } from '../bytes/reader.ts'
import { Writer } from '../bytes/writer.ts'
import { STUN_MAX_BYTES } from './limits.ts'

export const STUN_COOKIE = 0x2112a442
export const STUN_HEADER_BYTES = 20
export const STUN_TRANSACTION_BYTES = 12

/** The types that this implementation reads or writes (RFC 8489 18.3). */
export const STUN_ATTRIBUTE = {
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  messageIntegritySha256: 0x001c,
  xorMappedAddress: 0x0020,
  fingerprint: 0x8028,
} as const

export interface StunAttribute {
  readonly type: number
  readonly value: Uint8Array
}

export interface StunMessage {
  /** Class and method, 14 bits. */
  readonly type: number
  readonly transaction: Uint8Array
  /** In their order; FINGERPRINT is not one of them. */
  readonly attributes: readonly StunAttribute[]
  readonly hasFingerprint: boolean
}

const FINGERPRINT_BYTES = 8
const FINGERPRINT_XOR = 0x5354554e

/** @throws RangeError for a transaction id of another length, or fields out of range */
export function encodeStunMessage(message: StunMessage): Uint8Array {
  const { type, transaction, attributes, hasFingerprint } = message
  if (transaction.length !== STUN_TRANSACTION_BYTES) {
    throw new RangeError('a STUN transaction id has 12 bytes')
  }
  const bodyBytes = attributes.reduce((sum, { value }) => sum + 4 + padded(value.length), 0)
  const length = bodyBytes + (hasFingerprint ? FINGERPRINT_BYTES : 0)
  const writer = new Writer(STUN_HEADER_BYTES + length)
  writer.u16(type).u16(length).u32(STUN_COOKIE).bytes(transaction)
  for (const { type: attribute, value } of attributes) {
    const padding = padded(value.length) - value.length
    writer.u16(attribute).u16(value.length).bytes(value).zeros(padding)
  }
  if (!hasFingerprint) return writer.finish()
  const bytes = writer.zeros(FINGERPRINT_BYTES).finish()
  bytes.set(fingerprintOf(bytes), bytes.length - FINGERPRINT_BYTES)
  return bytes
}

/**
 * The cheapest question: whether size and first eight bytes are those of a message of that type. Of RFC 8489 6.3:
 * the two bits before the type are zero, the cookie is there, the length is that of the datagram.
 */
export function looksLikeStun(type: number, bytes: Uint8Array): boolean {
  if (bytes.length < STUN_HEADER_BYTES || bytes.length > STUN_MAX_BYTES) return false
  const head = new Reader(bytes)
  const isOfType = head.u16() === type
  return isOfType && head.u16() === bytes.length - STUN_HEADER_BYTES && head.u32() === STUN_COOKIE
}

/** @throws DecodeError for what is no message of that type, and for a FINGERPRINT that is wrong or not the last */
export function decodeStunMessage(type: number, bytes: Uint8Array): StunMessage {
  if (!looksLikeStun(type, bytes)) throw new DecodeError('not such a STUN message')
  const reader = new Reader(bytes)
  reader.bytes(STUN_HEADER_BYTES - STUN_TRANSACTION_BYTES)
  const transaction = reader.bytes(STUN_TRANSACTION_BYTES)
  const attributes: StunAttribute[] = []
  let hasFingerprint = false
  let isSigned = false
  while (reader.remaining > 0) {
    const attribute = readAttribute(reader)
    if (attribute.type === STUN_ATTRIBUTE.fingerprint) {
      checkFingerprint(bytes, reader)
      hasFingerprint = true
    } else if (!isSigned || isSignature(attribute)) attributes.push(attribute)
    isSigned ||= isSignature(attribute)
  }
  return { type, transaction, attributes, hasFingerprint }
}

/** The bytes of padding may have any value (RFC 8489 14). */
function readAttribute(reader: Reader): StunAttribute {
  const type = reader.u16()
  const length = reader.u16()
  const value = reader.bytes(length)
  reader.bytes(padded(length) - length)
  return { type, value }
}

/** What follows one of these is to be ignored (RFC 8489 14.5, 14.6). */
function isSignature({ type }: StunAttribute): boolean {
  return type === STUN_ATTRIBUTE.messageIntegrity || type === STUN_ATTRIBUTE.messageIntegritySha256
}

/** Compares head, length and value at once: a FINGERPRINT of another length is at another place. */
function checkFingerprint(bytes: Uint8Array, reader: Reader): void {
  reader.end()
  const expected = fingerprintOf(bytes)
  const found = bytes.subarray(bytes.length - FINGERPRINT_BYTES)
  if (expected.some((byte, at) => byte !== found[at])) throw new DecodeError('wrong FINGERPRINT')
}

/** The attribute that ends this message, whose header counts it already (RFC 8489 14.7). */
function fingerprintOf(bytes: Uint8Array): Uint8Array {
  const checksum = crc32(bytes.subarray(0, bytes.length - FINGERPRINT_BYTES))
  const value = (checksum ^ FINGERPRINT_XOR) >>> 0
  const writer = new Writer(FINGERPRINT_BYTES)
  return writer.u16(STUN_ATTRIBUTE.fingerprint).u16(4).u32(value).finish()
}

function padded(length: number): number {
  return (length + 3) & ~3
}
