// The bodies between a client and its server (docs/PROTOCOL.md 3.6): requests `publish` {record}, `revoke`
// {revocation} and `unwatch` {key} → {}, `find` {key, full?} and `watch` {key} → {record | revocation, final,
// servers?, online?}, `servers` {} → {servers?}; pushes `record` {record}, `presence` {key, record? | revocation?, online?} and `quota`
// {limit, retryAfter}. Records are bytes here; verifying them is record.ts and whoever asked.

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import {
  asBytesUpTo,
  getBoolean,
  getBytes,
  getBytesUpTo,
  getOptionalArray,
  getText,
  getUint,
} from '../bytes/cbor-fields.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import { RECORD_MAX_BYTES, RECORD_MAX_SERVERS, REVOCATION_MAX_BYTES } from './limits.ts'
import type { ValueBytes } from './registry-value.ts'
import { readOptionalValue } from './registry-value.ts'

const MAX_LIMIT_CHARS = 64

/** What a server knows of a key: the answer of `find` and of `watch`. */
export interface FindAnswer {
  /** `undefined` when there is none, or none has been found yet. */
  readonly value: ValueBytes | undefined
  /** Whether the search has ended. Else this is the first valid value: ask again for the full answer. */
  readonly isFinal: boolean
  /** Records of the servers that a found record names, as far as they are known, at most RECORD_MAX_SERVERS. */
  readonly servers: readonly Uint8Array[]
  /** Whether the key is attached, where the answerer can say. */
  readonly isOnline?: boolean
}

/** News of a watched key: what has changed. */
export interface Presence {
  /** 32 bytes. */
  readonly key: Uint8Array
  readonly value?: ValueBytes
  readonly isOnline?: boolean
}

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

export function revokeBody(revocation: Uint8Array): CborMap {
  return new Map([['revocation', revocation]])
}

/** @throws DecodeError */
export function readRevokeBody(body: CborMap): Uint8Array {
  return getBytesUpTo(body, 'revocation', REVOCATION_MAX_BYTES)
}

/** @param isFull whether to wait until the search has ended, instead of taking the first valid value */
export function findBody(key: Uint8Array, isFull = false): CborMap {
  const body = new Map<string, CborValue>([['key', key]])
  if (isFull) body.set('full', true)
  return body
}

/** Body of requests `watch` and `unwatch`. */
export function watchBody(key: Uint8Array): CborMap {
  return new Map([['key', key]])
}

/** The 32-byte key that is looked for, watched or no longer watched. @throws DecodeError */
export function readFindBody(body: CborMap): Uint8Array {
  return getBytes(body, 'key', KEY_LENGTH)
}

/** Whether a `find` waits for the end of the search. @throws DecodeError */
export function readIsFullFind(body: CborMap): boolean {
  return body.has('full') && getBoolean(body, 'full')
}

/** Answer of `find` and `watch`. Leaves out servers beyond RECORD_MAX_SERVERS. */
export function findAnswer({ value, isFinal, servers, isOnline }: FindAnswer): CborMap {
  const body = new Map<string, CborValue>([
    [value?.kind ?? 'record', value?.bytes ?? null],
    ['final', isFinal],
  ])
  if (servers.length > 0) body.set('servers', servers.slice(0, RECORD_MAX_SERVERS))
  if (isOnline !== undefined) body.set('online', isOnline)
  return body
}

/** @throws DecodeError */
export function readFindAnswer(body: CborMap): FindAnswer {
  const hasNone = body.get('record') === null && !body.has('revocation')
  return {
    value: hasNone ? undefined : readOptionalValue(body),
    isFinal: getBoolean(body, 'final'),
    servers: readServers(body),
    ...readOnline(body),
  }
}

/** Answer of `servers`: records of servers that are there. Leaves out those beyond RECORD_MAX_SERVERS. */
export function serversAnswer(servers: readonly Uint8Array[]): CborMap {
  return new Map([['servers', servers.slice(0, RECORD_MAX_SERVERS)]])
}

/** @throws DecodeError */
export function readServersAnswer(body: CborMap): readonly Uint8Array[] {
  return readServers(body)
}

export function presenceBody({ key, value, isOnline }: Presence): CborMap {
  const body = new Map<string, CborValue>([['key', key]])
  if (value !== undefined) body.set(value.kind, value.bytes)
  if (isOnline !== undefined) body.set('online', isOnline)
  return body
}

/** @throws DecodeError */
export function readPresenceBody(body: CborMap): Presence {
  const value = readOptionalValue(body)
  return {
    key: getBytes(body, 'key', KEY_LENGTH),
    ...(value !== undefined && { value }),
    ...readOnline(body),
  }
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

function readServers(body: CborMap): Uint8Array[] {
  return (getOptionalArray(body, 'servers', RECORD_MAX_SERVERS) ?? []).map(item =>
    asBytesUpTo(item, 'servers', RECORD_MAX_BYTES),
  )
}

function readOnline(body: CborMap): { isOnline?: boolean } {
  return body.has('online') ? { isOnline: getBoolean(body, 'online') } : {}
}
