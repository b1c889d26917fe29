// Rule K (docs/PROTOCOL.md 1.3): one verdict on a signature, whatever library computes it. The signature
// has 64 bytes, S < L, the key is canonical, of prime order, and R is byte for byte S*B - h*A. This
// file holds the parts that do not depend on a provider. Public values only: nothing is constant time.

import { ed25519 } from '@noble/curves/ed25519.js'
import { mapKey } from '../bytes/map-key.ts'
import { LruMap } from '../machine/lru-map.ts'
import { KEY_VERDICTS_MAX } from '../wire/limits.ts'
import { KEY_LENGTH, SIGNATURE_LENGTH } from './suite.ts'

// p = 2^255 - 19 and L = 2^252 + 27742317777372353535851937790883648493, big-endian.
const FIELD_PRIME = bigEndian(ed25519.Point.Fp.ORDER)
const GROUP_ORDER = bigEndian(ed25519.Point.Fn.ORDER)

/** Whether 32 bytes are the canonical encoding of a point of prime order. Costs 0.1 to 1 ms. */
export type PointCheck = (publicKey: Uint8Array) => boolean

/** Verdicts on public keys, each found once; the least recently used are forgotten. */
export class KeyVerdicts {
  #verdicts = new LruMap<string, boolean>(KEY_VERDICTS_MAX)
  #check: PointCheck

  constructor(check: PointCheck) {
    this.#check = check
  }

  /** Judges by another check, which gives the same answers, from now on; forgets what the former one said. */
  checkBy(check: PointCheck): void {
    this.#check = check
    this.#verdicts = new LruMap(KEY_VERDICTS_MAX)
  }

  isValid(publicKey: Uint8Array): boolean {
    if (publicKey.length !== KEY_LENGTH || !hasCanonicalY(publicKey)) return false
    const id = mapKey(publicKey)
    const known = this.#verdicts.get(id)
    if (known !== undefined) return known
    const verdict = this.#check(publicKey)
    this.#verdicts.set(id, verdict)
    return verdict
  }

  /**
   * Both halves of Rule K. An unknown key is judged only after its signature held: a flood of forged
   * signatures under fresh keys then costs one cheap test each, and pushes no verdict out.
   * @param holds whether R is byte for byte S*B - h*A; its answer counts for valid keys only.
   */
  verify(publicKey: Uint8Array, signature: Uint8Array, holds: () => boolean): boolean {
    if (publicKey.length !== KEY_LENGTH || !hasCanonicalS(signature)) return false
    if (this.#verdicts.peek(mapKey(publicKey)) === false) return false
    return holds() && this.isValid(publicKey)
  }
}

/** 64 bytes, of which the last 32 are a number below the group order L (no second form of a signature). */
export function hasCanonicalS(signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH) return false
  return isBelow(signature.subarray(KEY_LENGTH), 0xff, GROUP_ORDER)
}

/** The key check of Rule K alone. Also what makes 32 bytes an identity (docs/PROTOCOL.md 2.1). */
export function isValidPublicKey(publicKey: Uint8Array): boolean {
  return sharedVerdicts.isValid(publicKey)
}

/** The check in portable code; a provider may bring a faster one (`checkBy`). */
export function isPrimeOrderPoint(publicKey: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(publicKey, false)
    return !point.isSmallOrder() && point.isTorsionFree()
  } catch {
    return false
  }
}

/** The one table of a process: what a key text was judged by need not be found again for a record. */
export const sharedVerdicts = new KeyVerdicts(isPrimeOrderPoint)

// The sign of x is the top bit, so the number is judged without it.
function hasCanonicalY(publicKey: Uint8Array): boolean {
  return isBelow(publicKey, 0x7f, FIELD_PRIME)
}

function isBelow(littleEndian: Uint8Array, topMask: number, bound: Uint8Array): boolean {
  for (let i = 0; i < KEY_LENGTH; i++) {
    const byte = littleEndian[KEY_LENGTH - 1 - i] as number
    const difference = (i === 0 ? byte & topMask : byte) - (bound[i] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}

function bigEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(KEY_LENGTH)
  for (let i = KEY_LENGTH - 1, rest = value; i >= 0; i--, rest >>= 8n)
    bytes[i] = Number(rest & 0xffn)
  return bytes
}
