// Keys as callers write and read them: text here, a KeyId inside.

import { encodeKey, parseKey } from '../shared/identity/key-text.ts'
import type { KeyId } from '../shared/identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../shared/identity/node-id.ts'
import { MeshError } from '../shared/node/mesh-error.ts'

/** @throws {MeshError} `INVALID_KEY` */
export function readKey(text: string): KeyId {
  // Callers without types: an argument that was left out, for one.
  if (typeof text !== 'string') throw noText(text)
  try {
    return keyIdOf(parseKey(text))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'It is not a key.'
    throw new MeshError('INVALID_KEY', reason, { cause })
  }
}

/** As `readKey`, for those that a node reaches. @throws {MeshError} `INVALID_KEY`, `REFUSED` for `own` */
export function readPeerKey(text: string, own: KeyId): KeyId {
  const key = readKey(text)
  if (key !== own) return key
  throw new MeshError('REFUSED', 'This is your own key.', {
    hint: 'Give your key to somebody else, and dial theirs.',
  })
}

function noText(given: unknown): MeshError {
  const what = given === undefined || given === null ? String(given) : kindOf(given)
  return new MeshError('INVALID_KEY', `A key is text that starts with "key_", not ${what}.`)
}

function kindOf(given: unknown): string {
  const kind = typeof given
  return `${kind === 'object' ? 'an' : 'a'} ${kind}`
}

export function writeKey(key: KeyId): string {
  return encodeKey(publicKeyOf(key))
}
