// The two names of a node besides its key text: `KeyId`, its public key as a Map key, and its DHT id
// (docs/PROTOCOL.md 2.1). Neither says that the key is valid: parsing and verifying do.

import { fromMapKey, mapKey } from '../bytes/map-key.ts'
import type { CryptoSuite } from '../crypto/suite.ts'

/** The 32 bytes of a public key as a string of 32 characters. For tables, not for people. */
export type KeyId = string & { readonly brand: 'KeyId' }

export function keyIdOf(publicKey: Uint8Array): KeyId {
  return mapKey(publicKey) as KeyId
}

/** The public key, in a new array of 32 bytes. */
export function publicKeyOf(keyId: KeyId): Uint8Array {
  return fromMapKey(keyId)
}

/** Where a key lives in the DHT: SHA-256 of it, so that nobody can choose a place near a victim cheaply. */
export function dhtIdOf(suite: CryptoSuite, publicKey: Uint8Array): Uint8Array {
  return suite.sha256(publicKey)
}
