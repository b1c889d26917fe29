// Which X25519 public keys lead to an all-zero shared secret whatever the private key (RFC 7748 6.1):
// the points of order 1, 2, 4 and 8 on the curve and its twist. A handshake that reads such a key
// refuses it at once, long before the first DH with it. Public values only: not constant time.

import { fromHex } from '../bytes/hex.ts'
import { KEY_LENGTH } from './suite.ts'

// Every encoding below 2^255 of u = 0, 1, -1 and the two of order 8, reduced and unreduced.
const LOW_ORDER: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(fromHex)

export function isLowOrder(dhPublicKey: Uint8Array): boolean {
  return LOW_ORDER.some(point => isSamePoint(point, dhPublicKey))
}

// X25519 ignores the top bit of the last byte (RFC 7748 5).
function isSamePoint(point: Uint8Array, key: Uint8Array): boolean {
  const last = KEY_LENGTH - 1
  if (key.length !== KEY_LENGTH || point[last] !== ((key[last] as number) & 0x7f)) return false
  for (let i = 0; i < last; i++) if (point[i] !== key[i]) return false
  return true
}
