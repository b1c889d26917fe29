// The frames inside a session packet (docs/PROTOCOL.md 7), one after the other. Integers are QUIC varints
// (RFC 9000 16), in their shortest form; the shape of ACK is RFC 9000 19.3 with the delay in microseconds.
//   0x00 PADDING
//   0x01 PING
//   0x02 ACK            largest, delay, count, first range, count x (gap, range)
//   0x03 CLOSE          code, length, UTF-8 text
//   0x04 REKEY          u8 step (1 or 2), length, Noise IK message
//   0x05 DELIVERED      seq: every message below it was handed to the application
//   0x06 CREDIT         total of message bytes that may have been sent
//   0x07 PATH_ATTACH    nonce 8
//   0x08 SIGNAL         offset, length, bytes of the stream of signals
//   0x10 MESSAGE_START  seq, id 16, total, length, bytes
//   0x11 MESSAGE_MORE   seq, total, offset, length, bytes
//   0x12 MESSAGE_SKIP   seq, total: the sender gave this message up
// This file reads; session-frame-writers.ts writes. What frames do is in shared/session.

import { DecodeError } from '../bytes/decode-error.ts'
import { Reader } from '../bytes/reader.ts'
import { utf8Decode } from '../bytes/utf8.ts'
import { ACK_MAX_RANGES, CLOSE_REASON_MAX_BYTES, MESSAGE_MAX_BYTES } from './limits.ts'

export const SESSION_FRAME = {
  padding: 0x00,
  ping: 0x01,
  ack: 0x02,
  close: 0x03,
  rekey: 0x04,
  delivered: 0x05,
  credit: 0x06,
  attach: 0x07,
  signal: 0x08,
  messageStart: 0x10,
  messageMore: 0x11,
  messageSkip: 0x12,
} as const

export const MESSAGE_ID_BYTES = 16
export const ATTACH_NONCE_BYTES = 8
/**
 * Packet counters as closed ranges, highest first, flat: [low, high, low, high, ...]. Neighbours are at
 * least one counter apart.
 */
export type CounterRanges = readonly number[]

/** Where frames go. A handler throws to refuse a frame; the reader passes that on. */
export interface SessionFrameHandler {
  onPing(): void
  onAck(ranges: CounterRanges, delayUs: number): void
  onClose(code: number, reason: string): void
  onRekey(step: 1 | 2, message: Uint8Array): void
  onDelivered(seq: number): void
  onCredit(totalBytes: number): void
  onAttach(nonce: Uint8Array): void
  /** At least one byte; a view of the packet. */
  onSignal(offset: number, bytes: Uint8Array): void
  /** `id` comes with offset 0 only. `bytes` is a view of the packet. */
  onMessage(
    seq: number,
    totalBytes: number,
    offset: number,
    id: Uint8Array | undefined,
    bytes: Uint8Array,
  ): void
  onSkip(seq: number, totalBytes: number): void
}

/** Reads every frame of a packet in order. @throws DecodeError, and whatever `handler` throws. */
export function readFrames(plaintext: Uint8Array, handler: SessionFrameHandler): void {
  const reader = new Reader(plaintext)
  while (reader.remaining > 0) readFrame(reader, handler)
}

function readFrame(reader: Reader, handler: SessionFrameHandler): void {
  const type = reader.varint()
  switch (type) {
    case SESSION_FRAME.padding:
      break
    case SESSION_FRAME.ping:
      handler.onPing()
      break
    case SESSION_FRAME.ack:
      readAck(reader, handler)
      break
    case SESSION_FRAME.close:
      readClose(reader, handler)
      break
    case SESSION_FRAME.rekey:
      readRekey(reader, handler)
      break
    case SESSION_FRAME.delivered:
      handler.onDelivered(reader.varint())
      break
    case SESSION_FRAME.credit:
      handler.onCredit(reader.varint())
      break
    case SESSION_FRAME.attach:
      handler.onAttach(reader.bytes(ATTACH_NONCE_BYTES))
      break
    case SESSION_FRAME.signal:
      readSignal(reader, handler)
      break
    case SESSION_FRAME.messageStart:
    case SESSION_FRAME.messageMore:
      readMessage(reader, handler, type === SESSION_FRAME.messageStart)
      break
    case SESSION_FRAME.messageSkip:
      handler.onSkip(reader.varint(), readTotal(reader))
      break
    default:
      throw new DecodeError('unknown session frame')
  }
}

function readAck(reader: Reader, handler: SessionFrameHandler): void {
  const largest = reader.varint()
  const delayUs = reader.varint()
  const moreRanges = reader.varint()
  if (moreRanges >= ACK_MAX_RANGES) throw new DecodeError('ack has too many ranges')
  let low = largest - reader.varint()
  const ranges = [low, largest]
  for (let i = 0; i < moreRanges; i++) {
    const high = low - reader.varint() - 2
    low = high - reader.varint()
    ranges.push(low, high)
  }
  // Each step only goes down, so the last low speaks for all of them.
  if (low < 0) throw new DecodeError('ack goes below zero')
  handler.onAck(ranges, delayUs)
}

function readClose(reader: Reader, handler: SessionFrameHandler): void {
  const code = reader.varint()
  const length = reader.varint()
  if (length > CLOSE_REASON_MAX_BYTES) throw new DecodeError('close reason is too long')
  handler.onClose(code, utf8Decode(reader.bytes(length)))
}

function readRekey(reader: Reader, handler: SessionFrameHandler): void {
  const step = reader.u8()
  if (step !== 1 && step !== 2) throw new DecodeError('unknown rekey step')
  handler.onRekey(step, reader.bytes(reader.varint()))
}

function readSignal(reader: Reader, handler: SessionFrameHandler): void {
  const offset = reader.varint()
  const bytes = reader.bytes(reader.varint())
  if (bytes.length === 0) throw new DecodeError('empty piece of signals')
  handler.onSignal(offset, bytes)
}

function readMessage(reader: Reader, handler: SessionFrameHandler, isStart: boolean): void {
  const seq = reader.varint()
  const id = isStart ? reader.bytes(MESSAGE_ID_BYTES) : undefined
  const total = readTotal(reader)
  const offset = isStart ? 0 : reader.varint()
  const bytes = reader.bytes(reader.varint())
  if (offset + bytes.length > total) throw new DecodeError('fragment goes past its message')
  // An empty fragment says nothing, unless it is the whole of an empty message.
  if (bytes.length === 0 && !(isStart && total === 0)) throw new DecodeError('empty fragment')
  if (!isStart && offset === 0) throw new DecodeError('a message starts with its id')
  handler.onMessage(seq, total, offset, id, bytes)
}

function readTotal(reader: Reader): number {
  const total = reader.varint()
  if (total > MESSAGE_MAX_BYTES) throw new DecodeError('message is too large')
  return total
}
