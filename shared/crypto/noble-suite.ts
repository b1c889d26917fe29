// The portable crypto provider, by the audited @noble libraries: what browsers run, and the default.
// Synchronous and without WebAssembly. Its BigInt arithmetic is written to be free of secret-dependent
// branches, but a JavaScript engine promises no constant time: servers use host/node/node-suite.ts.

import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concat } from '../bytes/concat.ts'
import { equalBytes } from '../bytes/equal.ts'
import { nobleAead } from './noble-aead.ts'
import { nobleXorStream, nonceOf } from './noble-stream.ts'
import { sharedVerdicts } from './rule-k.ts'
import type { CryptoSuite } from './suite.ts'
import { KEY_LENGTH } from './suite.ts'
import { requireKey, requireOutputs } from './suite-arguments.ts'

const { Point } = ed25519

export const nobleSuite: CryptoSuite = {
  name: 'noble',

  sha256: (...parts) => digest(sha256.create(), parts),
  sha512: (...parts) => digest(sha512.create(), parts),
  hmac: (key, ...parts) => digest(hmac.create(sha256, key), parts),

  dhPublic(privateKey) {
    requireKey('an X25519 private key', privateKey)
    return x25519.getPublicKey(privateKey)
  },

  dh(privateKey, publicKey) {
    requireKey('an X25519 private key', privateKey)
    requireKey('an X25519 public key', publicKey)
    try {
      return x25519.getSharedSecret(privateKey, publicKey)
    } catch {
      // Lengths are right, so the public key was one of low order.
      return undefined
    }
  },

  signPublic(seed) {
    requireKey('an Ed25519 seed', seed)
    return ed25519.getPublicKey(seed)
  },

  sign(seed, message) {
    requireKey('an Ed25519 seed', seed)
    return ed25519.sign(message, seed)
  },

  verify: (publicKey, message, signature) =>
    sharedVerdicts.verify(publicKey, signature, () => holds(publicKey, message, signature)),

  seal: (key, counter, ad, plaintext) => nobleAead.seal(key, nonceOf(counter), ad, plaintext),

  // The library seals into one array with the tag behind: one copy more is little beside its work.
  sealInto(key, counter, ad, plaintext, ciphertext, tag) {
    requireOutputs(plaintext, ciphertext, tag)
    const sealed = nobleAead.seal(key, nonceOf(counter), ad, plaintext)
    ciphertext.set(sealed.subarray(0, plaintext.length))
    tag.set(sealed.subarray(plaintext.length))
  },

  open: (key, counter, ad, ciphertext) => nobleAead.open(key, nonceOf(counter), ad, ciphertext),

  xorStream: nobleXorStream,
}

interface Hasher {
  update(part: Uint8Array): unknown
  digest(): Uint8Array
}

function digest(hasher: Hasher, parts: readonly Uint8Array[]): Uint8Array {
  for (const part of parts) hasher.update(part)
  return hasher.digest()
}

// R == encode(S*B - h*A), computed as Rule K states it. The library's own `verify` multiplies by the
// cofactor and would need R decoded and checked for torsion besides: twice the work for one verdict.
function holds(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const a = Point.fromBytes(publicKey, false)
    const r = signature.subarray(0, KEY_LENGTH)
    const h = Point.Fn.create(littleEndian(sha512(concat(r, publicKey, message))))
    const s = littleEndian(signature.subarray(KEY_LENGTH))
    const expected = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(h))
    return equalBytes(expected.toBytes(), r)
  } catch {
    // The key is not a point.
    return false
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}
