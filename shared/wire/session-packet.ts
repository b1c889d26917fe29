// A session packet (docs/PROTOCOL.md 7): tag 4 | u64 counter | ciphertext | AEAD tag 16.
// The 4 bytes are the first of the epoch's tag and choose the keys; the counter is the nonce; the
// 12 header bytes are the associated data. What the plaintext means is in session-frames.ts.

import { TAG_LENGTH } from '../crypto/suite.ts'

export const PACKET_HEADER_BYTES = 12
/** What a packet costs beside its plaintext. */
export const PACKET_OVERHEAD_BYTES = PACKET_HEADER_BYTES + TAG_LENGTH

const COUNTER_OFFSET = 4

export interface PacketHeader {
  /** First four bytes of the epoch's tag, as an unsigned number. */
  readonly tag: number
  readonly counter: number
}

/** Writes the 12 header bytes at the start of `out`. `counter` is at most 2^53 - 1. */
export function writePacketHeader(out: Uint8Array, tag: number, counter: number): void {
  writeU32(out, 0, tag)
  writeU32(out, COUNTER_OFFSET, Math.floor(counter / 2 ** 32))
  writeU32(out, COUNTER_OFFSET + 4, counter % 2 ** 32)
}

/** @returns `undefined` when this cannot be a packet: too short, or a counter above 2^53 - 1. */
export function readPacketHeader(packet: Uint8Array): PacketHeader | undefined {
  if (packet.length < PACKET_OVERHEAD_BYTES) return undefined
  const counter = readU32(packet, COUNTER_OFFSET) * 2 ** 32 + readU32(packet, COUNTER_OFFSET + 4)
  if (counter > Number.MAX_SAFE_INTEGER) return undefined
  return { tag: readU32(packet, 0), counter }
}

/** The number by which packets name an epoch. */
export function packetTagOf(tag: Uint8Array): number {
  return readU32(tag, 0)
}

function writeU32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24
  out[at + 1] = value >>> 16
  out[at + 2] = value >>> 8
  out[at + 3] = value
}

function readU32(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  return (a * 2 ** 24 + (b << 16) + (c << 8) + d) >>> 0
}
