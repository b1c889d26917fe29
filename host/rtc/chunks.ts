// Link messages as chunks, since not every data channel carries more than 16 KiB at once (docs/PROTOCOL.md 9):
//   u8 head || bytes   head 0: the message ends here, 1: more follows, 2: the link ends, bytes are its reason
// Order and delivery are the channel's. Pure.

import type { CloseReason } from '../../shared/wire/close-code.ts'
import { CLOSE_CODE, closeReasonOf } from '../../shared/wire/close-code.ts'
import { WS_MAX_MESSAGE_BYTES } from '../../shared/wire/limits.ts'

/** Bytes of one message of a data channel, head included. */
export const CHUNK_MAX_BYTES = 16_384

const LAST = 0
const MORE = 1
const END = 2
const BODY_MAX_BYTES = CHUNK_MAX_BYTES - 1

/** Channels copy what they are given, so one chunk serves for all. */
const scratch = new Uint8Array(CHUNK_MAX_BYTES)

/** @param send is given each chunk in turn; its bytes are valid during the call only */
export function sendChunks(
  message: Uint8Array,
  send: (chunk: Uint8Array<ArrayBuffer>) => void,
): void {
  let at = 0
  for (; message.length - at > BODY_MAX_BYTES; at += BODY_MAX_BYTES) {
    scratch[0] = MORE
    scratch.set(message.subarray(at, at + BODY_MAX_BYTES), 1)
    send(scratch)
  }
  scratch[0] = LAST
  scratch.set(message.subarray(at), 1)
  send(scratch.subarray(0, 1 + message.length - at))
}

/** The last chunk of a link. Said in line: a channel's own end may overtake what was sent before it. */
export function endChunk(reason: CloseReason): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(END, CLOSE_CODE[reason])
}

export type Joined =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'more' }
  | { readonly kind: 'end'; readonly reason: CloseReason }
  | { readonly kind: 'violation'; readonly reason: CloseReason }

const NEEDS_MORE: Joined = { kind: 'more' }
const MALFORMED: Joined = { kind: 'violation', reason: 'protocol' }
const TOO_LARGE: Joined = { kind: 'violation', reason: 'tooLarge' }

/** Puts messages together again; holds no more than one of them. */
export class ChunkJoiner {
  #parts: Uint8Array[] = []
  #length = 0

  /** @param chunk one message of the data channel, kept by the joiner */
  take(chunk: Uint8Array): Joined {
    const [head] = chunk
    if (head === undefined || chunk.length > CHUNK_MAX_BYTES) return MALFORMED
    if (head === END) return this.#end(chunk)
    // A sender fills its chunks, so a message is of few parts.
    if (head !== LAST && (head !== MORE || chunk.length < CHUNK_MAX_BYTES)) return MALFORMED
    const body = chunk.subarray(1)
    if (this.#length + body.length > WS_MAX_MESSAGE_BYTES) return TOO_LARGE
    if (head === MORE) {
      this.#parts.push(body)
      this.#length += body.length
      return NEEDS_MORE
    }
    return { kind: 'message', bytes: this.#parts.length === 0 ? body : this.#join(body) }
  }

  #end(chunk: Uint8Array): Joined {
    const [, code] = chunk
    if (code === undefined || chunk.length !== 2 || this.#parts.length > 0) return MALFORMED
    return { kind: 'end', reason: closeReasonOf(code) }
  }

  #join(last: Uint8Array): Uint8Array {
    const whole = new Uint8Array(this.#length + last.length)
    let at = 0
    for (const part of [...this.#parts, last]) {
      whole.set(part, at)
      at += part.length
    }
    this.#parts = []
    this.#length = 0
    return whole
  }
}
