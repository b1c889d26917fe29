// The messages that one hop speaks about itself (docs/PROTOCOL.md 3): the four of the handshake, ping,
// pong and goodbye. Shapes only: who may say what and when is shared/link.
//
//   HELLO      0x01 {binding, expect?, key, net, nonce, type, versions}   initiator → responder
//   CHALLENGE  0x02 {key, nonce, signature, type, version}                responder → initiator
//   PROOF      0x03 {signature}                                           initiator → responder
//   WELCOME    0x04 {address, keepalive, limits, record?, sample, stun?, time}  responder → initiator
//   PING       0x05 u32 id       PONG  0x06 u32 id
//   GOODBYE    0x07 {code, reason?, retryAfter?}

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import {
  getArray,
  getBytes,
  getMap,
  getOptionalBytes,
  getOptionalBytesUpTo,
  getOptionalText,
  getOptionalUint,
  getText,
  getUint,
} from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { Reader } from '../bytes/reader.ts'
import { Writer } from '../bytes/writer.ts'
import { decodeControlFrame, encodeControlFrame } from './control-frame.ts'
import { FRAME } from './frame-type.ts'
import {
  GOODBYE_MAX_REASON_CHARS,
  HELLO_MAX_VERSIONS,
  RECORD_MAX_BYTES,
  WELCOME_MAX_SAMPLE,
} from './limits.ts'
import type { NodeType } from './record-body.ts'

const KEY_BYTES = 32
const NET_BYTES = 16
const NONCE_BYTES = 32
const BINDING_BYTES = 32
const SIGNATURE_BYTES = 64
const MAX_VERSION = 0xffff
const MAX_NAME_CHARS = 16
const MAX_PORT = 65_535

export type { NodeType } from './record-body.ts'

/** Where the responder saw the initiator come from. Never the address itself. */
export type AddressClass = 'loopback' | 'private' | 'public' | 'unknown'

export interface Hello {
  /** Versions of the protocol that the initiator speaks: 1 to `HELLO_MAX_VERSIONS` of them. */
  readonly versions: readonly number[]
  readonly net: Uint8Array
  readonly key: Uint8Array
  readonly type: NodeType
  readonly nonce: Uint8Array
  /** The channel as the initiator knows it (shared/link/binding.ts): it picks among the responder's own. */
  readonly binding: Uint8Array
  /** The only responder key that the initiator will talk to. */
  readonly expect?: Uint8Array
}

export interface Challenge {
  /** The chosen version. */
  readonly version: number
  readonly key: Uint8Array
  readonly type: NodeType
  readonly nonce: Uint8Array
  readonly signature: Uint8Array
}

export interface Proof {
  readonly signature: Uint8Array
}

export interface WelcomeLimits {
  readonly maxMessageBytes: number
  /** Bytes per second that this responder relays for one key; absent when it does not say. */
  readonly relayBytesPerS?: number
}

export interface Welcome {
  /** Silence after which the responder wants a ping. */
  readonly keepaliveMs: number
  /** The responder's wall clock, unix milliseconds. */
  readonly timeMs: number
  readonly limits: WelcomeLimits
  readonly addressClass: AddressClass
  /** The responder's own signed record, as it travels. Not verified here. */
  readonly record?: Uint8Array
  /** Signed records of others, as they travel. Not verified here. */
  readonly sample: readonly Uint8Array[]
  /** UDP port on which the responder answers STUN, at the address that was dialed: 1 to 65535. */
  readonly stunPort?: number
}

export interface Goodbye {
  /** Number of a `CLOSE_CODE`; a newer peer may send one that we do not know. */
  readonly code: number
  readonly retryAfterMs?: number
  /** One short sentence for people, at most `GOODBYE_MAX_REASON_CHARS`. */
  readonly reason?: string
}

export function encodeHello(hello: Hello): Uint8Array {
  return encodeControlFrame(FRAME.hello, {
    versions: hello.versions,
    net: hello.net,
    key: hello.key,
    type: hello.type,
    nonce: hello.nonce,
    binding: hello.binding,
    expect: hello.expect,
  })
}

/** @throws DecodeError */
export function decodeHello(frame: Uint8Array): Hello {
  const map = decodeControlFrame(FRAME.hello, frame)
  const versions = getArray(map, 'versions', HELLO_MAX_VERSIONS).map(readVersion)
  if (versions.length === 0) throw new DecodeError('field versions is empty')
  const expect = getOptionalBytes(map, 'expect', KEY_BYTES)
  return {
    versions,
    net: getBytes(map, 'net', NET_BYTES),
    key: getBytes(map, 'key', KEY_BYTES),
    type: getNodeType(map),
    nonce: getBytes(map, 'nonce', NONCE_BYTES),
    binding: getBytes(map, 'binding', BINDING_BYTES),
    ...(expect !== undefined && { expect }),
  }
}

export function encodeChallenge(challenge: Challenge): Uint8Array {
  return encodeControlFrame(FRAME.challenge, { ...challenge })
}

/** @throws DecodeError */
export function decodeChallenge(frame: Uint8Array): Challenge {
  const map = decodeControlFrame(FRAME.challenge, frame)
  return {
    version: getUint(map, 'version', MAX_VERSION),
    key: getBytes(map, 'key', KEY_BYTES),
    type: getNodeType(map),
    nonce: getBytes(map, 'nonce', NONCE_BYTES),
    signature: getBytes(map, 'signature', SIGNATURE_BYTES),
  }
}

export function encodeProof(proof: Proof): Uint8Array {
  return encodeControlFrame(FRAME.proof, { signature: proof.signature })
}

/** @throws DecodeError */
export function decodeProof(frame: Uint8Array): Proof {
  return {
    signature: getBytes(decodeControlFrame(FRAME.proof, frame), 'signature', SIGNATURE_BYTES),
  }
}

export function encodeWelcome(welcome: Welcome): Uint8Array {
  const limits = new Map<string, CborValue>([['message', welcome.limits.maxMessageBytes]])
  const { relayBytesPerS } = welcome.limits
  if (relayBytesPerS !== undefined) limits.set('relay', relayBytesPerS)
  return encodeControlFrame(FRAME.welcome, {
    keepalive: welcome.keepaliveMs,
    time: welcome.timeMs,
    limits,
    address: welcome.addressClass,
    record: welcome.record,
    sample: welcome.sample,
    stun: welcome.stunPort,
  })
}

/** @throws DecodeError */
export function decodeWelcome(frame: Uint8Array): Welcome {
  const map = decodeControlFrame(FRAME.welcome, frame)
  const limits = getMap(map, 'limits')
  const relayBytesPerS = getOptionalUint(limits, 'relay')
  const record = getOptionalBytesUpTo(map, 'record', RECORD_MAX_BYTES)
  const stunPort = getOptionalUint(map, 'stun', MAX_PORT)
  if (stunPort === 0) throw new DecodeError('field stun is zero')
  return {
    keepaliveMs: getUint(map, 'keepalive'),
    timeMs: getUint(map, 'time'),
    limits: {
      maxMessageBytes: getUint(limits, 'message'),
      ...(relayBytesPerS !== undefined && { relayBytesPerS }),
    },
    addressClass: readAddressClass(getText(map, 'address', MAX_NAME_CHARS)),
    ...(record !== undefined && { record }),
    sample: getArray(map, 'sample', WELCOME_MAX_SAMPLE).map(readRecordBytes),
    ...(stunPort !== undefined && { stunPort }),
  }
}

export function encodePing(id: number): Uint8Array {
  return new Writer(5).u8(FRAME.ping).u32(id).finish()
}

/** The ping's id. @throws DecodeError */
export function decodePing(frame: Uint8Array): number {
  return decodeId(FRAME.ping, frame)
}

export function encodePong(id: number): Uint8Array {
  return new Writer(5).u8(FRAME.pong).u32(id).finish()
}

/** The id of the ping that it answers. @throws DecodeError */
export function decodePong(frame: Uint8Array): number {
  return decodeId(FRAME.pong, frame)
}

export function encodeGoodbye(goodbye: Goodbye): Uint8Array {
  return encodeControlFrame(FRAME.goodbye, {
    code: goodbye.code,
    retryAfter: goodbye.retryAfterMs,
    reason: goodbye.reason,
  })
}

/** @throws DecodeError */
export function decodeGoodbye(frame: Uint8Array): Goodbye {
  const map = decodeControlFrame(FRAME.goodbye, frame)
  const retryAfterMs = getOptionalUint(map, 'retryAfter')
  const reason = getOptionalText(map, 'reason', GOODBYE_MAX_REASON_CHARS)
  return {
    code: getUint(map, 'code'),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(reason !== undefined && { reason }),
  }
}

function decodeId(type: number, frame: Uint8Array): number {
  const reader = new Reader(frame)
  if (reader.u8() !== type) throw new DecodeError(`frame is not of type ${type}`)
  const id = reader.u32()
  reader.end()
  return id
}

function readVersion(value: CborValue): number {
  if (typeof value === 'number' && value >= 0 && value <= MAX_VERSION) return value
  throw new DecodeError('field versions has something that is no version')
}

function getNodeType(map: CborMap): NodeType {
  const type = getText(map, 'type', MAX_NAME_CHARS)
  if (type === 'server' || type === 'client') return type
  throw new DecodeError('field type is neither server nor client')
}

/** Advice only, so a class that a newer responder invents reads as `unknown`. */
function readAddressClass(text: string): AddressClass {
  return text === 'loopback' || text === 'private' || text === 'public' ? text : 'unknown'
}

function readRecordBytes(value: CborValue): Uint8Array {
  if (value instanceof Uint8Array && value.length <= RECORD_MAX_BYTES) return value
  throw new DecodeError('field sample has something that is no record')
}
