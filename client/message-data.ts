// The application's bytes inside a session message (docs/PROTOCOL.md 7.6): u8 kind (0 bytes, 1 UTF-8
// text), then the data. So what was sent as text arrives as text.

import { DecodeError } from '../shared/bytes/decode-error.ts'
import { utf8Decode, utf8Encode } from '../shared/bytes/utf8.ts'
import { MeshError } from '../shared/node/mesh-error.ts'
import { MESSAGE_MAX_BYTES } from '../shared/wire/limits.ts'
import type { MessageData } from './api.ts'

/** Of one message, without the byte in front of it. */
const DATA_MAX_BYTES = MESSAGE_MAX_BYTES - 1

const KIND = { bytes: 0, text: 1 } as const

/** @throws {MeshError} `TOO_LARGE` over 1 MiB of bytes or UTF-8 @throws {TypeError} for other types */
export function encodeMessageData(data: MessageData): Uint8Array {
  const isText = typeof data === 'string'
  if (!isText && !(data instanceof Uint8Array)) {
    throw new TypeError('a message is a string or a Uint8Array')
  }
  const bytes = isText ? utf8Encode(data) : data
  if (bytes.length > DATA_MAX_BYTES) {
    throw new MeshError(
      'TOO_LARGE',
      `The message has ${bytes.length} bytes; at most ${DATA_MAX_BYTES} fit in one.`,
    )
  }
  const encoded = new Uint8Array(bytes.length + 1)
  encoded[0] = isText ? KIND.text : KIND.bytes
  encoded.set(bytes, 1)
  return encoded
}

/**
 * What a peer's application sent. A kind of a later version, or text that is not UTF-8, is given as the
 * bytes it is: hiding a message that was acknowledged would lose it.
 */
export function decodeMessageData(encoded: Uint8Array): MessageData {
  const data = encoded.subarray(1)
  if (encoded[0] !== KIND.text) return data
  try {
    return utf8Decode(data)
  } catch (error) {
    if (error instanceof DecodeError) return data
    throw error
  }
}
