// The guards as they are kept between two runs: a CBOR array, in order, of maps {k: key 32, at: Unix ms}. It never
// goes over the wire. Damaged bytes are no guards at all, never some of them.

import type { CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap, getArray, getBytes, getUint } from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { tryDecode } from '../bytes/try-decode.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../identity/node-id.ts'
import { GUARDS_MAX } from '../wire/limits.ts'

export interface Guard {
  readonly key: KeyId
  /** When it was drawn, Unix milliseconds. */
  readonly pinnedMs: number
}

export function encodeGuards(guards: readonly Guard[]): Uint8Array {
  const items = guards.map(
    ({ key, pinnedMs }) =>
      new Map<string, CborValue>([
        ['k', publicKeyOf(key)],
        ['at', pinnedMs],
      ]),
  )
  return encodeCbor(new Map([['guards', items]]))
}

/** @returns `undefined` for damaged bytes */
export function decodeGuards(bytes: Uint8Array): Guard[] | undefined {
  return tryDecode(() => {
    const guards = getArray(asMap(decodeCbor(bytes), 'guards'), 'guards', GUARDS_MAX).map(readGuard)
    const keys = new Set(guards.map(({ key }) => key))
    if (keys.size < guards.length) throw new DecodeError('one guard stands there twice')
    return guards
  })
}

function readGuard(item: CborValue): Guard {
  const guard = asMap(item, 'guard')
  return { key: keyIdOf(getBytes(guard, 'k', KEY_LENGTH)), pinnedMs: getUint(guard, 'at') }
}
