import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import {
  RECORD_MAX_BYTES,
  RECORD_MAX_ENDPOINTS,
  RECORD_MAX_LINKS,
  RECORD_MAX_META_BYTES,
  RECORD_MAX_ONION_KEYS,
  RECORD_MAX_SEALED_BYTES,
  RECORD_MAX_SERVERS,
  RECORD_MAX_TTL_S,
  RECORD_MAX_URL_CHARS,
  RECORD_MAX_VERSIONS,
} from './limits.ts'
import { decodeRecord, verifyRecord } from './record.ts'
import type { Fields } from './testing/record-fixtures.ts'
import { client, filled, NOW, server, sign, signMap, suite } from './testing/record-fixtures.ts'

describe('record limits', () => {
  const small: Fields = { ...server, endpoints: [], links: [], meta: new Map() }
  const bare = (fields: Partial<Fields>): Fields => {
    const { sealed: _, prekeys: __, ...rest } = small
    return { ...rest, ...fields }
  }
  const times = <T>(count: number, item: T): T[] => new Array<T>(count).fill(item)
  const link = { peer: filled(32, 1), kind: 'ws', rttMs: 1 } as const
  const url = (chars: number): string => `ws://${'a'.repeat(chars - 5)}`
  // {"k": "…"}: 1 + 2 + 2 bytes and the text.
  const meta = (bytes: number): Map<string, string> => new Map([['k', 'm'.repeat(bytes - 5)]])

  it.each<[string, (n: number) => Fields, number]>([
    ['ttl', n => bare({ ttlS: n }), RECORD_MAX_TTL_S],
    ['endpoints', n => bare({ endpoints: times(n, { url: 'ws://a' }) }), RECORD_MAX_ENDPOINTS],
    ['servers', n => ({ ...client, servers: times(n, filled(32, 1)) }), RECORD_MAX_SERVERS],
    ['address characters', n => bare({ endpoints: [{ url: url(n) }] }), RECORD_MAX_URL_CHARS],
    [
      'onion keys',
      n => bare({ onion: times(n, { key: filled(32, 1), expiresMs: 1 }) }),
      RECORD_MAX_ONION_KEYS,
    ],
    ['metadata bytes', n => bare({ meta: meta(n) }), RECORD_MAX_META_BYTES],
    ['sealed bytes', n => bare({ sealed: filled(n, 1) }), RECORD_MAX_SEALED_BYTES],
    [
      'versions',
      n => bare({ versions: Array.from({ length: n }, (_, i) => i + 1) }),
      RECORD_MAX_VERSIONS,
    ],
  ])('takes as many %s as allowed, and not one more', (_, make, max) => {
    expect(() => sign(make(max - 1))).not.toThrow()
    expect(() => sign(make(max))).not.toThrow()
    expect(() => sign(make(max + 1))).toThrow(RangeError)
  })

  it('a list of links is bounded, even when the bytes would allow more', () => {
    const body = (count: number): Uint8Array =>
      signMap(map => map.set('links', times(count, new Map())), bare({}))
    expect(() => decodeRecord(body(RECORD_MAX_LINKS + 1))).toThrow('over 16 items')
    expect(() => sign(bare({ links: times(12, link) }))).not.toThrow()
  })

  it('takes a record of the limit, and not one byte more', () => {
    const overhead = sign(bare({ links: times(8, link), sealed: filled(100, 1) })).bytes.length
    const exact = (extra: number): Fields =>
      bare({ links: times(8, link), sealed: filled(100 + RECORD_MAX_BYTES - overhead + extra, 1) })
    // A byte string of 256 bytes and more has one more byte of length.
    const trim = sign(exact(-10)).bytes.length - (RECORD_MAX_BYTES - 10)
    expect(sign(exact(-trim - 1)).bytes).toHaveLength(RECORD_MAX_BYTES - 1)
    const full = sign(exact(-trim))
    expect(full.bytes).toHaveLength(RECORD_MAX_BYTES)
    expect(verifyRecord(suite, full, { unixMs: NOW })).toBe('valid')
    expect(() => sign(exact(-trim + 1))).toThrow(RangeError)
    expect(() => decodeRecord(concat(full.bytes, filled(1, 0)))).toThrow('over 1024 bytes')
  })
})
