// What the registry keeps under a key (docs/PROTOCOL.md 2.3): its newest record, or its revocation, which is
// final. Says which of two values wins, so that all holders and readers come to the same one.

import type { CborMap } from '../bytes/cbor.ts'
import { getBytesUpTo } from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { compareBytes } from '../bytes/equal.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { RECORD_MAX_BYTES, REVOCATION_MAX_BYTES } from './limits.ts'
import type { RecordExpectation, RecordVerdict, SignedRecord } from './record.ts'
import { decodeRecord, verifyRecord } from './record.ts'
import type { SignedRevocation } from './revocation.ts'
import { decodeRevocation, verifyRevocation } from './revocation.ts'

export type RegistryValue =
  | { readonly kind: 'record'; readonly signed: SignedRecord }
  | { readonly kind: 'revocation'; readonly signed: SignedRevocation }

export type ValueKind = RegistryValue['kind']

/** A value as it travels: its fields are not read, nothing in it is judged. */
export interface ValueBytes {
  readonly kind: ValueKind
  readonly bytes: Uint8Array
}

/** Shape only: nothing in it is true before `verifyValue` says so. @throws DecodeError */
export function decodeValue({ kind, bytes }: ValueBytes): RegistryValue {
  return kind === 'record'
    ? { kind, signed: decodeRecord(bytes) }
    : { kind, signed: decodeRevocation(bytes) }
}

/** As `verifyRecord` or `verifyRevocation`. */
export function verifyValue(
  suite: CryptoSuite,
  value: RegistryValue,
  expectation: RecordExpectation,
): RecordVerdict {
  return value.kind === 'record'
    ? verifyRecord(suite, value.signed, expectation)
    : verifyRevocation(suite, value.signed, expectation)
}

/** The public key that a value is about. */
export function keyOfValue(value: RegistryValue): Uint8Array {
  return value.kind === 'record' ? value.signed.record.key : value.signed.revocation.key
}

/**
 * Whether a holder of `old`, of the same key, takes `value` instead: a revocation for every record, a record
 * for one with a lower `seq`. Of revocations one without a successor wins, so that who stole a key, and dates
 * back what he signs, never has the last word on who follows it; then the earliest, then the one with the lower
 * bytes. Never between two records with one `seq`, which is their publisher's error.
 */
export function supersedes(value: RegistryValue, old: RegistryValue): boolean {
  if (value.kind === 'record') {
    return old.kind === 'record' && value.signed.record.seq > old.signed.record.seq
  }
  if (old.kind === 'record') return true
  const namesSuccessor = value.signed.revocation.successor !== undefined
  const oldNamesSuccessor = old.signed.revocation.successor !== undefined
  if (namesSuccessor !== oldNamesSuccessor) return oldNamesSuccessor
  const earlierMs = old.signed.revocation.atMs - value.signed.revocation.atMs
  return (earlierMs || compareBytes(old.signed.bytes, value.signed.bytes)) > 0
}

/** The value that wins, for readers: of two records with one `seq` the one with the lower bytes. */
export function newerOf(a: RegistryValue, b: RegistryValue): RegistryValue {
  if (supersedes(b, a)) return b
  if (supersedes(a, b)) return a
  return compareBytes(a.signed.bytes, b.signed.bytes) <= 0 ? a : b
}

/** The one of the fields `record` and `revocation` that a body has, if any. @throws DecodeError for both */
export function readOptionalValue(body: CborMap): ValueBytes | undefined {
  const isRecord = body.has('record')
  if (isRecord && body.has('revocation')) {
    throw new DecodeError('body has both a record and a revocation')
  }
  if (isRecord) return { kind: 'record', bytes: getBytesUpTo(body, 'record', RECORD_MAX_BYTES) }
  if (!body.has('revocation')) return undefined
  return { kind: 'revocation', bytes: getBytesUpTo(body, 'revocation', REVOCATION_MAX_BYTES) }
}

/** @throws DecodeError unless a body has exactly one of the fields `record` and `revocation` */
export function readValue(body: CborMap): ValueBytes {
  const value = readOptionalValue(body)
  if (value === undefined) throw new DecodeError('body has neither a record nor a revocation')
  return value
}
