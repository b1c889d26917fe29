// Keys that are only names, readable where a test fails: nothing in this folder signs or verifies.

import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'

/** @param number not negative */
export function keyOf(number: number): KeyId {
  const text = String(number).padStart(32, '.')
  return keyIdOf(Uint8Array.from(text, char => char.charCodeAt(0)))
}

/** As many keys, numbered from `first` on. */
export function keysOf(count: number, first = 0): KeyId[] {
  return Array.from({ length: count }, (_, at) => keyOf(first + at))
}
