// The bodies of the registry's requests (docs/PROTOCOL.md 3.6): `publish` {record} → {}, `find` {key} →
// {record: bytes or null}; and of the pushes `record` {record} and `quota` {limit, retryAfter}. Records are
// bytes here; verifying them is record.ts and whoever asked.

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { getBytes, getBytesUpTo, getText, getUint } from '../bytes/cbor-fields.ts'
import { RECORD_MAX_BYTES } from './limits.ts'

const KEY_BYTES = 32
const MAX_LIMIT_CHARS = 64

/** What a peer was refused: the name of the limit, and when to try again. */
export interface QuotaNotice {
  readonly limit: string
  readonly retryAfterMs: number
}

/** The body of an answer that says only "done". */
export const EMPTY_BODY: CborMap = new Map()

/** Body of request `publish` and of push `record`. */
export function recordBody(record: Uint8Array): CborMap {
  return new Map([['record', record]])
}

/** @throws DecodeError */
export function readRecordBody(body: CborMap): Uint8Array {
  return getBytesUpTo(body, 'record', RECORD_MAX_BYTES)
}

export function findBody(key: Uint8Array): CborMap {
  return new Map([['key', key]])
}

/** The 32-byte key that is looked for. @throws DecodeError */
export function readFindBody(body: CborMap): Uint8Array {
  return getBytes(body, 'key', KEY_BYTES)
}

export function foundBody(record: Uint8Array | undefined): CborMap {
  return new Map([['record', record ?? null]])
}

/** The record, or `undefined` when the answerer has none. @throws DecodeError */
export function readFoundBody(body: CborMap): Uint8Array | undefined {
  return body.get('record') === null ? undefined : readRecordBody(body)
}

export function quotaBody(notice: QuotaNotice): CborMap {
  return new Map<string, CborValue>([
    ['limit', notice.limit],
    ['retryAfter', notice.retryAfterMs],
  ])
}

/** @throws DecodeError */
export function readQuotaBody(body: CborMap): QuotaNotice {
  return {
    limit: getText(body, 'limit', MAX_LIMIT_CHARS),
    retryAfterMs: getUint(body, 'retryAfter'),
  }
}
