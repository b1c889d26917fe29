// Raw 32-byte keys as key objects of node:crypto. They are imported as JWK: measured 4 µs for a public
// key, where DER takes 100 and more, because JWK skips OpenSSL's decoders. A private key takes 24 µs in
// either form, as OpenSSL derives its public half; hence the cache. The price of JWK is a short-lived
// base64 string of the secret that cannot be wiped.

import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, hash } from 'node:crypto'
import { equalBytes } from '../../shared/bytes/equal.ts'

export type Curve = 'X25519' | 'Ed25519'

export function importPublicKey(curve: Curve, raw: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: curve, x: base64Url(raw) }, format: 'jwk' })
}

/** The public half of a private key object, in a new array. */
export function rawPublicKey(privateKey: KeyObject): Uint8Array {
  // By way of a public key object, so that no text of the private half is made.
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'))
}

interface ImportedKey {
  readonly curve: Curve
  /** SHA-256 of the bytes that were imported: no second copy of the secret. */
  readonly digest: Uint8Array
  readonly keyObject: KeyObject
}

// Kept on the array that holds the secret, so that it goes when the owner lets that array go, at the next
// minor collection. A WeakMap is emptied by major ones only: 40,000 dead keys, 150 MB, were seen in it.
const IMPORTED = Symbol('imported key')

interface KeyBytes extends Uint8Array {
  [IMPORTED]?: ImportedKey
}

/** The key object of a secret; made anew when the array's bytes have changed since, as by a wipe. */
export function privateKeyObject(curve: Curve, raw: KeyBytes): KeyObject {
  const digest = hash('sha256', raw, 'buffer')
  const known = raw[IMPORTED]
  if (known?.curve === curve && equalBytes(known.digest, digest)) return known.keyObject
  const keyObject = importPrivateKey(curve, raw)
  const value: ImportedKey = { curve, digest, keyObject }
  // Hidden from enumeration and comparison; an array that takes no properties is simply not cached.
  Reflect.defineProperty(raw, IMPORTED, { value, configurable: true })
  return keyObject
}

// OpenSSL derives the public half itself and never reads `x`, which only has to be there.
function importPrivateKey(curve: Curve, raw: Uint8Array): KeyObject {
  const key = { kty: 'OKP', crv: curve, d: base64Url(raw), x: '' }
  return createPrivateKey({ key, format: 'jwk' })
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')
}
