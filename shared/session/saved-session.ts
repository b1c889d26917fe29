// What outlives a node's process of a session, as bytes (docs/PROTOCOL.md 7.7): that there is one and with whom,
// messages that are not delivered yet, ids of messages that were shown. No keys and no counters: a restarted
// node makes new ones. Sealing is in state-seal.ts, when to keep what in node/resume/.

import { DecodeError } from '../bytes/decode-error.ts'
import { Reader } from '../bytes/reader.ts'
import { Writer } from '../bytes/writer.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import type { PathMode } from '../routes/route.ts'
import { SAVED_IDS_PER_BLOCK, SAVED_MESSAGE_MAX_BYTES } from '../wire/limits.ts'

export const MESSAGE_ID_BYTES = 16

export interface SavedPeer {
  readonly publicKey: Uint8Array
  /** We made the session, so it is ours to take up. */
  readonly isOurs: boolean
  /** What the application last said of paths to this peer; nothing is said of others' dials. */
  readonly mode: PathMode | undefined
  /** When the session was last known to be alive. */
  readonly aliveAtUnixMs: number
}

export interface SavedMessage {
  readonly publicKey: Uint8Array
  readonly mode: PathMode | undefined
  /** Rises with every message of a node, so that they go out in order. */
  readonly order: number
  readonly id: Uint8Array
  /** When it is given up. */
  readonly expiresAtUnixMs: number
  readonly data: Uint8Array
}

export interface SavedIds {
  /** Which block of the peer's ids this is, from 0. */
  readonly number: number
  /** Oldest first. */
  readonly ids: readonly Uint8Array[]
}

const FORMAT = 1
const FLAG = { ours: 1 } as const
const MODES = [undefined, 'fast', 'relay', 'private'] as const satisfies (PathMode | undefined)[]

/** u8 format | key 32 | u8 flags (bit 0: ours) | u8 mode | u64 alive at, Unix ms */
export function encodeSavedPeer(peer: SavedPeer): Uint8Array {
  return begin(peer.publicKey)
    .u8(peer.isOurs ? FLAG.ours : 0)
    .u8(MODES.indexOf(peer.mode))
    .u64(wholeMs(peer.aliveAtUnixMs))
    .finish()
}

/** @throws DecodeError */
export function decodeSavedPeer(bytes: Uint8Array): SavedPeer {
  const reader = new Reader(bytes)
  const publicKey = readKey(reader)
  const isOurs = (reader.u8() & FLAG.ours) !== 0
  const peer = { publicKey, isOurs, mode: readMode(reader), aliveAtUnixMs: reader.u64() }
  reader.end()
  return peer
}

/** u8 format | key 32 | u8 mode | u64 order | id 16 | u64 expires at, Unix ms | data */
export function encodeSavedMessage(message: SavedMessage): Uint8Array {
  return begin(message.publicKey)
    .u8(MODES.indexOf(message.mode))
    .u64(message.order)
    .bytes(message.id)
    .u64(wholeMs(message.expiresAtUnixMs))
    .bytes(message.data)
    .finish()
}

/** The result's arrays are copies. @throws DecodeError */
export function decodeSavedMessage(bytes: Uint8Array): SavedMessage {
  const reader = new Reader(bytes)
  const message = {
    publicKey: readKey(reader),
    mode: readMode(reader),
    order: reader.u64(),
    id: reader.bytes(MESSAGE_ID_BYTES).slice(),
    expiresAtUnixMs: reader.u64(),
    data: reader.rest().slice(),
  }
  if (message.data.length > SAVED_MESSAGE_MAX_BYTES) throw new DecodeError('message is too long')
  return message
}

/** u8 format | u64 number | ids, 16 bytes each */
export function encodeSavedIds({ number, ids }: SavedIds): Uint8Array {
  const writer = new Writer(9 + ids.length * MESSAGE_ID_BYTES).u8(FORMAT).u64(number)
  for (const id of ids) writer.bytes(id)
  return writer.finish()
}

/** The result's arrays are copies. @throws DecodeError */
export function decodeSavedIds(bytes: Uint8Array): SavedIds {
  const reader = new Reader(bytes)
  readFormat(reader)
  const number = reader.u64()
  const ids: Uint8Array[] = []
  while (reader.remaining > 0) {
    ids.push(reader.bytes(MESSAGE_ID_BYTES).slice())
    if (ids.length > SAVED_IDS_PER_BLOCK) throw new DecodeError('too many ids')
  }
  return { number, ids }
}

/** Clocks may tell fractions, and anything when they are wrong. */
function wholeMs(unixMs: number): number {
  return Math.max(0, Math.floor(unixMs))
}

function begin(publicKey: Uint8Array): Writer {
  return new Writer(128).u8(FORMAT).bytes(publicKey)
}

function readKey(reader: Reader): Uint8Array {
  readFormat(reader)
  return reader.bytes(KEY_LENGTH).slice()
}

function readFormat(reader: Reader): void {
  if (reader.u8() !== FORMAT) throw new DecodeError('a format of another version')
}

function readMode(reader: Reader): PathMode | undefined {
  const code = reader.u8()
  if (code >= MODES.length) throw new DecodeError('unknown path mode')
  return MODES[code]
}
