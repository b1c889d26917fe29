// What two nodes say to each other, in the session that they have, to make a WebRTC connection (docs/PROTOCOL.md 9.1):
//   u8 kind | u32 attempt | body
//   1 want       nothing: asks the other side for an offer
//   2 offer      UTF-8 session description
//   3 answer     UTF-8 session description
//   4 candidate  u8 length | UTF-8 mid | UTF-8 candidate, empty: there are no more
//   5 refuse     u8 reason
// Shapes only. Whose turn it is, is in shared/node/direct; which candidates may be told, in ice-candidate.ts.

import { DecodeError } from '../bytes/decode-error.ts'
import { Reader } from '../bytes/reader.ts'
import { isWellFormed, utf8Decode, utf8Encode } from '../bytes/utf8.ts'
import { Writer } from '../bytes/writer.ts'
import { RTC_CANDIDATE_MAX_BYTES, RTC_MID_MAX_BYTES, RTC_SDP_MAX_BYTES } from './limits.ts'

/** Why there is no connection: none can be made here, no room, the path mode forbids it, asked too soon, it failed. */
export type DirectRefusal = 'unsupported' | 'busy' | 'mode' | 'tooSoon' | 'failed'

/** `attempt` is below 2^32. */
export type DirectSignal =
  | { readonly kind: 'want'; readonly attempt: number }
  | { readonly kind: 'offer' | 'answer'; readonly attempt: number; readonly sdp: string }
  | {
      readonly kind: 'candidate'
      readonly attempt: number
      /** As RTCIceCandidate has it; empty when there are no more. */
      readonly candidate: string
      /** Of the media section that it is for; may be empty. */
      readonly mid: string
    }
  | { readonly kind: 'refuse'; readonly attempt: number; readonly reason: DirectRefusal }

export const DIRECT_SIGNAL = { want: 1, offer: 2, answer: 3, candidate: 4, refuse: 5 } as const

export const DIRECT_REFUSAL = {
  unsupported: 1,
  busy: 2,
  mode: 3,
  tooSoon: 4,
  failed: 5,
} as const satisfies Record<DirectRefusal, number>

const REFUSALS = new Map<number, DirectRefusal>(
  Object.entries(DIRECT_REFUSAL).map(([reason, code]) => [code, reason as DirectRefusal]),
)

/** Controls do not belong into either: a line end in a candidate would begin another line where it is put into an SDP. */
const CONTROL = /\p{Cc}/u
/** Lines of a description end in CR LF; a tab may stand in the name of a session. */
const CONTROL_IN_SDP = /(?![\r\n\t])\p{Cc}/u

/** @throws RangeError for what `decodeDirectSignal` would refuse */
export function encodeDirectSignal(signal: DirectSignal): Uint8Array {
  const writer = new Writer().u8(DIRECT_SIGNAL[signal.kind]).u32(signal.attempt)
  switch (signal.kind) {
    case 'want':
      break
    case 'offer':
    case 'answer':
      writer.bytes(bytesOf(signal.sdp, 1, RTC_SDP_MAX_BYTES, CONTROL_IN_SDP))
      break
    case 'candidate': {
      const mid = bytesOf(signal.mid, 0, RTC_MID_MAX_BYTES, CONTROL)
      writer.u8(mid.length).bytes(mid)
      writer.bytes(bytesOf(signal.candidate, 0, RTC_CANDIDATE_MAX_BYTES, CONTROL))
      break
    }
    case 'refuse':
      writer.u8(DIRECT_REFUSAL[signal.reason])
  }
  return writer.finish()
}

/** An unknown reason (a newer peer's) reads as `failed`. @throws DecodeError, also for an unknown kind */
export function decodeDirectSignal(bytes: Uint8Array): DirectSignal {
  const reader = new Reader(bytes)
  const kind = reader.u8()
  const attempt = reader.u32()
  const signal = readBody(reader, kind, attempt)
  reader.end()
  return signal
}

function readBody(reader: Reader, kind: number, attempt: number): DirectSignal {
  switch (kind) {
    case DIRECT_SIGNAL.want:
      return { kind: 'want', attempt }
    case DIRECT_SIGNAL.offer:
      return { kind: 'offer', attempt, sdp: readSdp(reader) }
    case DIRECT_SIGNAL.answer:
      return { kind: 'answer', attempt, sdp: readSdp(reader) }
    case DIRECT_SIGNAL.candidate: {
      const mid = textOf(reader.bytes(reader.u8()), 0, RTC_MID_MAX_BYTES, CONTROL)
      const candidate = textOf(reader.rest(), 0, RTC_CANDIDATE_MAX_BYTES, CONTROL)
      return { kind: 'candidate', attempt, candidate, mid }
    }
    case DIRECT_SIGNAL.refuse:
      return { kind: 'refuse', attempt, reason: REFUSALS.get(reader.u8()) ?? 'failed' }
    default:
      throw new DecodeError('unknown kind of signal')
  }
}

function readSdp(reader: Reader): string {
  return textOf(reader.rest(), 1, RTC_SDP_MAX_BYTES, CONTROL_IN_SDP)
}

function bytesOf(text: string, min: number, max: number, forbidden: RegExp): Uint8Array {
  const bytes = utf8Encode(text)
  const isGood = isWellFormed(text) && !forbidden.test(text)
  if (!isGood || bytes.length < min || bytes.length > max)
    throw new RangeError('no text of a signal')
  return bytes
}

function textOf(bytes: Uint8Array, min: number, max: number, forbidden: RegExp): string {
  if (bytes.length < min) throw new DecodeError('signal without its text')
  if (bytes.length > max) throw new DecodeError('text of a signal is too long')
  const text = utf8Decode(bytes)
  if (forbidden.test(text)) throw new DecodeError('signal with a control character')
  return text
}
