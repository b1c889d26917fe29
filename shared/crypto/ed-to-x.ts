// The X25519 public key that belongs to an Ed25519 identity (docs/PROTOCOL.md 2.1): u = (1+y)/(1-y),
// so that a key alone is enough to call its holder. The way back is ambiguous: two Ed25519 keys share
// one u, so who holds a DH key must always be told by the Ed25519 key and checked with this function.

import { ed25519 } from '@noble/curves/ed25519.js'
import { mapKey } from '../bytes/map-key.ts'
import { LruMap } from '../machine/lru-map.ts'
import { CONVERTED_KEYS_MAX } from '../wire/limits.ts'
import { isValidPublicKey } from './rule-k.ts'
import { KEY_LENGTH } from './suite.ts'

const field = ed25519.Point.Fp
const converted = new LruMap<string, Uint8Array>(CONVERTED_KEYS_MAX)

/** @returns 32 bytes in a new array, or `undefined` when the key fails Rule K. */
export function edToXPublic(publicKey: Uint8Array): Uint8Array | undefined {
  if (!isValidPublicKey(publicKey)) return undefined
  const id = mapKey(publicKey)
  const known = converted.get(id) ?? montgomeryU(publicKey)
  if (known === undefined) return undefined
  converted.set(id, known)
  return known.slice()
}

/**
 * The formula alone, for 32 bytes whose y is canonical: says nothing about whether they are a point.
 * @returns `undefined` for y = 1, the neutral element, which has no u.
 */
export function montgomeryU(publicKey: Uint8Array): Uint8Array | undefined {
  let y = 0n
  for (let i = KEY_LENGTH - 1; i >= 0; i--) y = (y << 8n) | BigInt(publicKey[i] as number)
  y &= (1n << 255n) - 1n
  if (y === 1n) return undefined
  return field.toBytes(field.div(field.create(1n + y), field.create(1n - y)))
}
