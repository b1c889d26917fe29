// The session handshake: Noise_IK_25519_ChaChaPoly_SHA256 to the dialed key (docs/PROTOCOL.md 7). The caller
// proves an Ed25519 key by its conversion, because one X25519 key has two Ed25519 keys. Everything is
// computed on locals; nothing is remembered before the last check passed. A rekey is the same handshake with
// the hash of the epoch that it replaces in the prologue. Circuits and admission belong to the owner.

import { concat } from '../bytes/concat.ts'
import { compareBytes, equalBytes } from '../bytes/equal.ts'
import { tryDecode } from '../bytes/try-decode.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { edToXPublic } from '../crypto/ed-to-x.ts'
import { HandshakeState } from '../crypto/noise/handshake-state.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { Identity } from '../identity/identity.ts'
import type { RandomBytes } from '../machine/machine.ts'
import type { SessionRefusal } from '../wire/session-close.ts'
import { HANDSHAKE_MESSAGE_1_BYTES, SESSION_TAG_BYTES } from '../wire/session-setup.ts'
import type { CallerPayload } from './handshake-payload.ts'
import {
  decodeCaller,
  decodeVersionBits,
  encodeCaller,
  encodeVersionBits,
  SESSION_VERSION_BITS,
} from './handshake-payload.ts'

const PROLOGUE = utf8Encode('keymesh-e2e:1')

export interface HandshakeContext {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly identity: Identity
}

/** What a finished handshake gives. The keys belong to the session made from it, which wipes them. */
export interface SessionSecrets {
  readonly role: 'initiator' | 'responder'
  readonly remotePublicKey: Uint8Array
  /** 16 random bytes chosen by the initiator. */
  readonly tag: Uint8Array
  readonly sendKey: Uint8Array
  readonly receiveKey: Uint8Array
  /** Unique to this handshake, equal on both sides, not secret. */
  readonly handshakeHash: Uint8Array
  readonly versionBits: number
}

export type HandshakeOutcome =
  | { readonly kind: 'accepted'; readonly message: Uint8Array; readonly secrets: SessionSecrets }
  | { readonly kind: 'refused'; readonly reason: SessionRefusal }

/** Looks at an authentic caller before it is answered. @returns why not, or `undefined` to accept. */
export type CallerCheck = (caller: CallerPayload) => SessionRefusal | undefined

export class HandshakeInitiator {
  readonly #noise: HandshakeState
  readonly #remotePublicKey: Uint8Array
  readonly #tag: Uint8Array
  /** 156 bytes for the responder. */
  readonly message: Uint8Array

  /**
   * `unixMs` rises with every handshake of this identity (RisingStamps). `replaces`: the hash of the epoch
   * that a rekey replaces.
   * @throws RangeError when `remotePublicKey` is no valid key.
   */
  constructor(
    context: HandshakeContext,
    remotePublicKey: Uint8Array,
    unixMs: number,
    replaces?: Uint8Array,
  ) {
    const { suite, random, identity } = context
    const remoteStatic = edToXPublic(remotePublicKey)
    if (remoteStatic === undefined) throw new RangeError('not a valid public key')
    this.#remotePublicKey = remotePublicKey.slice()
    this.#tag = random(SESSION_TAG_BYTES)
    this.#noise = new HandshakeState({
      suite,
      random,
      pattern: 'IK',
      initiator: true,
      prologue: prologueFor(remotePublicKey, replaces),
      staticPrivate: identity.dhPrivate,
      staticPublic: identity.dhPublic,
      remoteStatic,
    })
    this.message = this.#noise.writeMessage(
      encodeCaller({
        publicKey: identity.publicKey,
        unixMs: Math.floor(unixMs),
        tag: this.#tag,
        versionBits: SESSION_VERSION_BITS,
      }),
    )
  }

  /** @returns `undefined` for a forged or incompatible message; the true one may still come. */
  finish(message: Uint8Array): SessionSecrets | undefined {
    const payload = this.#noise.readMessage(message)
    if (payload === undefined) return undefined
    const versionBits = tryDecode(() => decodeVersionBits(payload)) ?? 0
    const isCommon = versionBits !== 0 && (versionBits & SESSION_VERSION_BITS) === versionBits
    return isCommon
      ? secretsOf(this.#noise, 'initiator', this.#remotePublicKey, this.#tag, versionBits)
      : undefined
  }

  /** Call when the handshake is given up. */
  wipe(): void {
    this.#noise.wipe()
  }
}

/**
 * Answers message 1. The cheap checks come first; the public-key work of a forged message is two X25519.
 * @returns `refused` with a reason for the peer, having changed nothing.
 */
export function acceptHandshake(
  context: HandshakeContext,
  message: Uint8Array,
  check: CallerCheck,
  replaces?: Uint8Array,
): HandshakeOutcome {
  if (message.length !== HANDSHAKE_MESSAGE_1_BYTES) return { kind: 'refused', reason: 'malformed' }
  const { suite, random, identity } = context
  const noise = new HandshakeState({
    suite,
    random,
    pattern: 'IK',
    initiator: false,
    prologue: prologueFor(identity.publicKey, replaces),
    staticPrivate: identity.dhPrivate,
    staticPublic: identity.dhPublic,
  })
  const caller = readCaller(noise, message)
  const versionBits = (caller?.versionBits ?? 0) & SESSION_VERSION_BITS
  const reason = refusalOf(context, caller, versionBits, check)
  if (caller === undefined || reason !== undefined) {
    noise.wipe()
    return { kind: 'refused', reason: reason ?? 'malformed' }
  }
  const answer = noise.writeMessage(encodeVersionBits(versionBits))
  const secrets = secretsOf(noise, 'responder', caller.publicKey, caller.tag, versionBits)
  return { kind: 'accepted', message: answer, secrets }
}

/** Both sides dialed at once: the lower key's handshake goes on, the other one is refused as superseded. */
export function keepsInitiatorRole(ownPublicKey: Uint8Array, remotePublicKey: Uint8Array): boolean {
  return compareBytes(ownPublicKey, remotePublicKey) < 0
}

/** The responder cannot know the caller yet, so only the dialed key is in the prologue. */
function prologueFor(responderPublicKey: Uint8Array, replaces: Uint8Array | undefined): Uint8Array {
  return concat(PROLOGUE, responderPublicKey, replaces ?? new Uint8Array(0))
}

function readCaller(noise: HandshakeState, message: Uint8Array): CallerPayload | undefined {
  const payload = noise.readMessage(message)
  if (payload === undefined) return undefined
  const caller = tryDecode(() => decodeCaller(payload))
  const remoteStatic = noise.remoteStatic
  if (caller === undefined || remoteStatic === undefined) return undefined
  const converted = edToXPublic(caller.publicKey)
  return converted !== undefined && equalBytes(converted, remoteStatic) ? caller : undefined
}

function refusalOf(
  context: HandshakeContext,
  caller: CallerPayload | undefined,
  versionBits: number,
  check: CallerCheck,
): SessionRefusal | undefined {
  if (caller === undefined) return 'malformed'
  // Our own message, reflected, or our own key dialed.
  if (equalBytes(caller.publicKey, context.identity.publicKey)) return 'refused'
  if (versionBits === 0) return 'incompatible'
  return check(caller)
}

function secretsOf(
  noise: HandshakeState,
  role: 'initiator' | 'responder',
  remotePublicKey: Uint8Array,
  tag: Uint8Array,
  versionBits: number,
): SessionSecrets {
  const { sendKey, receiveKey } = noise.split()
  const handshakeHash = noise.handshakeHash.slice()
  noise.wipe()
  return { role, remotePublicKey, tag, sendKey, receiveKey, handshakeHash, versionBits }
}
