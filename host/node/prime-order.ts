// Whether an Ed25519 public key is a point of prime order, by two native X25519 operations: 8 times
// faster than multiplying by the group order in JavaScript, so that a flood of fresh keys costs a server
// little. Same answers as `isPrimeOrderPoint` in shared/crypto/rule-k.ts, for canonical y.
//
// With k a clamped scalar and m a clamped scalar that is 1/k modulo the group order L: both are multiples
// of 8, so X25519(m, X25519(k, u)) is the prime-order part of the point, and equals u exactly when the
// point has no other part. A y that is on no point maps to the twist, whose order is another, so u does
// not come back; points of low order end in the all-zero secret.

import { equalBytes } from '../../shared/bytes/equal.ts'
import { fromHex } from '../../shared/bytes/hex.ts'
import { montgomeryU } from '../../shared/crypto/ed-to-x.ts'
import type { CryptoSuite } from '../../shared/crypto/suite.ts'

/** Little-endian; not secret. k = 2^254 + 40. */
export const SCALAR = fromHex('2800000000000000000000000000000000000000000000000000000000000040')
/** Little-endian: 1/k mod L, plus 4 L. */
export const INVERSE = fromHex('30538e95b4d91533ea0f6d695087dd6c3938384a990900670af7f0e1bf3ec443')

export function isPrimeOrderKey(dh: CryptoSuite['dh'], publicKey: Uint8Array): boolean {
  const u = montgomeryU(publicKey)
  if (u === undefined) return false
  const multiple = dh(SCALAR, u)
  const back = multiple && dh(INVERSE, multiple)
  return back !== undefined && equalBytes(back, u)
}
