// Records of clients that relay, as others name them: what is one is judged here, for whoever hears of it.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { decodeRecord, verifyRecord } from '../../wire/record.ts'

export interface RelayRecordExpectation {
  readonly suite: CryptoSuite
  /** The network's id. */
  readonly net: Uint8Array
}

/** Whether it is a client's that carries circuits, by its own word. */
export function isRelayClient({ record }: SignedRecord): boolean {
  return record.type === 'client' && record.relay > 0
}

/** @returns the record, if it is the valid one of a client that relays */
export function readRelayRecord(
  { suite, net }: RelayRecordExpectation,
  unixMs: number,
  bytes: Uint8Array,
): SignedRecord | undefined {
  // A copy: the received bytes are a view into a larger network buffer.
  const signed = tryDecode(() => decodeRecord(bytes.slice()))
  if (signed === undefined || !isRelayClient(signed)) return undefined
  return verifyRecord(suite, signed, { unixMs, net }) === 'valid' ? signed : undefined
}
