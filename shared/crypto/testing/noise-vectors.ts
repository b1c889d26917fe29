// Runs the Noise vectors of the patterns without pre-shared keys: both sides are built, every message is
// written by one and read by the other, and after the handshake the transport keys are used as well.

import { fromHex, toHex } from '../../bytes/hex.ts'
import { CipherState } from '../noise/cipher-state.ts'
import { HandshakeState } from '../noise/handshake-state.ts'
import type { PatternName } from '../noise/patterns.ts'
import { PATTERNS } from '../noise/patterns.ts'
import type { CryptoSuite } from '../suite.ts'
import type { NoiseFile, NoiseVector } from './vector-files.ts'
import type { Verdicts } from './verdicts.ts'

export function runNoise(
  suite: CryptoSuite,
  name: string,
  file: NoiseFile,
  verdicts: Verdicts,
): void {
  verdicts.group(`noise ${name}`)
  for (const vector of file.vectors) {
    const pattern = patternOf(vector.protocol_name)
    if (pattern !== undefined) runVector(suite, pattern, vector, verdicts)
  }
}

function runVector(
  suite: CryptoSuite,
  pattern: PatternName,
  vector: NoiseVector,
  verdicts: Verdicts,
): void {
  const sides = buildSides(suite, pattern, vector)
  const handshakeLength = PATTERNS[pattern].messages.length
  for (const [i, { payload, ciphertext }] of vector.messages.slice(0, handshakeLength).entries()) {
    const [writer, reader] = inTurn(sides, i)
    const message = writer.writeMessage(fromHex(payload))
    verdicts.expect(`${pattern} ${i} write`, message, ciphertext)
    verdicts.expect(`${pattern} ${i} read`, reader.readMessage(message), payload)
  }
  const [initiator, responder] = sides
  const hash = vector.handshake_hash ?? toHex(responder.handshakeHash)
  verdicts.expect(`${pattern} hash`, initiator.handshakeHash, hash)
  verdicts.expect(`${pattern} same hash`, responder.handshakeHash, hash)

  const ciphers = transportCiphers(suite, sides)
  for (const [i, { payload, ciphertext }] of vector.messages.entries()) {
    if (i < handshakeLength) continue
    // One-way patterns speak in one direction for ever.
    const { seal, open } = ciphers[handshakeLength === 1 ? 0 : i % 2 === 0 ? 0 : 1]
    const ad = new Uint8Array(0)
    const sealed = seal.encryptWithAd(ad, fromHex(payload))
    verdicts.expect(`${pattern} ${i} seal`, sealed, ciphertext)
    verdicts.expect(`${pattern} ${i} open`, open.decryptWithAd(ad, sealed), payload)
  }
}

type Sides = readonly [HandshakeState, HandshakeState]

function buildSides(suite: CryptoSuite, pattern: PatternName, vector: NoiseVector): Sides {
  const random = (): Uint8Array => {
    throw new Error('a vector brings its own ephemeral keys')
  }
  const initiator = new HandshakeState({
    suite,
    random,
    pattern,
    initiator: true,
    prologue: fromHex(vector.init_prologue),
    staticPrivate: optional(vector.init_static),
    remoteStatic: optional(vector.init_remote_static),
    ephemeralPrivate: optional(vector.init_ephemeral),
  })
  const responder = new HandshakeState({
    suite,
    random,
    pattern,
    initiator: false,
    prologue: fromHex(vector.resp_prologue),
    staticPrivate: optional(vector.resp_static),
    remoteStatic: optional(vector.resp_remote_static),
    ephemeralPrivate: optional(vector.resp_ephemeral),
  })
  return [initiator, responder]
}

interface Direction {
  readonly seal: CipherState
  readonly open: CipherState
}

function transportCiphers(suite: CryptoSuite, sides: Sides): readonly [Direction, Direction] {
  const [initiator, responder] = [sides[0].split(), sides[1].split()]
  const direction = (sendKey: Uint8Array, receiveKey: Uint8Array): Direction => ({
    seal: new CipherState(suite, sendKey),
    open: new CipherState(suite, receiveKey),
  })
  return [
    direction(initiator.sendKey, responder.receiveKey),
    direction(responder.sendKey, initiator.receiveKey),
  ]
}

function inTurn([initiator, responder]: Sides, message: number): Sides {
  return message % 2 === 0 ? [initiator, responder] : [responder, initiator]
}

function patternOf(protocolName: string): PatternName | undefined {
  const name = protocolName.split('_')[1] ?? ''
  return Object.hasOwn(PATTERNS, name) ? (name as PatternName) : undefined
}

function optional(hex: string | undefined): Uint8Array | undefined {
  return hex === undefined ? undefined : fromHex(hex)
}
