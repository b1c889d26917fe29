// The answer to request `relays` {} (docs/PROTOCOL.md 3.6): {relays}, records of clients that carry circuits and look for
// links among themselves. Records are bytes here, and hearsay: whoever asked verifies them.

import type { CborMap } from '../bytes/cbor.ts'
import { asBytesUpTo, getArray } from '../bytes/cbor-fields.ts'
import { MESH_RELAYS_PER_ANSWER, RECORD_MAX_BYTES } from './limits.ts'

/** Leaves out those beyond MESH_RELAYS_PER_ANSWER. */
export function relaysAnswer(records: readonly Uint8Array[]): CborMap {
  return new Map([['relays', records.slice(0, MESH_RELAYS_PER_ANSWER)]])
}

/** @throws DecodeError */
export function readRelaysAnswer(body: CborMap): readonly Uint8Array[] {
  return getArray(body, 'relays', MESH_RELAYS_PER_ANSWER).map(item =>
    asBytesUpTo(item, 'relays', RECORD_MAX_BYTES),
  )
}
