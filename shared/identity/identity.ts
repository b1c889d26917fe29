// A node's identity: one 32-byte seed gives the Ed25519 key that is its name and signs, and the X25519
// key that others reach by converting that name (docs/PROTOCOL.md 2.1). Holds secrets: the owner wipes it.

import { wipe } from '../bytes/wipe.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import { encodeKey } from './key-text.ts'
import type { KeyId } from './node-id.ts'
import { keyIdOf } from './node-id.ts'

/** Length of an identity's seed. */
export const SEED_BYTES = 32

export interface Identity {
  /** Secret, 32 bytes. */
  readonly seed: Uint8Array
  /** Ed25519, 32 bytes: who this node is. */
  readonly publicKey: Uint8Array
  readonly keyId: KeyId
  /** `key_…`, as people see it. */
  readonly keyText: string
  /** Secret X25519 key, 32 bytes, clamped. */
  readonly dhPrivate: Uint8Array
  /** Equals the conversion of `publicKey` (crypto/ed-to-x.ts). */
  readonly dhPublic: Uint8Array
}

/**
 * Keeps a copy of `seed`.
 * @throws RangeError unless the seed has 32 bytes.
 */
export function createIdentity(suite: CryptoSuite, seed: Uint8Array): Identity {
  if (seed.length !== SEED_BYTES) throw new RangeError('an identity seed has 32 bytes')
  const publicKey = suite.signPublic(seed)
  const dhPrivate = dhPrivateOf(suite, seed)
  return {
    seed: seed.slice(),
    publicKey,
    keyId: keyIdOf(publicKey),
    keyText: encodeKey(publicKey),
    dhPrivate,
    dhPublic: suite.dhPublic(dhPrivate),
  }
}

/** Erases the secrets; the identity can no longer sign or agree on keys. */
export function wipeIdentity(identity: Identity): void {
  wipe(identity.seed, identity.dhPrivate)
}

/** The scalar that Ed25519 derives from the seed (RFC 8032 5.1.5), which X25519 clamps alike. */
function dhPrivateOf(suite: CryptoSuite, seed: Uint8Array): Uint8Array {
  const digest = suite.sha512(seed)
  const scalar = digest.slice(0, KEY_LENGTH)
  wipe(digest)
  scalar[0] = (scalar[0] as number) & 0xf8
  scalar[31] = ((scalar[31] as number) & 0x7f) | 0x40
  return scalar
}
