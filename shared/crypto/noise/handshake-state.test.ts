import { describe, expect, it } from 'vitest'
import { fromHex } from '../../bytes/hex.ts'
import { nobleSuite as suite } from '../noble-suite.ts'
import { CipherState } from './cipher-state.ts'
import type { HandshakeConfig } from './handshake-state.ts'
import { HandshakeState, NOISE_MAX_MESSAGE_BYTES } from './handshake-state.ts'
import type { PatternName } from './patterns.ts'
import { PATTERNS } from './patterns.ts'

const initiatorStatic = suite.sha256(Uint8Array.of(1))
const responderStatic = suite.sha256(Uint8Array.of(2))
const prologue = Uint8Array.of(7, 7, 7)
const payload = Uint8Array.from({ length: 60 }, (_, i) => i)
const ALL = Object.keys(PATTERNS) as PatternName[]

describe.each(ALL)('pattern %s', pattern => {
  it('carries payloads, agrees on the hash, and splits into two pairs of keys', () => {
    const { initiator, responder } = sides(pattern)
    for (const [writer, reader] of turns(pattern, initiator, responder)) {
      expect([writer.isMyTurn, reader.isMyTurn]).toEqual([true, false])
      expect(reader.readMessage(writer.writeMessage(payload))).toEqual(payload)
    }
    expect([initiator.isComplete, responder.isComplete]).toEqual([true, true])
    expect([initiator.isMyTurn, responder.isMyTurn]).toEqual([false, false])
    expect(initiator.handshakeHash).toEqual(responder.handshakeHash)
    const ours = initiator.split()
    const theirs = responder.split()
    expect(ours.sendKey).toEqual(theirs.receiveKey)
    expect(ours.receiveKey).toEqual(theirs.sendKey)
    expect(ours.sendKey).not.toEqual(ours.receiveKey)
  })

  it('fails with another prologue as soon as something is encrypted', () => {
    const { initiator } = sides(pattern)
    const { responder } = sides(pattern, { prologue: Uint8Array.of(7, 7, 8) })
    let isAgreed = true
    for (const [writer, reader] of turns(pattern, initiator, responder)) {
      isAgreed &&= reader.readMessage(writer.writeMessage(payload)) !== undefined
      if (!isAgreed) break
    }
    expect(isAgreed).toBe(false)
  })
})

// Every byte of every message is covered where each message ends in a tag; IK is what keymesh speaks.
describe.each(['IK', 'X', 'K', 'KK'] as const)('a forged message of %s', pattern => {
  it('is refused, byte by byte and cut anywhere, and the true one still fits', () => {
    const { initiator, responder } = sides(pattern)
    for (const [writer, reader] of turns(pattern, initiator, responder)) {
      const message = writer.writeMessage(payload)
      const hash = reader.handshakeHash
      for (let i = 0; i < message.length; i++) {
        const forged = message.slice()
        // The top bit of the ephemeral's last byte is no part of its u, but is part of the transcript.
        forged[i] = (forged[i] as number) ^ (i === 31 ? 0x80 : 1)
        expect(reader.readMessage(forged)).toBeUndefined()
      }
      for (const length of [0, 1, 31, 32, 33, 79, 80, message.length - 1]) {
        expect(reader.readMessage(message.slice(0, length))).toBeUndefined()
      }
      expect(reader.readMessage(Uint8Array.of(...message, 0))).toBeUndefined()
      expect(reader.handshakeHash).toEqual(hash)
      expect(reader.readMessage(message)).toEqual(payload)
    }
    expect(initiator.split().sendKey).toEqual(responder.split().receiveKey)
  })
})

describe('the state around a refused message', () => {
  it('does not learn the static key that a forged message claims', () => {
    const { initiator, responder } = sides('IK')
    const message = initiator.writeMessage(payload)
    const forged = message.slice()
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1
    expect(responder.readMessage(forged)).toBeUndefined()
    expect(responder.remoteStatic).toBeUndefined()
    expect(responder.readMessage(message)).toEqual(payload)
    expect(responder.remoteStatic).toEqual(suite.dhPublic(initiatorStatic))
  })

  it('refuses a message out of turn, a second one, and one that is too long', () => {
    const { initiator, responder } = sides('IK')
    const first = initiator.writeMessage(payload)
    expect(() => initiator.writeMessage(payload)).toThrow('turn')
    expect(initiator.readMessage(first)).toBeUndefined()
    expect(responder.readMessage(new Uint8Array(NOISE_MAX_MESSAGE_BYTES + 1))).toBeUndefined()
    expect(responder.readMessage(first)).toEqual(payload)
    expect(responder.readMessage(first)).toBeUndefined()
    expect(() => responder.split()).toThrow('not complete')
    expect(initiator.readMessage(responder.writeMessage(payload))).toEqual(payload)
    expect(initiator.readMessage(first)).toBeUndefined()
    expect(() => initiator.writeMessage(payload)).toThrow('turn')
  })

  it('has the lengths of docs/PROTOCOL.md 7', () => {
    const { initiator, responder } = sides('IK')
    const first = initiator.writeMessage(payload)
    expect(first.length).toBe(156)
    responder.readMessage(first)
    expect(responder.writeMessage(new Uint8Array(0)).length).toBe(48)
  })

  it('takes the longest payload and refuses one byte more', () => {
    const longest = NOISE_MAX_MESSAGE_BYTES - 32 - 48 - 16
    const { initiator, responder } = sides('IK')
    expect(() => initiator.writeMessage(new Uint8Array(longest + 1))).toThrow(RangeError)
    const message = initiator.writeMessage(new Uint8Array(longest))
    expect(message.length).toBe(NOISE_MAX_MESSAGE_BYTES)
    expect(responder.readMessage(message)?.length).toBe(longest)
  })
})

describe('all-zero shared secrets', () => {
  const lowOrder = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ].map(fromHex)

  it.each(ALL)('%s refuses an ephemeral key of low order, before any DH with it', pattern => {
    for (const key of lowOrder) {
      const { initiator, responder } = sides(pattern)
      const message = initiator.writeMessage(payload)
      const forged = message.slice()
      forged.set(key)
      expect(responder.readMessage(forged)).toBeUndefined()
      expect(responder.readMessage(message)).toEqual(payload)
    }
  })

  it('IX refuses a static key of low order sent in the clear', () => {
    const { initiator, responder } = sides('IX')
    const message = initiator.writeMessage(payload)
    for (const key of lowOrder) {
      const forged = message.slice()
      forged.set(key, 32)
      expect(responder.readMessage(forged)).toBeUndefined()
    }
    expect(responder.readMessage(message)).toEqual(payload)
  })

  it.each(lowOrder)('a caller may not dial such a key', remoteStatic => {
    expect(() => new HandshakeState(config('IK', true, { remoteStatic }))).toThrow(RangeError)
  })
})

describe('keys', () => {
  it('are not made anew where both halves are given', () => {
    const made: Uint8Array[] = []
    const counting = {
      ...suite,
      dhPublic: (privateKey: Uint8Array) => {
        made.push(privateKey)
        return suite.dhPublic(privateKey)
      },
    }
    const ephemeralPrivate = suite.sha256(Uint8Array.of(3))
    const known = config('IK', true, { suite: counting, ephemeralPrivate })
    const usual = new HandshakeState(known).writeMessage(payload)
    expect(made).toEqual([initiatorStatic, ephemeralPrivate])
    const staticPublic = suite.dhPublic(initiatorStatic)
    const given = new HandshakeState({ ...known, staticPublic }).writeMessage(payload)
    expect(made).toEqual([initiatorStatic, ephemeralPrivate, ephemeralPrivate])
    expect(given).toEqual(usual)
  })

  it('are asked for where the pattern needs them', () => {
    const missing =
      (pattern: PatternName, initiator: boolean, gone: Partial<HandshakeConfig>) => () =>
        new HandshakeState(config(pattern, initiator, gone))
    expect(missing('IK', true, { remoteStatic: undefined })).toThrow(RangeError)
    expect(missing('IK', true, { staticPrivate: undefined })).toThrow(RangeError)
    expect(missing('IK', false, { staticPrivate: undefined })).toThrow(RangeError)
    expect(missing('KK', false, { remoteStatic: undefined })).toThrow(RangeError)
    expect(missing('XX', false, { staticPrivate: undefined })).toThrow(RangeError)
    expect(missing('IK', true, { remoteStatic: new Uint8Array(31) })).toThrow(RangeError)
    expect(missing('N', true, { staticPrivate: undefined })).not.toThrow()
    expect(missing('NN', false, { staticPrivate: undefined })).not.toThrow()
  })

  it('of the caller survive wipe, those of the handshake do not', () => {
    const drawn: Uint8Array[] = []
    const random = (length: number): Uint8Array => {
      const key = seeded(drawn.length)(length)
      drawn.push(key)
      return key
    }
    const initiator = new HandshakeState(config('IK', true, { random }))
    const { responder } = sides('IK')
    responder.readMessage(initiator.writeMessage(payload))
    initiator.readMessage(responder.writeMessage(payload))
    const { sendKey } = initiator.split()
    const kept = sendKey.slice()
    initiator.wipe()
    expect(drawn).toEqual([new Uint8Array(32)])
    expect(initiatorStatic).toEqual(suite.sha256(Uint8Array.of(1)))
    expect(sendKey).toEqual(kept)
    expect(() => initiator.split()).toThrow('not complete')
  })

  it('wiped midway end the handshake', () => {
    const { initiator, responder } = sides('IK')
    const message = initiator.writeMessage(payload)
    responder.wipe()
    expect(responder.readMessage(message)).toBeUndefined()
    initiator.wipe()
    expect(initiator.isMyTurn).toBe(false)
    const fresh = sides('IK').initiator
    fresh.wipe()
    expect(() => fresh.writeMessage(payload)).toThrow('turn')
  })
})

describe('CipherState', () => {
  it('passes bytes through, as a copy, until it has a key', () => {
    const cipher = new CipherState(suite)
    expect(cipher.hasKey).toBe(false)
    expect(cipher.encryptWithAd(prologue, payload)).toEqual(payload)
    expect(cipher.encryptWithAd(prologue, payload)).not.toBe(payload)
    expect(cipher.decryptWithAd(prologue, payload)).not.toBe(payload)
  })

  it('counts what it sealed and opened, and not what it refused', () => {
    const key = suite.sha256(payload)
    const [sender, receiver] = [
      new CipherState(suite, key.slice()),
      new CipherState(suite, key.slice()),
    ]
    const [first, second] = [
      sender.encryptWithAd(prologue, payload),
      sender.encryptWithAd(prologue, payload),
    ]
    expect(first).toEqual(suite.seal(key, 0, prologue, payload))
    expect(second).toEqual(suite.seal(key, 1, prologue, payload))
    expect(receiver.decryptWithAd(prologue, second)).toBeUndefined()
    expect(receiver.decryptWithAd(prologue, first)).toEqual(payload)
    expect(receiver.decryptWithAd(prologue, first)).toBeUndefined()
    expect(receiver.clone().decryptWithAd(prologue, second)).toEqual(payload)
    expect(receiver.decryptWithAd(prologue, second)).toEqual(payload)
  })

  it('zeroes its key when wiped and is of no use then', () => {
    const key = suite.sha256(payload)
    for (const cipher of [new CipherState(suite, key), new CipherState(suite)]) {
      cipher.wipe()
      expect(() => cipher.encryptWithAd(prologue, payload)).toThrow(RangeError)
      expect(() => cipher.decryptWithAd(prologue, payload)).toThrow(RangeError)
    }
    expect(key).toEqual(new Uint8Array(32))
  })
})

function config(
  pattern: PatternName,
  initiator: boolean,
  changes: Partial<HandshakeConfig> = {},
): HandshakeConfig {
  return {
    suite,
    random: seeded(initiator ? 1 : 2),
    pattern,
    initiator,
    prologue,
    staticPrivate: initiator ? initiatorStatic : responderStatic,
    remoteStatic: suite.dhPublic(initiator ? responderStatic : initiatorStatic),
    ...changes,
  }
}

function sides(pattern: PatternName, responderChanges: Partial<HandshakeConfig> = {}) {
  return {
    initiator: new HandshakeState(config(pattern, true)),
    responder: new HandshakeState(config(pattern, false, responderChanges)),
  }
}

function turns(
  pattern: PatternName,
  initiator: HandshakeState,
  responder: HandshakeState,
): [HandshakeState, HandshakeState][] {
  return PATTERNS[pattern].messages.map((_, i) =>
    i % 2 === 0 ? [initiator, responder] : [responder, initiator],
  )
}

function seeded(seed: number): (length: number) => Uint8Array {
  return length => suite.sha256(Uint8Array.of(99, seed)).slice(0, length)
}
