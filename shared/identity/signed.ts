// Signed bodies (docs/PROTOCOL.md 1.4): the signature covers u8 length, ASCII context, body. The context
// says what the body is for, so that no signature made for one purpose serves another. What was signed
// travels as those very bytes and is never encoded again.

import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { SIGNATURE_LENGTH } from '../crypto/suite.ts'
import type { Identity } from './identity.ts'

/** Everything an identity key ever signs. */
export const CONTEXT = {
  record: 'keymesh/record/1',
  service: 'keymesh/service/1',
  prekeys: 'keymesh/prekeys/1',
  link: 'keymesh/link/1',
  gossip: 'keymesh/gossip/1',
  beacon: 'keymesh/beacon/1',
  proposal: 'keymesh/proposal/1',
  vote: 'keymesh/vote/1',
  revoke: 'keymesh/revoke/1',
} as const

export type SignContext = (typeof CONTEXT)[keyof typeof CONTEXT]

export interface Signed {
  /** Canonical CBOR, exactly as signed. */
  readonly body: Uint8Array
  /** 64 bytes. */
  readonly signature: Uint8Array
}

// The array and its two elements.
const SIGNED_LIMITS = { maxDepth: 1, maxItems: 3 } as const

export function signBody(
  suite: CryptoSuite,
  identity: Identity,
  context: SignContext,
  body: Uint8Array,
): Signed {
  return { body, signature: suite.sign(identity.seed, toSign(context, body)) }
}

/** By Rule K. Says nothing about what the body means. Never throws for hostile bytes. */
export function verifySigned(
  suite: CryptoSuite,
  publicKey: Uint8Array,
  context: SignContext,
  signed: Signed,
): boolean {
  return suite.verify(publicKey, toSign(context, signed.body), signed.signature)
}

/** CBOR array [body, signature]. */
export function encodeSigned(signed: Signed): Uint8Array {
  return encodeCbor([signed.body, signed.signature])
}

/** Shape only: the signature is not judged. @throws DecodeError */
export function decodeSigned(bytes: Uint8Array): Signed {
  const value = decodeCbor(bytes, SIGNED_LIMITS)
  if (!Array.isArray(value) || value.length !== 2) {
    throw new DecodeError('signed object is not an array of two')
  }
  const [body, signature] = value
  if (!(body instanceof Uint8Array) || !(signature instanceof Uint8Array)) {
    throw new DecodeError('signed object does not hold bytes')
  }
  if (signature.length !== SIGNATURE_LENGTH) throw new DecodeError('signature is not 64 bytes')
  return { body, signature }
}

function toSign(context: SignContext, body: Uint8Array): Uint8Array {
  const label = utf8Encode(context)
  return concat(Uint8Array.of(label.length), label, body)
}
