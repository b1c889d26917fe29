// Writes the frames of session-frames.ts. Each writer puts one at `at` in a buffer known to be large enough
// and returns the offset behind it: this is the hot path of a client, nothing is allocated for a message.

import { utf8Encode } from '../bytes/utf8.ts'
import { varintLength } from '../bytes/writer.ts'
import { CLOSE_REASON_MAX_BYTES } from './limits.ts'
import type { CounterRanges } from './session-frames.ts'
import { MESSAGE_ID_BYTES, SESSION_FRAME } from './session-frames.ts'

/** Most bytes of any control frame of at most two integers. */
export const SMALL_FRAME_MAX_BYTES = 1 + 8 + 8

/** Most bytes of an ACK frame with `ranges`. */
export function ackMaxBytes(ranges: CounterRanges): number {
  return 1 + 8 + 8 + 1 + 8 + (ranges.length / 2 - 1) * 16
}

export function writePing(out: Uint8Array, at: number): number {
  out[at] = SESSION_FRAME.ping
  return at + 1
}

/** `ranges` holds 1 to `ACK_MAX_RANGES` ranges. */
export function writeAck(
  out: Uint8Array,
  at: number,
  ranges: CounterRanges,
  delayUs: number,
): number {
  const [low = 0, high = 0] = ranges
  let end = writeType(out, at, SESSION_FRAME.ack)
  end = writeVarint(out, end, high)
  end = writeVarint(out, end, delayUs)
  end = writeVarint(out, end, ranges.length / 2 - 1)
  end = writeVarint(out, end, high - low)
  let previousLow = low
  for (let i = 2; i < ranges.length; i += 2) {
    const [nextLow, nextHigh] = [ranges[i] as number, ranges[i + 1] as number]
    end = writeVarint(out, end, previousLow - nextHigh - 2)
    end = writeVarint(out, end, nextHigh - nextLow)
    previousLow = nextLow
  }
  return end
}

/** `reason` is cut to what a frame may carry. */
export function writeClose(out: Uint8Array, at: number, code: number, reason: string): number {
  let text = reason
  let bytes = utf8Encode(text)
  while (bytes.length > CLOSE_REASON_MAX_BYTES) {
    // By whole code points, so that what is left stays well-formed.
    text = [...text].slice(0, -1).join('')
    bytes = utf8Encode(text)
  }
  let end = writeType(out, at, SESSION_FRAME.close)
  end = writeVarint(out, end, code)
  return writeBytes(out, writeVarint(out, end, bytes.length), bytes)
}

export function writeRekey(out: Uint8Array, at: number, step: 1 | 2, message: Uint8Array): number {
  const end = writeType(out, writeType(out, at, SESSION_FRAME.rekey), step)
  return writeBytes(out, writeVarint(out, end, message.length), message)
}

export function writeDelivered(out: Uint8Array, at: number, seq: number): number {
  return writeVarint(out, writeType(out, at, SESSION_FRAME.delivered), seq)
}

export function writeCredit(out: Uint8Array, at: number, totalBytes: number): number {
  return writeVarint(out, writeType(out, at, SESSION_FRAME.credit), totalBytes)
}

export function writeAttach(out: Uint8Array, at: number, nonce: Uint8Array): number {
  return writeBytes(out, writeType(out, at, SESSION_FRAME.attach), nonce)
}

export function writeSkip(out: Uint8Array, at: number, seq: number, totalBytes: number): number {
  const end = writeVarint(out, writeType(out, at, SESSION_FRAME.messageSkip), seq)
  return writeVarint(out, end, totalBytes)
}

/** How many of `wanted` bytes of signals fit as one frame into `room`; none: less than 1. */
export function signalBytesThatFit(room: number, offset: number, wanted: number): number {
  return Math.min(wanted, room - (1 + varintLength(offset) + varintLength(wanted)))
}

/** `bytes` lie in the stream of signals from `offset` on. */
export function writeSignal(
  out: Uint8Array,
  at: number,
  offset: number,
  bytes: Uint8Array,
): number {
  const end = writeVarint(out, writeType(out, at, SESSION_FRAME.signal), offset)
  return writeBytes(out, writeVarint(out, end, bytes.length), bytes)
}

/** How many of `wanted` message bytes fit as one frame into `room`. -1: not even an empty frame. */
export function messageBytesThatFit(
  room: number,
  seq: number,
  totalBytes: number,
  offset: number,
  wanted: number,
): number {
  const head =
    1 +
    varintLength(seq) +
    varintLength(totalBytes) +
    (offset === 0 ? MESSAGE_ID_BYTES : varintLength(offset)) +
    varintLength(wanted)
  if (head > room) return -1
  return Math.min(wanted, room - head)
}

/** Copies `data[offset .. offset + length]` as one frame: MESSAGE_START at offset 0, else MESSAGE_MORE. */
export function writeMessage(
  out: Uint8Array,
  at: number,
  seq: number,
  id: Uint8Array,
  data: Uint8Array,
  offset: number,
  length: number,
): number {
  const isStart = offset === 0
  let end = writeType(out, at, isStart ? SESSION_FRAME.messageStart : SESSION_FRAME.messageMore)
  end = writeVarint(out, end, seq)
  if (isStart) end = writeBytes(out, end, id)
  end = writeVarint(out, end, data.length)
  if (!isStart) end = writeVarint(out, end, offset)
  end = writeVarint(out, end, length)
  const isWhole = isStart && length === data.length
  return writeBytes(out, end, isWhole ? data : data.subarray(offset, offset + length))
}

function writeType(out: Uint8Array, at: number, type: number): number {
  out[at] = type
  return at + 1
}

function writeBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  out.set(bytes, at)
  return at + bytes.length
}

/** As Writer.varint, into a buffer that is there already. */
function writeVarint(out: Uint8Array, at: number, value: number): number {
  if (value < 2 ** 6) {
    out[at] = value
    return at + 1
  }
  if (value < 2 ** 14) {
    out[at] = 0x40 | (value >>> 8)
    out[at + 1] = value
    return at + 2
  }
  if (value < 2 ** 30) {
    out[at] = 0x80 | (value >>> 24)
    out[at + 1] = value >>> 16
    out[at + 2] = value >>> 8
    out[at + 3] = value
    return at + 4
  }
  const high = Math.floor(value / 2 ** 32)
  out[at] = 0xc0 | (high >>> 24)
  out[at + 1] = high >>> 16
  out[at + 2] = high >>> 8
  out[at + 3] = high
  out[at + 4] = value >>> 24
  out[at + 5] = value >>> 16
  out[at + 6] = value >>> 8
  out[at + 7] = value
  return at + 8
}
