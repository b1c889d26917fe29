// What both sides of a login sign (docs/PROTOCOL.md 3.1): everything that was said, the channel it was
// said on, and the signer's role, so that no signature fits another login, direction or channel.

import type { CborValue } from '../bytes/cbor.ts'
import { encodeCbor } from '../bytes/cbor.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { Identity } from '../identity/identity.ts'
import { CONTEXT, signBody, verifySigned } from '../identity/signed.ts'
import type { Hello, NodeType } from '../wire/link-messages.ts'

/** Bytes of each side's nonce. */
export const NONCE_BYTES = 32

/** The HELLO as the signer or verifier knows it, and what the CHALLENGE adds. */
export interface Transcript {
  /** Its `binding` is the one that this side saw for itself. */
  readonly hello: Hello
  readonly version: number
  readonly key: Uint8Array
  readonly type: NodeType
  readonly nonce: Uint8Array
}

export function signTranscript(
  suite: CryptoSuite,
  identity: Identity,
  role: 'initiator' | 'responder',
  transcript: Transcript,
): Uint8Array {
  return signBody(suite, identity, CONTEXT.link, encodeTranscript(role, transcript)).signature
}

/** `role` and `publicKey` are the signer's. */
export function verifyTranscript(
  suite: CryptoSuite,
  publicKey: Uint8Array,
  role: 'initiator' | 'responder',
  transcript: Transcript,
  signature: Uint8Array,
): boolean {
  const body = encodeTranscript(role, transcript)
  return verifySigned(suite, publicKey, CONTEXT.link, { body, signature })
}

function encodeTranscript(role: 'initiator' | 'responder', transcript: Transcript): Uint8Array {
  const { hello, version, key, type, nonce } = transcript
  return encodeCbor(
    new Map<string, CborValue>([
      ['role', role],
      ['version', version],
      ['versions', hello.versions],
      ['net', hello.net],
      ['binding', hello.binding],
      ['initiatorKey', hello.key],
      ['initiatorType', hello.type],
      ['initiatorNonce', hello.nonce],
      ['responderKey', key],
      ['responderType', type],
      ['responderNonce', nonce],
    ]),
  )
}
