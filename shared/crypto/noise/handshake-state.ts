// Noise's HandshakeState (rev 34, 5.3) for X25519, ChaCha20-Poly1305 and SHA-256: writes and reads the
// messages of a pattern, then splits into transport keys. A message is read on a copy of the state that
// replaces it only when the last check passed, so a forged message damages nothing and the true one
// still fits. What payloads mean, retries and timeouts are for the caller.

import { concat } from '../../bytes/concat.ts'
import { wipe } from '../../bytes/wipe.ts'
import type { RandomBytes } from '../../machine/machine.ts'
import { isLowOrder } from '../low-order.ts'
import type { CryptoSuite } from '../suite.ts'
import { KEY_LENGTH, TAG_LENGTH } from '../suite.ts'
import { requireKey } from '../suite-arguments.ts'
import type { PatternName, Token } from './patterns.ts'
import { PATTERNS } from './patterns.ts'
import { SymmetricState } from './symmetric-state.ts'

/** Bytes of the longest handshake message (Noise rev 34, 3). */
export const NOISE_MAX_MESSAGE_BYTES = 65_535

export interface HandshakeConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly pattern: PatternName
  readonly initiator: boolean
  /** What both sides must agree on already, or the first encrypted message fails. */
  readonly prologue: Uint8Array
  /** Stays the caller's, who wipes it; not needed by a side that has no static key in the pattern. */
  readonly staticPrivate?: Uint8Array | undefined
  /** Its public half, where it is at hand: making it takes as long as agreeing on a secret. */
  readonly staticPublic?: Uint8Array | undefined
  /** Where the pattern says that this side knows the other's static key beforehand. */
  readonly remoteStatic?: Uint8Array | undefined
  /** For test vectors only: copied. Else a fresh one is drawn from `random`. */
  readonly ephemeralPrivate?: Uint8Array | undefined
}

export interface TransportKeys {
  readonly sendKey: Uint8Array
  readonly receiveKey: Uint8Array
}

interface KeyPair {
  readonly privateKey: Uint8Array
  readonly publicKey: Uint8Array
}

type DhToken = Exclude<Token, 'e' | 's'>

/** What messages change. */
interface Transcript {
  readonly symmetric: SymmetricState
  remoteEphemeral: Uint8Array | undefined
  remoteStatic: Uint8Array | undefined
}

export class HandshakeState {
  readonly #suite: CryptoSuite
  readonly #initiator: boolean
  readonly #messages: readonly (readonly Token[])[]
  readonly #static: KeyPair | undefined
  readonly #newEphemeral: () => Uint8Array
  #ephemeral: KeyPair | undefined
  #transcript: Transcript
  /** Index of the next message; even ones are the initiator's. */
  #next = 0
  #isWiped = false

  /** @throws RangeError for a key of the wrong length, a remote key of low order, or one that is missing. */
  constructor(config: HandshakeConfig) {
    const { suite, pattern, initiator, prologue, staticPrivate, remoteStatic } = config
    const { initiatorIsKnown, responderIsKnown, messages } = PATTERNS[pattern]
    this.#suite = suite
    this.#initiator = initiator
    this.#messages = messages
    this.#static = staticPrivate && keyPair(suite, staticPrivate, config.staticPublic)
    this.#newEphemeral = () => config.ephemeralPrivate?.slice() ?? config.random(KEY_LENGTH)
    const symmetric = new SymmetricState(suite, `Noise_${pattern}_25519_ChaChaPoly_SHA256`)
    symmetric.mixHash(prologue)
    const ownPlace = initiator ? 0 : 1
    const own = messages.flat().some(token => isDh(token) && token[ownPlace] === 's')
      ? required('own', this.#static?.publicKey)
      : undefined
    const remote = (initiator ? responderIsKnown : initiatorIsKnown)
      ? checkedRemote(required('remote', remoteStatic))
      : undefined
    if (initiatorIsKnown) symmetric.mixHash(required('initiator', initiator ? own : remote))
    if (responderIsKnown) symmetric.mixHash(required('responder', initiator ? remote : own))
    this.#transcript = { symmetric, remoteEphemeral: undefined, remoteStatic: remote }
  }

  /** Whether all messages have passed, so that `split` may be called. */
  get isComplete(): boolean {
    return this.#next === this.#messages.length
  }

  /** Whether `writeMessage` is the next step, as against `readMessage`. */
  get isMyTurn(): boolean {
    return !this.isComplete && !this.#isWiped && (this.#next % 2 === 0) === this.#initiator
  }

  /** The other side's static key, once known. Proven to be theirs only by the messages after it. */
  get remoteStatic(): Uint8Array | undefined {
    return this.#transcript.remoteStatic?.slice()
  }

  /** The transcript hash: unique to this handshake once complete, not secret, gone after `wipe`. */
  get handshakeHash(): Uint8Array {
    return this.#transcript.symmetric.hash
  }

  /** @throws Error when it is not this side's turn; RangeError when the message would be too long. */
  writeMessage(payload: Uint8Array): Uint8Array {
    const tokens = this.#messages[this.#next]
    if (tokens === undefined || !this.isMyTurn) throw new Error('not the turn to write a message')
    if (payload.length > NOISE_MAX_MESSAGE_BYTES - overheadOf(tokens)) {
      throw new RangeError('a handshake message has at most 65,535 bytes')
    }
    const { symmetric } = this.#transcript
    const parts = tokens.map(token => this.#writeToken(token))
    parts.push(symmetric.encryptAndHash(payload))
    this.#next++
    return concat(...parts)
  }

  /**
   * Never throws for what a peer sent.
   * @returns the payload, or `undefined` when the message is refused: forged, cut, or out of turn. The
   *   state is then as before, and the true message can still be read.
   */
  readMessage(message: Uint8Array): Uint8Array | undefined {
    const tokens = this.#messages[this.#next]
    if (tokens === undefined || this.isMyTurn || this.#isWiped) return undefined
    if (message.length > NOISE_MAX_MESSAGE_BYTES) return undefined
    const trial = { ...this.#transcript, symmetric: this.#transcript.symmetric.clone() }
    const payload = this.#readTokens(trial, tokens, message)
    if (payload === undefined) {
      trial.symmetric.wipe()
      return undefined
    }
    this.#transcript.symmetric.wipe()
    this.#transcript = trial
    this.#next++
    return payload
  }

  /**
   * The keys of both directions, which become the caller's; a one-way pattern uses the initiator's only.
   * @throws Error before the handshake is complete or after `wipe`.
   */
  split(): TransportKeys {
    if (!this.isComplete || this.#isWiped) throw new Error('the handshake is not complete')
    const [initiatorKey, responderKey] = this.#transcript.symmetric.split()
    return this.#initiator
      ? { sendKey: initiatorKey, receiveKey: responderKey }
      : { sendKey: responderKey, receiveKey: initiatorKey }
  }

  /** Erases the ephemeral key and the transcript's secrets. Nothing can be read, written or split after. */
  wipe(): void {
    this.#isWiped = true
    if (this.#ephemeral !== undefined) wipe(this.#ephemeral.privateKey)
    // A provider may keep an imported form of a key for as long as its array.
    this.#ephemeral = undefined
    this.#transcript.symmetric.wipe()
  }

  #writeToken(token: Token): Uint8Array {
    const { symmetric } = this.#transcript
    if (token === 'e') {
      this.#ephemeral = keyPair(this.#suite, this.#newEphemeral())
      symmetric.mixHash(this.#ephemeral.publicKey)
      return this.#ephemeral.publicKey
    }
    if (token === 's') return symmetric.encryptAndHash(required('own', this.#static?.publicKey))
    // Keys of low order were refused when they were read, so a peer cannot bring this about.
    if (!this.#mixDh(this.#transcript, token)) throw new Error('an all-zero shared secret')
    return new Uint8Array(0)
  }

  #readTokens(
    transcript: Transcript,
    tokens: readonly Token[],
    message: Uint8Array,
  ): Uint8Array | undefined {
    const { symmetric } = transcript
    let offset = 0
    for (const token of tokens) {
      if (!isDh(token)) {
        const isSealed = token === 's' && symmetric.hasKey
        const end = offset + KEY_LENGTH + (isSealed ? TAG_LENGTH : 0)
        if (end > message.length) return undefined
        const field = message.subarray(offset, end)
        offset = end
        if (token === 'e') {
          transcript.remoteEphemeral = field.slice()
          symmetric.mixHash(field)
        } else {
          transcript.remoteStatic = symmetric.decryptAndHash(field)
        }
        const key = token === 'e' ? transcript.remoteEphemeral : transcript.remoteStatic
        if (key === undefined || isLowOrder(key)) return undefined
      } else if (!this.#mixDh(transcript, token)) {
        return undefined
      }
    }
    if (symmetric.hasKey && message.length - offset < TAG_LENGTH) return undefined
    return symmetric.decryptAndHash(message.subarray(offset))
  }

  /** The first letter of a token names the initiator's key, the second the responder's. */
  #mixDh(transcript: Transcript, token: DhToken): boolean {
    const [ownLetter, remoteLetter] = this.#initiator ? token : [token[1], token[0]]
    const own = ownLetter === 'e' ? this.#ephemeral : this.#static
    const remote = remoteLetter === 'e' ? transcript.remoteEphemeral : transcript.remoteStatic
    const privateKey = required('own', own?.privateKey)
    const secret = this.#suite.dh(privateKey, required('remote', remote))
    if (secret === undefined) return false
    transcript.symmetric.mixKey(secret)
    wipe(secret)
    return true
  }
}

function isDh(token: Token): token is DhToken {
  return token.length === 2
}

function keyPair(suite: CryptoSuite, privateKey: Uint8Array, publicKey?: Uint8Array): KeyPair {
  return { privateKey, publicKey: publicKey ?? suite.dhPublic(privateKey) }
}

function checkedRemote(publicKey: Uint8Array): Uint8Array {
  requireKey('the remote static key', publicKey)
  if (isLowOrder(publicKey)) throw new RangeError('the remote static key is of low order')
  return publicKey.slice()
}

function required(whose: string, key: Uint8Array | undefined): Uint8Array {
  if (key === undefined) throw new RangeError(`the pattern needs the ${whose} static key`)
  return key
}

function overheadOf(tokens: readonly Token[]): number {
  let bytes = TAG_LENGTH
  for (const token of tokens) {
    if (token === 'e') bytes += KEY_LENGTH
    if (token === 's') bytes += KEY_LENGTH + TAG_LENGTH
  }
  return bytes
}
