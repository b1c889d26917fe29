// Key derivation: HKDF-SHA-256 (RFC 5869) and the form of it that Noise uses (Noise rev 34, 4.3).

import { wipe } from '../bytes/wipe.ts'
import type { CryptoSuite } from './suite.ts'
import { KEY_LENGTH } from './suite.ts'

export interface HkdfInput {
  /** Input keying material, not wiped here. */
  readonly ikm: Uint8Array
  /** May be empty. */
  readonly salt: Uint8Array
  readonly info: Uint8Array
  /** Bytes wanted, 0 to 8,160 (RFC 5869 2.3). */
  readonly length: number
}

const MAX_HKDF_BYTES = 255 * KEY_LENGTH

/** @throws RangeError for a length that RFC 5869 does not allow. */
export function hkdf(suite: CryptoSuite, { ikm, salt, info, length }: HkdfInput): Uint8Array {
  if (!Number.isInteger(length) || length < 0 || length > MAX_HKDF_BYTES) {
    throw new RangeError(`HKDF-SHA-256 gives 0 to ${MAX_HKDF_BYTES} bytes`)
  }
  const pseudoRandomKey = suite.hmac(salt, ikm)
  const okm = new Uint8Array(length)
  const counter = new Uint8Array(1)
  let block: Uint8Array = new Uint8Array(0)
  for (let offset = 0; offset < length; offset += KEY_LENGTH) {
    counter[0] = offset / KEY_LENGTH + 1
    const next = suite.hmac(pseudoRandomKey, block, info, counter)
    okm.set(next.subarray(0, length - offset), offset)
    wipe(block)
    block = next
  }
  wipe(block, pseudoRandomKey)
  return okm
}

/** Noise's HKDF with two outputs, each in an array of its own so that it can be wiped alone. */
export function noiseHkdf(
  suite: CryptoSuite,
  chainingKey: Uint8Array,
  ikm: Uint8Array,
): [Uint8Array, Uint8Array] {
  const tempKey = suite.hmac(chainingKey, ikm)
  const first = suite.hmac(tempKey, Uint8Array.of(1))
  const second = suite.hmac(tempKey, first, Uint8Array.of(2))
  wipe(tempKey)
  return [first, second]
}
