import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap } from '../bytes/cbor-fields.ts'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { CONTEXT, encodeSigned, signBody } from '../identity/signed.ts'
import type { Beacon } from './beacon.ts'
import { decodeBeacon, looksLikeBeacon, signBeacon, verifyBeacon } from './beacon.ts'
import { BEACON_MAX_BYTES, RECORD_MAX_BYTES } from './limits.ts'
import {
  client,
  filled,
  identity,
  NOW,
  other,
  server,
  sign,
  suite,
} from './testing/record-fixtures.ts'

type Fields = Omit<Beacon, 'key'>

interface BeaconVector {
  readonly name: string
  readonly seed: string
  readonly body: string
  readonly datagram: string
}

const { vectors } = JSON.parse(
  readFileSync(new URL('./vectors/beacon.json', import.meta.url), 'utf8'),
) as { vectors: BeaconVector[] }

const MAGIC = fromHex('6b6d6201')
const plain: Fields = { net: filled(16, 0xaa), type: 'client', port: 40_000, atMs: NOW }
const full: Fields = { ...plain, type: 'server', port: 8443, record: sign(server).bytes }

const make = (fields: Fields): Uint8Array => signBeacon(suite, identity, fields)

/** A beacon whose body was made by hand, with a true signature. */
function makeOf(change: (body: Map<string, CborValue>) => void): Uint8Array {
  const { signed } = decodeBeacon(make(full))
  const body = new Map(asMap(decodeCbor(signed.body)))
  change(body)
  return concat(MAGIC, encodeSigned(signBody(suite, identity, CONTEXT.beacon, encodeCbor(body))))
}

describe('beacon vectors', () => {
  it.each([
    ['client without a record', plain],
    ['server with its record', full],
  ])('%s', (name, fields) => {
    const vector = vectors.find(one => one.name === name)
    expect(vector?.seed).toBe(toHex(identity.seed))
    const bytes = make(fields)
    expect(toHex(bytes)).toBe(vector?.datagram)
    const decoded = decodeBeacon(fromHex(vector?.datagram ?? ''))
    expect(toHex(decoded.signed.body)).toBe(vector?.body)
    expect(decoded.beacon).toEqual({ ...fields, key: identity.publicKey })
    expect(verifyBeacon(suite, decoded)).toBe(true)
  })

  it('the smallest beacon, field by field', () => {
    const body = [
      'a5', // five fields, sorted by length and then by letter
      '626174 1b000001a3185c5000', // at
      `636b6579 5820${toHex(identity.publicKey)}`, // key
      `636e6574 50${'aa'.repeat(16)}`, // net
      '64706f7274 199c40', // port: 40000
      '6474797065 66636c69656e74', // type: client
    ]
      .join('')
      .replaceAll(' ', '')
    expect(toHex(decodeBeacon(make(plain)).signed.body)).toBe(body)
    const bytes = make(plain)
    expect(toHex(bytes.subarray(0, 7))).toBe(`6b6d6201${'82'}58${(body.length / 2).toString(16)}`)
    expect(bytes.length).toBe(4 + 1 + 2 + body.length / 2 + 2 + 64)
  })
})

describe('signBeacon', () => {
  it('leaves a record out that does not fit', () => {
    const record = filled(RECORD_MAX_BYTES, 1)
    expect(decodeBeacon(make({ ...plain, record })).beacon.record).toEqual(record)
    expect(make({ ...plain, record }).length).toBeLessThanOrEqual(BEACON_MAX_BYTES)
    const tooLong = filled(RECORD_MAX_BYTES + 1, 1)
    expect(decodeBeacon(make({ ...plain, record: tooLong })).beacon.record).toBeUndefined()
  })

  it.each<[string, Partial<Fields>]>([
    ['port 0', { port: 0 }],
    ['port 65536', { port: 65_536 }],
    ['half a port', { port: 1.5 }],
    ['a time before 1970', { atMs: -1 }],
    ['a time that is no number', { atMs: Number.NaN }],
    ['a short network id', { net: filled(15, 1) }],
  ])('refuses %s', (_, fields) => {
    expect(() => make({ ...plain, ...fields })).toThrow(RangeError)
  })

  it.each([1, 65_535])('takes port %i', port => {
    expect(decodeBeacon(make({ ...plain, port })).beacon.port).toBe(port)
  })
})

describe('decodeBeacon', () => {
  it('refuses every strict prefix and trailing bytes', () => {
    const bytes = make(plain)
    for (let n = 0; n < bytes.length; n++) {
      expect(() => decodeBeacon(bytes.subarray(0, n))).toThrow(DecodeError)
    }
    expect(() => decodeBeacon(concat(bytes, filled(1, 0)))).toThrow(DecodeError)
  })

  it.each([0, 1, 2, 3])('refuses another first byte %i', at => {
    const bytes = make(plain)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    expect(looksLikeBeacon(bytes)).toBe(false)
    expect(() => decodeBeacon(bytes)).toThrow(DecodeError)
  })

  it.each([
    [BEACON_MAX_BYTES - 1, true],
    [BEACON_MAX_BYTES, true],
    [BEACON_MAX_BYTES + 1, false],
  ])('%i bytes may be a beacon: %s', (length, expected) => {
    expect(looksLikeBeacon(concat(MAGIC, filled(length - MAGIC.length, 0)))).toBe(expected)
  })

  it.each<[string, string, CborValue | undefined]>([
    ['no key', 'key', undefined],
    ['a short key', 'key', filled(31, 1)],
    ['no network', 'net', undefined],
    ['a long network id', 'net', filled(17, 1)],
    ['no type', 'type', undefined],
    ['an unknown type', 'type', 'relay'],
    ['a type that is no text', 'type', 1],
    ['no port', 'port', undefined],
    ['port 0', 'port', 0],
    ['port 65536', 'port', 65_536],
    ['a negative port', 'port', -1],
    ['a port that is text', 'port', '80'],
    ['no time', 'at', undefined],
    ['a time before 1970', 'at', -1],
    ['a record that is text', 'record', 'mine'],
    ['a record that is too long', 'record', filled(RECORD_MAX_BYTES + 1, 1)],
  ])('refuses %s', (_, field, value) => {
    const bytes = makeOf(body => {
      if (field !== 'record') body.delete('record')
      if (value === undefined) body.delete(field)
      else body.set(field, value)
    })
    expect(() => decodeBeacon(bytes)).toThrow(DecodeError)
  })

  it('refuses a body that is no map', () => {
    const signed = signBody(suite, identity, CONTEXT.beacon, encodeCbor([1]))
    expect(() => decodeBeacon(concat(MAGIC, encodeSigned(signed)))).toThrow(DecodeError)
  })

  it('ignores fields that it does not know, and the signature still covers them', () => {
    const decoded = decodeBeacon(
      makeOf(body => {
        body.delete('record')
        body.set('zone', 'eu')
      }),
    )
    expect(decoded.beacon.port).toBe(8443)
    expect(verifyBeacon(suite, decoded)).toBe(true)
  })

  it('whatever the bytes, fails with its own error only', () => {
    const bytes = make(full)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 1_500 }),
          fc.uint8Array({ maxLength: 1_400 }).map(rest => concat(MAGIC, rest)),
          fc
            .tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }))
            .map(([at, flip]) => bytes.map((byte, index) => (index === at ? byte ^ flip : byte))),
        ),
        hostile => {
          try {
            const decoded = decodeBeacon(hostile)
            expect(decoded.beacon.port).toBeGreaterThan(0)
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        },
      ),
      { seed: 12, numRuns: 2_000 },
    )
  })
})

describe('verifyBeacon', () => {
  const decoded = decodeBeacon(make(plain))

  it('refuses a beacon that claims the key of another', () => {
    const body = new Map(asMap(decodeCbor(decoded.signed.body)))
    body.set('key', other.publicKey)
    const forged = encodeSigned(signBody(suite, identity, CONTEXT.beacon, encodeCbor(body)))
    expect(verifyBeacon(suite, decodeBeacon(concat(MAGIC, forged)))).toBe(false)
  })

  it('refuses a signature made for another purpose', () => {
    const signed = signBody(suite, identity, CONTEXT.record, decoded.signed.body)
    expect(verifyBeacon(suite, decodeBeacon(concat(MAGIC, encodeSigned(signed))))).toBe(false)
  })

  it('refuses changed bytes anywhere in body and signature', () => {
    const bytes = make({ ...plain, record: sign(client).bytes })
    for (let at = 7; at < bytes.length; at += 13) {
      const changed = bytes.slice()
      changed[at] = (changed[at] ?? 0) ^ 4
      let verdict = false
      try {
        verdict = verifyBeacon(suite, decodeBeacon(changed))
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
      expect(verdict, `byte ${at}`).toBe(false)
    }
  })
})
