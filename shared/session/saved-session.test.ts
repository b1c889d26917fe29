import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError } from '../bytes/decode-error.ts'
import { toHex } from '../bytes/hex.ts'
import { SAVED_IDS_PER_BLOCK, SAVED_MESSAGE_MAX_BYTES } from '../wire/limits.ts'
import type { SavedIds, SavedMessage, SavedPeer } from './saved-session.ts'
import {
  decodeSavedIds,
  decodeSavedMessage,
  decodeSavedPeer,
  encodeSavedIds,
  encodeSavedMessage,
  encodeSavedPeer,
} from './saved-session.ts'

const publicKey = new Uint8Array(32).fill(0xaa)
const id = new Uint8Array(16).fill(0xbb)
const KEY_HEX = 'aa'.repeat(32)
const ID_HEX = 'bb'.repeat(16)

const PEER: SavedPeer = { publicKey, isOurs: true, mode: 'private', aliveAtUnixMs: 0x1234 }
const MESSAGE: SavedMessage = {
  publicKey,
  mode: undefined,
  order: 3,
  id,
  expiresAtUnixMs: 0x5678,
  data: Uint8Array.of(1, 2),
}
const IDS: SavedIds = { number: 65, ids: [id, id] }

const CODECS = [
  {
    name: 'session',
    hex: `01${KEY_HEX}01030000000000001234`,
    bytes: encodeSavedPeer(PEER),
    value: PEER,
    decode: (bytes: Uint8Array): unknown => decodeSavedPeer(bytes),
    /** A message's data and a block's ids may be fewer. */
    shortest: 43,
  },
  {
    name: 'message',
    hex: `01${KEY_HEX}000000000000000003${ID_HEX}00000000000056780102`,
    bytes: encodeSavedMessage(MESSAGE),
    value: MESSAGE,
    decode: (bytes: Uint8Array): unknown => decodeSavedMessage(bytes),
    shortest: 66,
  },
  {
    name: 'block of ids',
    hex: `010000000000000041${ID_HEX}${ID_HEX}`,
    bytes: encodeSavedIds(IDS),
    value: IDS,
    decode: (bytes: Uint8Array): unknown => decodeSavedIds(bytes),
    shortest: 9,
  },
]

describe.each(CODECS)('a saved $name', ({ hex, bytes, value, decode, shortest }) => {
  it('has these bytes, and is read from them', () => {
    expect(toHex(bytes)).toBe(hex)
    expect(decode(bytes)).toEqual(value)
  })

  it('fails when it is cut short', () => {
    for (let length = 0; length < shortest; length++) {
      expect(() => decode(bytes.slice(0, length))).toThrow(DecodeError)
    }
  })

  it('fails in a format of another version', () => {
    expect(() => decode(Uint8Array.of(2, ...bytes.slice(1)))).toThrow(DecodeError)
  })

  it('throws its own error only, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), tail => {
        try {
          decode(Uint8Array.of(1, ...tail))
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { seed: 1 },
    )
  })
})

describe('saved values', () => {
  it('have every mode and no other', () => {
    for (const mode of [undefined, 'fast', 'relay', 'private'] as const) {
      expect(decodeSavedPeer(encodeSavedPeer({ ...PEER, mode })).mode).toBe(mode)
      expect(decodeSavedMessage(encodeSavedMessage({ ...MESSAGE, mode })).mode).toBe(mode)
    }
    const bytes = encodeSavedPeer(PEER)
    bytes[34] = 4
    expect(() => decodeSavedPeer(bytes)).toThrow(DecodeError)
  })

  it('take fractions of milliseconds, and times before 1970 for its beginning', () => {
    const at = (aliveAtUnixMs: number): number =>
      decodeSavedPeer(encodeSavedPeer({ ...PEER, aliveAtUnixMs })).aliveAtUnixMs
    expect([at(12.9), at(-5)]).toEqual([12, 0])
  })

  it('end at the limits', () => {
    const message = (length: number) =>
      encodeSavedMessage({ ...MESSAGE, data: new Uint8Array(length) })
    expect(() => decodeSavedMessage(message(SAVED_MESSAGE_MAX_BYTES))).not.toThrow()
    expect(() => decodeSavedMessage(message(SAVED_MESSAGE_MAX_BYTES + 1))).toThrow(DecodeError)
    const block = (length: number) => encodeSavedIds({ number: 0, ids: Array(length).fill(id) })
    expect(() => decodeSavedIds(block(SAVED_IDS_PER_BLOCK))).not.toThrow()
    expect(() => decodeSavedIds(block(SAVED_IDS_PER_BLOCK + 1))).toThrow(DecodeError)
    expect(() => decodeSavedPeer(Uint8Array.of(...encodeSavedPeer(PEER), 0))).toThrow(DecodeError)
  })
})
