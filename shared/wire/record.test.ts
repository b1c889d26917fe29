import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { CborValue } from '../bytes/cbor.ts'
import { encodeCbor } from '../bytes/cbor.ts'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { CONTEXT, decodeSigned, encodeSigned, signBody } from '../identity/signed.ts'
import { RECORD_MAX_TTL_S } from './limits.ts'
import { decodeRecord, verifyRecord } from './record.ts'
import type { Fields } from './testing/record-fixtures.ts'
import {
  client,
  filled,
  identity,
  NOW,
  server,
  sign,
  signMap,
  suite,
} from './testing/record-fixtures.ts'

interface RecordVector {
  readonly name: string
  readonly seed: string
  readonly unixMs: number
  readonly body: string
  readonly record: string
}

const { vectors } = JSON.parse(
  readFileSync(new URL('./vectors/record.json', import.meta.url), 'utf8'),
) as { vectors: RecordVector[] }

describe('record vectors', () => {
  it.each([
    ['client', client],
    ['server', server],
  ])('a %s record has these bytes', (name, fields) => {
    const vector = vectors.find(one => one.name === name)
    expect(vector?.seed).toBe(toHex(identity.seed))
    expect(vector?.unixMs).toBe(NOW)
    const signed = sign(fields)
    expect(toHex(signed.bytes)).toBe(vector?.record)
    expect(toHex(decodeSigned(signed.bytes).body)).toBe(vector?.body)
    expect(signed.record).toEqual({ ...fields, key: identity.publicKey })
    expect(verifyRecord(suite, decodeRecord(fromHex(vector?.record ?? '')), { unixMs: NOW })).toBe(
      'valid',
    )
  })

  it('the smallest client record, field by field', () => {
    const body = [
      'aa', // ten fields, sorted by length and then by letter
      '6176 8101', // v: [1]
      `636b6579 5820${toHex(identity.publicKey)}`, // key
      `636e6574 50${'aa'.repeat(16)}`, // net
      '63736571 1b000001a3185c5000', // seq
      '6374746c 190e10', // ttl: 3600
      '647365656e 1b000001a3185c5000', // seen
      '6474797065 66636c69656e74', // type: client
      `656f6e696f6e 81 a2 63657870 1b000001a31d82ac00 636b6579 5820${'c1'.repeat(32)}`, // onion
      '6572656c6179 00', // relay
      `69656e64706f696e7473 82 5820${'b1'.repeat(32)} 5820${'b2'.repeat(32)}`, // endpoints
    ]
      .join('')
      .replaceAll(' ', '')
    expect(toHex(decodeSigned(sign(client).bytes).body)).toBe(body)
  })
})

describe('decodeRecord', () => {
  it('gives back what was signed, and keeps the bytes', () => {
    for (const fields of [client, server]) {
      const { bytes } = sign(fields)
      const decoded = decodeRecord(bytes)
      expect(decoded.record).toEqual({ ...fields, key: identity.publicKey })
      expect(decoded.bytes).toBe(bytes)
    }
  })

  it('refuses every strict prefix and trailing bytes', () => {
    const { bytes } = sign(server)
    for (let n = 0; n < bytes.length; n++) {
      expect(() => decodeRecord(bytes.subarray(0, n))).toThrow(DecodeError)
    }
    expect(() => decodeRecord(concat(bytes, filled(1, 0)))).toThrow(DecodeError)
  })

  it.each<[string, string, CborValue | undefined]>([
    ['no key', 'key', undefined],
    ['a short key', 'key', filled(31, 1)],
    ['no type', 'type', undefined],
    ['an unknown type', 'type', 'relay'],
    ['a type that is no text', 'type', 1],
    ['no seq', 'seq', undefined],
    ['a negative seq', 'seq', -1],
    ['no ttl', 'ttl', undefined],
    ['a ttl of nothing', 'ttl', 0],
    ['a ttl of more than a day', 'ttl', RECORD_MAX_TTL_S + 1],
    ['no seen', 'seen', undefined],
    ['a seen that is text', 'seen', '0'],
    ['no network', 'net', undefined],
    ['a long network id', 'net', filled(17, 1)],
    ['no endpoints', 'endpoints', undefined],
    ['keys as endpoints of a server', 'endpoints', [filled(32, 1)]],
    ['an endpoint without an address', 'endpoints', [new Map([['cert', filled(32, 1)]])]],
    ['a web page as endpoint', 'endpoints', [new Map([['url', 'https://a.example']])]],
    ['a script as endpoint', 'endpoints', [new Map([['url', 'javascript:alert(1)']])]],
    ['an address with a space', 'endpoints', [new Map([['url', 'ws://a.example /']])]],
    ['an address with a line break', 'endpoints', [new Map([['url', 'ws://a.example\n']])]],
    ['an address in other letters', 'endpoints', [new Map([['url', 'ws://\u0430.example']])]],
    ['an empty address', 'endpoints', [new Map([['url', 'ws://']])]],
    [
      'a short certificate hash',
      'endpoints',
      [
        new Map<string, CborValue>([
          ['url', 'ws://a'],
          ['cert', filled(31, 1)],
        ]),
      ],
    ],
    [
      'a link without a peer',
      'links',
      [
        new Map<string, CborValue>([
          ['kind', 'ws'],
          ['rtt', 1],
        ]),
      ],
    ],
    [
      'an unknown kind of link',
      'links',
      [
        new Map<string, CborValue>([
          ['kind', 'tcp'],
          ['peer', filled(32, 1)],
          ['rtt', 1],
        ]),
      ],
    ],
    [
      'a link without a round trip',
      'links',
      [
        new Map<string, CborValue>([
          ['kind', 'ws'],
          ['peer', filled(32, 1)],
        ]),
      ],
    ],
    ['no relay class', 'relay', undefined],
    ['a relay class above 255', 'relay', 256],
    ['no onion field', 'onion', undefined],
    ['no onion key', 'onion', []],
    ['an onion key without expiry', 'onion', [new Map([['key', filled(32, 1)]])]],
    [
      'a short onion key',
      'onion',
      [
        new Map<string, CborValue>([
          ['exp', 1],
          ['key', filled(31, 1)],
        ]),
      ],
    ],
    ['a short prekey digest', 'prekeys', filled(31, 1)],
    ['metadata that is a list', 'meta', ['a']],
    ['metadata that is not text', 'meta', new Map([['a', 1]])],
    ['sealed metadata that is text', 'sealed', 'a'],
    ['no versions field', 'v', undefined],
    ['no version', 'v', []],
    ['version 0', 'v', [0]],
    ['a version twice', 'v', [1, 1]],
    ['versions going down', 'v', [2, 1]],
    ['a version above 65535', 'v', [65_536]],
    ['a version that is text', 'v', ['1']],
  ])('refuses %s', (_, field, value) => {
    const bytes = signMap(body => {
      if (value === undefined) body.delete(field)
      else body.set(field, value)
    })
    expect(() => decodeRecord(bytes)).toThrow(DecodeError)
  })

  it('refuses a body that is no map', () => {
    const signed = signBody(suite, identity, CONTEXT.record, encodeCbor([1]))
    expect(() => decodeRecord(encodeSigned(signed))).toThrow(DecodeError)
  })
})

describe('a client record', () => {
  it('never contains an address', () => {
    const withAddress: Fields = { ...client, endpoints: [{ url: 'ws://192.0.2.1' }] }
    expect(() => sign(withAddress)).toThrow(RangeError)
    expect(() => sign({ ...withAddress, servers: [] })).toThrow(RangeError)
    const bytes = signMap(
      body => body.set('endpoints', [new Map([['url', 'ws://192.0.2.1']])]),
      client,
    )
    expect(() => decodeRecord(bytes)).toThrow(DecodeError)
    const text = Buffer.from(sign(client).bytes).toString('latin1')
    expect(text).not.toMatch(/ws:|wss:|\d+\.\d+\.\d+\.\d+/)
  })

  it('names its servers by whole keys', () => {
    for (const servers of [[filled(31, 1)], [filled(33, 1)]]) {
      expect(() => sign({ ...client, servers })).toThrow(RangeError)
    }
    expect(sign({ ...client, servers: [] }).record.servers).toEqual([])
  })

  it('is not read as a server record', () => {
    expect(() => sign({ ...client, type: 'server' })).toThrow(RangeError)
    expect(() => sign({ ...server, type: 'client' })).toThrow(RangeError)
    expect(() => sign({ ...server, servers: [filled(32, 1)] })).toThrow(RangeError)
  })
})

describe('unknown fields', () => {
  const bytes = signMap(body => {
    body.set('zone', 'eu')
    body.set('future', new Map([['deep', [1, null, true]]]))
  })

  it('are ignored when read', () => {
    expect(decodeRecord(bytes).record).toEqual({ ...server, key: identity.publicKey })
  })

  it('stay in the bytes, and the signature holds', () => {
    const signed = decodeRecord(bytes)
    expect(toHex(signed.bytes)).toBe(toHex(bytes))
    expect(verifyRecord(suite, signed, { unixMs: NOW })).toBe('valid')
    expect(Buffer.from(signed.bytes).toString('latin1')).toContain('zone')
  })
})
