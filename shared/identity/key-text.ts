// A public key as people see it: `key_` and base58 of its 32 bytes (docs/PROTOCOL.md 2.1). Every key has
// one text. The parser takes nothing else and refuses keys that no honest node can have, so a mistyped,
// padded or crafted text fails before any network use.

import bs58 from 'bs58'
import { isValidPublicKey } from '../crypto/rule-k.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'

const PREFIX = 'key_'
// Base58 digits of 32 bytes: 32 when all are zero, 44 when all are 255.
const MIN_DIGITS = 32
const MAX_DIGITS = 44
const NOT_BASE58 = /[^1-9A-HJ-NP-Za-km-z]/

/** The message is one sentence for the person who typed the key. */
export class KeyTextError extends Error {
  override readonly name = 'KeyTextError'
}

/** @throws RangeError unless `publicKey` has 32 bytes. */
export function encodeKey(publicKey: Uint8Array): string {
  if (publicKey.length !== KEY_LENGTH) throw new RangeError('a public key has 32 bytes')
  return PREFIX + bs58.encode(publicKey)
}

/**
 * @returns the 32 bytes of a valid public key (Rule K, docs/PROTOCOL.md 1.3).
 * @throws KeyTextError for anything else than the one text of such a key.
 */
export function parseKey(text: string): Uint8Array {
  if (!text.startsWith(PREFIX)) throw new KeyTextError(`A key starts with "${PREFIX}".`)
  const digits = text.slice(PREFIX.length)
  if (digits.length < MIN_DIGITS) throw new KeyTextError('The key is too short: a part is missing.')
  if (digits.length > MAX_DIGITS) throw new KeyTextError('The key is too long.')
  const stray = NOT_BASE58.exec(digits)
  if (stray !== null) {
    const place = PREFIX.length + stray.index + 1
    throw new KeyTextError(`The key has a character at place ${place} that keys never contain.`)
  }
  const publicKey = bs58.decode(digits)
  if (publicKey.length !== KEY_LENGTH) {
    throw new KeyTextError(`The key stands for ${publicKey.length} bytes instead of ${KEY_LENGTH}.`)
  }
  if (!isValidPublicKey(publicKey)) {
    throw new KeyTextError(
      'The key is well spelled but no valid public key: check for a typing error.',
    )
  }
  return publicKey
}

/** Whether `parseKey` would accept the text. */
export function isKeyText(text: string): boolean {
  try {
    parseKey(text)
    return true
  } catch {
    return false
  }
}
