// Binding requests of STUN and their answers (RFC 8489; docs/PROTOCOL.md 3.7): "from which address do you see me?"
// A basic server's side of it (RFC 8489 12), without credentials: it knows the attributes that carry these, and
// ignores them. Writes no SOFTWARE, no MAPPED-ADDRESS (for those of RFC 3489, who are not answered) and no sentence
// with an error, so that an answer is never longer than its request and the address together.

import { DecodeError } from '../bytes/decode-error.ts'
import { Reader } from '../bytes/reader.ts'
import { Writer } from '../bytes/writer.ts'
import type { StunAttribute } from './stun-message.ts'
import {
  decodeStunMessage,
  encodeStunMessage,
  looksLikeStun,
  STUN_ATTRIBUTE,
  STUN_COOKIE,
} from './stun-message.ts'

export { STUN_HEADER_BYTES, STUN_TRANSACTION_BYTES } from './stun-message.ts'

/** Class and method of the messages (RFC 8489 5, 18.1, 18.2). */
export const BINDING = { request: 0x0001, success: 0x0101, error: 0x0111 } as const

export interface BindingRequest {
  /** 12 bytes, which the answer repeats. */
  readonly transaction: Uint8Array
  /** Types of attributes that must be understood and are not, each once. */
  readonly unknownAttributes: readonly number[]
  /** Whether it has a FINGERPRINT, a right one: then so should the answer. */
  readonly hasFingerprint: boolean
}

export interface TransportAddress {
  /** 4 or 16 bytes. */
  readonly ip: Uint8Array
  readonly port: number
}

export type BindingAnswer = Pick<BindingRequest, 'transaction' | 'hasFingerprint'> &
  (
    | { readonly kind: 'success'; readonly address: TransportAddress }
    /** Error 420. */
    | { readonly kind: 'unknownAttributes'; readonly types: readonly number[] }
  )

const UNKNOWN_ATTRIBUTE = { class: 4, number: 20 } as const
const FAMILY_BYTES = new Map([
  [1, 4],
  [2, 16],
])

/** Those of RFC 8489 that must be understood: known, and of no use here (6.3: to be ignored). */
const KNOWN: ReadonlySet<number> = new Set([
  0x0001, // MAPPED-ADDRESS
  0x0006, // USERNAME
  STUN_ATTRIBUTE.messageIntegrity,
  STUN_ATTRIBUTE.errorCode,
  STUN_ATTRIBUTE.unknownAttributes,
  0x0014, // REALM
  0x0015, // NONCE
  STUN_ATTRIBUTE.messageIntegritySha256,
  0x001d, // PASSWORD-ALGORITHM
  0x001e, // USERHASH
  STUN_ATTRIBUTE.xorMappedAddress,
])
/** From here on an attribute may be ignored by who does not know it. */
const FIRST_OPTIONAL = 0x8000

/** A request as plain as it can be. @throws RangeError for a transaction id of another length */
export function encodeBindingRequest({
  transaction,
  hasFingerprint,
}: Omit<BindingRequest, 'unknownAttributes'>): Uint8Array {
  return encodeStunMessage({ type: BINDING.request, transaction, attributes: [], hasFingerprint })
}

/** The cheapest question about a datagram. */
export function looksLikeBindingRequest(bytes: Uint8Array): boolean {
  return looksLikeStun(BINDING.request, bytes)
}

/** @throws DecodeError for everything that is not to be answered */
export function decodeBindingRequest(bytes: Uint8Array): BindingRequest {
  const message = decodeStunMessage(BINDING.request, bytes)
  const { transaction, attributes, hasFingerprint } = message
  const types = attributes.map(({ type }) => type)
  const unknown = types.filter(type => type < FIRST_OPTIONAL && !KNOWN.has(type))
  return { transaction, unknownAttributes: [...new Set(unknown)], hasFingerprint }
}

/** @throws RangeError for a transaction id or an address of another length, or a port out of range */
export function encodeBindingAnswer(answer: BindingAnswer): Uint8Array {
  const { transaction, hasFingerprint } = answer
  const isSuccess = answer.kind === 'success'
  const type = isSuccess ? BINDING.success : BINDING.error
  const attributes = isSuccess
    ? [xorMappedAddress(answer.address, transaction)]
    : [errorCode(), unknownAttributes(answer.types)]
  return encodeStunMessage({ type, transaction, attributes, hasFingerprint })
}

/** @throws DecodeError for what is neither an address nor error 420 */
export function decodeBindingAnswer(bytes: Uint8Array): BindingAnswer {
  const isSuccess = looksLikeStun(BINDING.success, bytes)
  const message = decodeStunMessage(isSuccess ? BINDING.success : BINDING.error, bytes)
  const { transaction, attributes, hasFingerprint } = message
  const base = { transaction, hasFingerprint }
  if (isSuccess) {
    const value = valueIn(attributes, STUN_ATTRIBUTE.xorMappedAddress)
    return { ...base, kind: 'success', address: readXorMapped(value, transaction) }
  }
  checkErrorCode(valueIn(attributes, STUN_ATTRIBUTE.errorCode))
  const types = readTypes(valueIn(attributes, STUN_ATTRIBUTE.unknownAttributes))
  return { ...base, kind: 'unknownAttributes', types }
}

/** RFC 8489 14.2: hidden from NATs that rewrite addresses wherever they see them. */
function xorMappedAddress({ ip, port }: TransportAddress, transaction: Uint8Array): StunAttribute {
  const [family] = [...FAMILY_BYTES].find(([, length]) => length === ip.length) ?? []
  if (family === undefined) throw new RangeError('an IP address has 4 or 16 bytes')
  const writer = new Writer(4 + ip.length).u8(0).u8(family).u16(port).bytes(ip)
  return { type: STUN_ATTRIBUTE.xorMappedAddress, value: masked(writer.finish(), transaction) }
}

function readXorMapped(value: Uint8Array, transaction: Uint8Array): TransportAddress {
  const reader = new Reader(masked(value, transaction))
  reader.u8()
  const length = FAMILY_BYTES.get(reader.u8())
  if (length === undefined) throw new DecodeError('unknown family of addresses')
  const port = reader.u16()
  const ip = reader.bytes(length)
  reader.end()
  return { ip, port }
}

/** Port and address XOR the cookie, and for IPv6 the transaction id after it. The same undoes it. */
function masked(value: Uint8Array, transaction: Uint8Array): Uint8Array {
  const cookie = new Writer(4).u32(STUN_COOKIE).finish()
  return value.map((byte, at) => {
    if (at < 2) return byte
    const mask = at < 4 ? cookie[at - 2] : (cookie[at - 4] ?? transaction[at - 8])
    return byte ^ (mask ?? 0)
  })
}

/** RFC 8489 14.8, with an empty sentence. */
function errorCode(): StunAttribute {
  const writer = new Writer(4).u16(0).u8(UNKNOWN_ATTRIBUTE.class).u8(UNKNOWN_ATTRIBUTE.number)
  return { type: STUN_ATTRIBUTE.errorCode, value: writer.finish() }
}

function checkErrorCode(value: Uint8Array): void {
  const reader = new Reader(value)
  reader.u16()
  const isExpected =
    (reader.u8() & 7) === UNKNOWN_ATTRIBUTE.class && reader.u8() === UNKNOWN_ATTRIBUTE.number
  if (!isExpected) throw new DecodeError('another error than 420')
}

function unknownAttributes(types: readonly number[]): StunAttribute {
  const writer = new Writer(2 * types.length)
  for (const type of types) writer.u16(type)
  return { type: STUN_ATTRIBUTE.unknownAttributes, value: writer.finish() }
}

function readTypes(value: Uint8Array): number[] {
  const reader = new Reader(value)
  const types: number[] = []
  while (reader.remaining > 0) types.push(reader.u16())
  return types
}

function valueIn(attributes: readonly StunAttribute[], type: number): Uint8Array {
  const found = attributes.find(attribute => attribute.type === type)
  if (found === undefined) throw new DecodeError(`no attribute ${type}`)
  return found.value
}
