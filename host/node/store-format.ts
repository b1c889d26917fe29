// The bytes of file-store.ts: a header, then entries in the order in which they were written. Of two
// entries with one key the later counts. Reads and writes no file.
//
//   header: "keymesh-store-1\n"
//   entry:  u32 length of the body | 8 bytes, start of the SHA-256 of the body | body
//   body:   u8 kind (1 value, 2 deleted) | u16 length of the key | key in ASCII | value

import { hash } from 'node:crypto'

export const STORE_HEADER = Buffer.from('keymesh-store-1\n', 'latin1')

/** Bytes of one body: what a damaged length may make us look at. */
const MAX_BODY_BYTES = 65_536
const CHECK_BYTES = 8
const HEAD_BYTES = 4 + CHECK_BYTES
const BODY_HEAD_BYTES = 3
const VALUE = 1
const DELETED = 2

export interface StoreEntry {
  readonly key: string
  /** A view; `undefined` means that the key was deleted. */
  readonly value: Uint8Array | undefined
  readonly offset: number
  readonly length: number
}

/**
 * `torn`: the last entry is not whole, as after a crash in the middle of a write.
 * `damaged`: something else is wrong, and what follows `goodBytes` cannot be trusted.
 */
export interface StoreScan {
  readonly entries: readonly StoreEntry[]
  readonly goodBytes: number
  readonly ending: 'whole' | 'torn' | 'damaged'
}

/** @throws RangeError for a key that is empty or not ASCII, or an entry that is too long */
export function encodeEntry(key: string, value: Uint8Array | undefined): Buffer {
  const bodyBytes = BODY_HEAD_BYTES + key.length + (value?.length ?? 0)
  if (!/^[\x20-\x7e]+$/.test(key) || bodyBytes > MAX_BODY_BYTES) {
    throw new RangeError('a stored value has a short ASCII key and at most 64 KiB')
  }
  const entry = Buffer.alloc(HEAD_BYTES + bodyBytes)
  const body = entry.subarray(HEAD_BYTES)
  body.writeUInt8(value === undefined ? DELETED : VALUE, 0)
  body.writeUInt16BE(key.length, 1)
  body.write(key, BODY_HEAD_BYTES, 'latin1')
  if (value !== undefined) body.set(value, BODY_HEAD_BYTES + key.length)
  entry.writeUInt32BE(bodyBytes, 0)
  entry.set(checkOf(body), 4)
  return entry
}

/** Reads a whole file, or what is left of one. */
export function scanStore(bytes: Buffer): StoreScan {
  const entries: StoreEntry[] = []
  const header = bytes.subarray(0, STORE_HEADER.length)
  if (!header.equals(STORE_HEADER)) {
    const isBegun = STORE_HEADER.subarray(0, bytes.length).equals(bytes)
    return { entries, goodBytes: 0, ending: isBegun ? 'torn' : 'damaged' }
  }
  let offset = STORE_HEADER.length
  while (offset < bytes.length) {
    const entry = readEntry(bytes, offset)
    if (typeof entry === 'string') return { entries, goodBytes: offset, ending: entry }
    entries.push(entry)
    offset += entry.length
  }
  return { entries, goodBytes: offset, ending: 'whole' }
}

function readEntry(bytes: Buffer, offset: number): StoreEntry | 'torn' | 'damaged' {
  if (bytes.length - offset < HEAD_BYTES) return 'torn'
  const bodyBytes = bytes.readUInt32BE(offset)
  if (bodyBytes < BODY_HEAD_BYTES || bodyBytes > MAX_BODY_BYTES) return 'damaged'
  const start = offset + HEAD_BYTES
  const body = bytes.subarray(start, start + bodyBytes)
  if (body.length < bodyBytes) return 'torn'
  if (!checkOf(body).equals(bytes.subarray(offset + 4, start))) return 'damaged'
  const valueAt = BODY_HEAD_BYTES + body.readUInt16BE(1)
  const kind = body.readUInt8(0)
  if (valueAt > bodyBytes || (kind !== VALUE && kind !== DELETED)) return 'damaged'
  return {
    key: body.toString('latin1', BODY_HEAD_BYTES, valueAt),
    value: kind === VALUE ? body.subarray(valueAt) : undefined,
    offset,
    length: HEAD_BYTES + bodyBytes,
  }
}

function checkOf(body: Buffer): Buffer {
  return hash('sha256', body, 'buffer').subarray(0, CHECK_BYTES)
}
