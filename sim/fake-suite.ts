// A crypto provider for the simulator only: the shapes of the real one at a hundredth of its cost, so that
// hundreds of thousands of records can be signed and verified. It protects nothing: the hash is a mixer,
// a signature follows from the public key, and whoever wants a place in the DHT writes it into a seed.

import { concat } from '../shared/bytes/concat.ts'
import { equalBytes } from '../shared/bytes/equal.ts'
import type { CryptoSuite } from '../shared/crypto/suite.ts'
import { KEY_LENGTH, SIGNATURE_LENGTH, TAG_LENGTH } from '../shared/crypto/suite.ts'
import { mixBytes } from './mix-bytes.ts'

/** How many leading bytes of a DHT id `groundSeed` chooses. */
export const GROUND_ID_BYTES = 16
/** What a ground key begins with; honest keys do by chance only. */
const GROUND_MARK = Uint8Array.of(0x67, 0x72, 0x6e, 0x64)
const PUBLIC_LABEL = Uint8Array.of(1)
const SIGN_LABEL = Uint8Array.of(2)
const DH_LABEL = Uint8Array.of(3)
const MAC_LABEL = Uint8Array.of(4)
const STREAM_LABEL = Uint8Array.of(5)
const DH_MASK = 0x5a

export const fakeSuite: CryptoSuite = {
  name: 'fake',

  sha256: (...parts) => groundId(parts) ?? mixBytes(KEY_LENGTH, joined(parts)),
  sha512: (...parts) => mixBytes(2 * KEY_LENGTH, joined(parts)),
  hmac: (key, ...parts) => mixBytes(KEY_LENGTH, concat(MAC_LABEL, key, ...parts)),

  dhPublic: privateKey => privateKey.map(byte => byte ^ DH_MASK),
  dh(privateKey, publicKey) {
    const own = privateKey.map(byte => byte ^ DH_MASK)
    const [first, second] = isBelow(own, publicKey) ? [own, publicKey] : [publicKey, own]
    return mixBytes(KEY_LENGTH, concat(DH_LABEL, first, second))
  },

  signPublic: seed =>
    isGround(seed) ? seed.slice() : mixBytes(KEY_LENGTH, concat(PUBLIC_LABEL, seed)),
  sign: (seed, message) => signatureOf(fakeSuite.signPublic(seed), message),
  verify: (publicKey, message, signature) =>
    signature.length === SIGNATURE_LENGTH && equalBytes(signatureOf(publicKey, message), signature),

  seal(key, counter, ad, plaintext) {
    const ciphertext = fakeSuite.xorStream(key, counter, 1, plaintext)
    return concat(ciphertext, tagOf(key, counter, ad, ciphertext))
  },
  sealInto(key, counter, ad, plaintext, ciphertext, tag) {
    ciphertext.set(fakeSuite.xorStream(key, counter, 1, plaintext))
    tag.set(tagOf(key, counter, ad, ciphertext))
  },
  open(key, counter, ad, sealed) {
    if (sealed.length < TAG_LENGTH) return undefined
    const ciphertext = sealed.subarray(0, sealed.length - TAG_LENGTH)
    const isTrue = equalBytes(
      tagOf(key, counter, ad, ciphertext),
      sealed.subarray(sealed.length - TAG_LENGTH),
    )
    return isTrue ? fakeSuite.xorStream(key, counter, 1, ciphertext) : undefined
  },
  xorStream(key, counter, blockCounter, data) {
    const nonce = numbers(counter, blockCounter)
    const stream = mixBytes(data.length, concat(STREAM_LABEL, key, nonce))
    return data.map((byte, at) => byte ^ (stream[at] ?? 0))
  },
}

/**
 * The seed of an identity whose DHT id begins with `idPrefix` (GROUND_ID_BYTES): what an attacker who
 * makes keys until one lies well gets by work.
 * @param salt tells identities with one prefix apart: 12 bytes
 * @throws RangeError for other lengths
 */
export function groundSeed(idPrefix: Uint8Array, salt: Uint8Array): Uint8Array {
  const seed = concat(GROUND_MARK, idPrefix, salt)
  if (idPrefix.length !== GROUND_ID_BYTES || seed.length !== KEY_LENGTH) {
    throw new RangeError('a ground seed is a prefix of 16 bytes and a salt of 12')
  }
  return seed
}

/** The chosen place, when it is a ground key that is hashed. */
function groundId(parts: readonly Uint8Array[]): Uint8Array | undefined {
  const [key] = parts
  if (parts.length !== 1 || key === undefined || !isGround(key)) return undefined
  const id = mixBytes(KEY_LENGTH, key)
  id.set(key.subarray(GROUND_MARK.length, GROUND_MARK.length + GROUND_ID_BYTES))
  return id
}

/** Most hashes are of one array: nothing to join. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  return only !== undefined && parts.length === 1 ? only : concat(...parts)
}

function isGround(key: Uint8Array): boolean {
  return key.length === KEY_LENGTH && GROUND_MARK.every((byte, at) => key[at] === byte)
}

function signatureOf(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  return mixBytes(SIGNATURE_LENGTH, concat(SIGN_LABEL, publicKey, message))
}

function tagOf(key: Uint8Array, counter: number, ad: Uint8Array, data: Uint8Array): Uint8Array {
  return mixBytes(TAG_LENGTH, concat(MAC_LABEL, key, numbers(counter, ad.length), ad, data))
}

function numbers(a: number, b: number): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setFloat64(0, a)
  view.setFloat64(8, b)
  return bytes
}

function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  const at = a.findIndex((byte, index) => byte !== b[index])
  return (a[at] ?? 0) < (b[at] ?? 0)
}
