// The frame that control messages and requests share (docs/PROTOCOL.md 3.4): u8 type, then one
// deterministic CBOR map. Which fields a map has is the business of each message family.

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap } from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import type { FrameType } from './frame-type.ts'

/** One frame. Fields that are `undefined` are left out. */
export function encodeControlFrame(
  type: FrameType,
  fields: Readonly<Record<string, CborValue | undefined>>,
): Uint8Array {
  const map = new Map<string, CborValue>()
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) map.set(name, value)
  }
  const body = encodeCbor(map)
  const frame = new Uint8Array(1 + body.length)
  frame[0] = type
  frame.set(body, 1)
  return frame
}

/** The fields of a frame of that type. @throws DecodeError for another type or a body that is no map. */
export function decodeControlFrame(type: FrameType, frame: Uint8Array): CborMap {
  if (frame[0] !== type) throw new DecodeError(`frame is not of type ${type}`)
  return asMap(decodeCbor(frame.subarray(1)), 'frame body')
}
