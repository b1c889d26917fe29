// What a session puts into a circuit's SETUP and gets back in its ACK (docs/PROTOCOL.md 7).
//   setup:  u8 1 | Noise IK message 1 (156)      a new session
//           u8 2 | session tag 16 | packet       one more path for a running session
//           u8 3 | Noise IK message 1 (156)      a new session for signals alone
//   answer: u8 1 | Noise IK message 2 (52)
//           u8 2 | packet
//           u8 0 | u8 refusal code

import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { Reader } from '../bytes/reader.ts'
import type { SessionRefusal } from './session-close.ts'
import { SESSION_REFUSAL, sessionRefusalOf } from './session-close.ts'
import { PACKET_OVERHEAD_BYTES } from './session-packet.ts'

/** e 32, s 32 + 16, payload 60 + 16. */
export const HANDSHAKE_MESSAGE_1_BYTES = 156
/** e 32, payload 4 + 16. */
export const HANDSHAKE_MESSAGE_2_BYTES = 52
export const SESSION_TAG_BYTES = 16

export type SessionSetup = HandshakeSetup | AttachSetup

export interface HandshakeSetup {
  readonly kind: 'handshake'
  /** The two nodes want a link; their applications have nothing to do with it. */
  readonly isSignalOnly: boolean
  readonly message: Uint8Array
}

export interface AttachSetup {
  readonly kind: 'attach'
  readonly tag: Uint8Array
  readonly packet: Uint8Array
}

export type SessionAnswer =
  | { readonly kind: 'handshake'; readonly message: Uint8Array }
  | { readonly kind: 'attach'; readonly packet: Uint8Array }
  | { readonly kind: 'refused'; readonly reason: SessionRefusal }

const KIND = { refused: 0, handshake: 1, attach: 2, signals: 3 } as const

export function encodeSetup(setup: SessionSetup): Uint8Array {
  if (setup.kind === 'attach') {
    return concat(Uint8Array.of(KIND.attach), setup.tag, setup.packet)
  }
  const kind = setup.isSignalOnly ? KIND.signals : KIND.handshake
  return concat(Uint8Array.of(kind), setup.message)
}

/** The result's arrays are views. @throws DecodeError */
export function decodeSetup(bytes: Uint8Array): SessionSetup {
  const reader = new Reader(bytes)
  const kind = reader.u8()
  switch (kind) {
    case KIND.handshake:
    case KIND.signals: {
      const message = exactly(reader, HANDSHAKE_MESSAGE_1_BYTES)
      return { kind: 'handshake', isSignalOnly: kind === KIND.signals, message }
    }
    case KIND.attach:
      return { kind: 'attach', tag: reader.bytes(SESSION_TAG_BYTES), packet: packetIn(reader) }
    default:
      throw new DecodeError('unknown kind of session setup')
  }
}

export function encodeAnswer(answer: SessionAnswer): Uint8Array {
  switch (answer.kind) {
    case 'handshake':
      return concat(Uint8Array.of(KIND.handshake), answer.message)
    case 'attach':
      return concat(Uint8Array.of(KIND.attach), answer.packet)
    case 'refused':
      return Uint8Array.of(KIND.refused, SESSION_REFUSAL[answer.reason])
  }
}

/** The result's arrays are views. @throws DecodeError */
export function decodeAnswer(bytes: Uint8Array): SessionAnswer {
  const reader = new Reader(bytes)
  switch (reader.u8()) {
    case KIND.handshake:
      return { kind: 'handshake', message: exactly(reader, HANDSHAKE_MESSAGE_2_BYTES) }
    case KIND.attach:
      return { kind: 'attach', packet: packetIn(reader) }
    case KIND.refused: {
      const reason = sessionRefusalOf(reader.u8())
      reader.end()
      return { kind: 'refused', reason }
    }
    default:
      throw new DecodeError('unknown kind of session answer')
  }
}

function exactly(reader: Reader, length: number): Uint8Array {
  const bytes = reader.bytes(length)
  reader.end()
  return bytes
}

function packetIn(reader: Reader): Uint8Array {
  const packet = reader.rest()
  if (packet.length < PACKET_OVERHEAD_BYTES) throw new DecodeError('session packet is too short')
  return packet
}
