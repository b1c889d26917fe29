// The signed node record (docs/PROTOCOL.md 2.2, 2.3): what a key says about itself in the registry. It
// travels as the CBOR array [body, signature], context `keymesh/record/1`, at most 1 KiB, and is kept and
// passed on as those bytes. Which of two valid records wins (the higher `seq`) is for the registry to say.

import { DecodeError } from '../bytes/decode-error.ts'
import { equalBytes } from '../bytes/equal.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { Identity } from '../identity/identity.ts'
import { CONTEXT, decodeSigned, encodeSigned, signBody, verifySigned } from '../identity/signed.ts'
import { CLOCK_SLACK_MS, RECORD_MAX_BYTES } from './limits.ts'
import type { NodeRecord } from './record-body.ts'
import { decodeRecordBody, encodeRecordBody } from './record-body.ts'

export type {
  NodeRecord,
  NodeType,
  OnionKeyEntry,
  RecordLink,
  ServerEndpoint,
} from './record-body.ts'

/** Made by `signRecord` and `decodeRecord` only, so that `record` is what `bytes` say. */
export interface SignedRecord {
  readonly record: NodeRecord
  /** The whole of it as it travels, up to RECORD_MAX_BYTES. */
  readonly bytes: Uint8Array
}

export type RecordVerdict =
  | 'valid'
  | 'badSignature'
  | 'wrongKey'
  | 'expired'
  | 'future'
  | 'wrongNetwork'

export interface RecordExpectation {
  /** Wall clock. */
  readonly unixMs: number
  /** The network that the record must belong to; any when left out. */
  readonly net?: Uint8Array
  /** The key that was asked for; any when left out. */
  readonly expectedKey?: Uint8Array
}

/**
 * Signs a record for `identity`, whose key it names.
 * @throws RangeError when the fields break a rule of the shape or make more than RECORD_MAX_BYTES.
 */
export function signRecord(
  suite: CryptoSuite,
  identity: Identity,
  fields: Omit<NodeRecord, 'key'>,
): SignedRecord {
  const body = encodeRecordBody({ ...fields, key: identity.publicKey })
  const bytes = encodeSigned(signBody(suite, identity, CONTEXT.record, body))
  try {
    // What others would refuse must not leave this node: the reader's rules are the writer's rules.
    return decodeRecord(bytes)
  } catch (error) {
    if (error instanceof DecodeError) throw new RangeError(error.message)
    throw error
  }
}

/** Shape only: nothing in it is true before `verifyRecord` says so. @throws DecodeError */
export function decodeRecord(bytes: Uint8Array): SignedRecord {
  if (bytes.length > RECORD_MAX_BYTES)
    throw new DecodeError(`record is over ${RECORD_MAX_BYTES} bytes`)
  return { record: decodeRecordBody(decodeSigned(bytes).body), bytes }
}

/** The cheap questions first, the signature (Rule K) last. */
export function verifyRecord(
  suite: CryptoSuite,
  { record, bytes }: SignedRecord,
  { unixMs, net, expectedKey }: RecordExpectation,
): RecordVerdict {
  if (expectedKey !== undefined && !equalBytes(record.key, expectedKey)) return 'wrongKey'
  if (net !== undefined && !equalBytes(record.net, net)) return 'wrongNetwork'
  if (Math.max(record.seq, record.seenMs) > unixMs + CLOCK_SLACK_MS) return 'future'
  if (unixMs >= recordExpiryMs(record)) return 'expired'
  const isSigned = verifySigned(suite, record.key, CONTEXT.record, decodeSigned(bytes))
  return isSigned ? 'valid' : 'badSignature'
}

/** From this wall-clock moment on a record is expired. Slack is included: clocks differ by minutes. */
export function recordExpiryMs(record: NodeRecord): number {
  return record.seenMs + record.ttlS * 1000 + CLOCK_SLACK_MS
}
