// The payloads of the session handshake (docs/PROTOCOL.md 7).
//   message 1: Ed25519 id of the caller 32 | u64 unix-ms | session tag 16 | u32 version bits   (60 bytes)
//   message 2: u32 version bits that both sides have                                          (4 bytes)

import { Reader } from '../bytes/reader.ts'
import { Writer } from '../bytes/writer.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import { SESSION_TAG_BYTES } from '../wire/session-setup.ts'

/** One bit per version of the session layer that a node speaks. */
export const SESSION_VERSION_BITS = 0b1

export interface CallerPayload {
  readonly publicKey: Uint8Array
  readonly unixMs: number
  readonly tag: Uint8Array
  readonly versionBits: number
}

export function encodeCaller(payload: CallerPayload): Uint8Array {
  return new Writer(60)
    .bytes(payload.publicKey)
    .u64(payload.unixMs)
    .bytes(payload.tag)
    .u32(payload.versionBits)
    .finish()
}

/** The result's arrays are copies. @throws DecodeError */
export function decodeCaller(bytes: Uint8Array): CallerPayload {
  const reader = new Reader(bytes)
  const payload = {
    publicKey: reader.bytes(KEY_LENGTH).slice(),
    unixMs: reader.u64(),
    tag: reader.bytes(SESSION_TAG_BYTES).slice(),
    versionBits: reader.u32(),
  }
  reader.end()
  return payload
}

export function encodeVersionBits(bits: number): Uint8Array {
  return new Writer(4).u32(bits).finish()
}

/** @throws DecodeError */
export function decodeVersionBits(bytes: Uint8Array): number {
  const reader = new Reader(bytes)
  const bits = reader.u32()
  reader.end()
  return bits
}
