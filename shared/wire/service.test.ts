import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap } from '../bytes/cbor-fields.ts'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { CONTEXT, decodeSigned, encodeSigned, signBody } from '../identity/signed.ts'
import {
  CLOCK_SLACK_MS,
  RECORD_MAX_META_BYTES,
  SERVICE_MAX_BYTES,
  SERVICE_MAX_NAME_BYTES,
  SERVICE_MAX_TTL_S,
} from './limits.ts'
import type { ServiceAd, ServiceVerdict, SignedService } from './service.ts'
import {
  decodeService,
  serviceExpiryMs,
  serviceTopic,
  signService,
  verifyService,
} from './service.ts'
import { filled, identity, NOW, other, suite } from './testing/record-fixtures.ts'

interface ServiceVector {
  readonly name: string
  readonly seed: string
  readonly unixMs: number
  readonly topic: string
  readonly body: string
  readonly advertisement: string
}

const { vectors } = JSON.parse(
  readFileSync(new URL('./vectors/service.json', import.meta.url), 'utf8'),
) as { vectors: ServiceVector[] }

type Fields = Omit<ServiceAd, 'key'>
const plain: Fields = {
  name: 'chess',
  net: filled(16, 0xaa),
  atMs: NOW,
  ttlS: 3_600,
  meta: new Map(),
}
const rich: Fields = {
  ...plain,
  name: 'caf\u00e9',
  ttlS: SERVICE_MAX_TTL_S,
  meta: new Map([
    ['port', '8080'],
    ['motto', 'open late'],
  ]),
}

const sign = (fields: Fields): SignedService => signService(suite, identity, fields)
const verdict = (signed: SignedService, over: object = {}): ServiceVerdict =>
  verifyService(suite, signed, { unixMs: NOW, ...over })

/** An advertisement whose body was made by hand, with a true signature. */
function signMap(change: (body: Map<string, CborValue>) => void, fields = rich): Uint8Array {
  const body = new Map(asMap(decodeCbor(decodeSigned(sign(fields).bytes).body)))
  change(body)
  return encodeSigned(signBody(suite, identity, CONTEXT.service, encodeCbor(body)))
}

describe('service vectors', () => {
  it.each([
    ['plain', plain],
    ['with metadata', rich],
  ])('one %s has these bytes', (name, fields) => {
    const vector = vectors.find(one => one.name === name)
    expect(vector?.seed).toBe(toHex(identity.seed))
    expect(vector?.unixMs).toBe(NOW)
    expect(toHex(serviceTopic(suite, fields.name))).toBe(vector?.topic)
    const signed = sign(fields)
    expect(toHex(signed.bytes)).toBe(vector?.advertisement)
    expect(toHex(decodeSigned(signed.bytes).body)).toBe(vector?.body)
    const decoded = decodeService(fromHex(vector?.advertisement ?? ''))
    expect(decoded.ad).toEqual({ ...fields, key: identity.publicKey })
    const topic = fromHex(vector?.topic ?? '')
    expect(verdict(decoded, { topic, net: fields.net })).toBe('valid')
  })

  it('the smallest one, field by field', () => {
    const body = [
      'a5', // five fields, sorted by length and then by letter
      '626174 1b000001a3185c5000', // at
      `636b6579 5820${toHex(identity.publicKey)}`, // key
      `636e6574 50${'aa'.repeat(16)}`, // net
      '6374746c 190e10', // ttl: 3600
      '646e616d65 656368657373', // name: chess
    ]
      .join('')
      .replaceAll(' ', '')
    expect(toHex(decodeSigned(sign(plain).bytes).body)).toBe(body)
  })
})

describe('serviceTopic', () => {
  it('is the hash of a prefix and the name in UTF-8', () => {
    const bytes = concat(utf8Encode('service'), fromHex('636166c3a9'))
    expect(toHex(serviceTopic(suite, 'caf\u00e9'))).toBe(toHex(suite.sha256(bytes)))
  })
})

describe('decodeService', () => {
  it('refuses every strict prefix and trailing bytes', () => {
    const { bytes } = sign(rich)
    for (let n = 0; n < bytes.length; n++) {
      expect(() => decodeService(bytes.subarray(0, n))).toThrow(DecodeError)
    }
    expect(() => decodeService(concat(bytes, filled(1, 0)))).toThrow(DecodeError)
  })

  it.each<[string, string, CborValue | undefined]>([
    ['no moment', 'at', undefined],
    ['a moment that is text', 'at', '0'],
    ['no key', 'key', undefined],
    ['a long key', 'key', filled(33, 1)],
    ['no name', 'name', undefined],
    ['an empty name', 'name', ''],
    ['a name of bytes', 'name', filled(3, 0x61)],
    ['no network', 'net', undefined],
    ['a short network id', 'net', filled(15, 1)],
    ['no ttl', 'ttl', undefined],
    ['a ttl of nothing', 'ttl', 0],
    ['metadata that is a list', 'meta', ['a']],
    ['metadata that is not text', 'meta', new Map([['a', 1]])],
  ])('refuses %s', (_, field, value) => {
    const bytes = signMap(body => {
      if (value === undefined) body.delete(field)
      else body.set(field, value)
    })
    expect(() => decodeService(bytes)).toThrow(DecodeError)
  })

  it('refuses a body that is no map', () => {
    const signed = signBody(suite, identity, CONTEXT.service, encodeCbor([1]))
    expect(() => decodeService(encodeSigned(signed))).toThrow(DecodeError)
  })

  it('ignores fields of a newer node, which stay in the bytes', () => {
    const bytes = signMap(body => body.set('zone', 'eu'))
    expect(decodeService(bytes)).toEqual({ ad: { ...rich, key: identity.publicKey }, bytes })
  })

  // {"k": "…"}: 1 + 2 + 2 bytes and the text.
  const meta = (bytes: number) => new Map([['k', 'm'.repeat(bytes - 5)]])
  it.each<[string, (n: number) => Fields, number]>([
    ['ttl seconds', n => ({ ...plain, ttlS: n }), SERVICE_MAX_TTL_S],
    ['bytes of a name', n => ({ ...plain, name: 'n'.repeat(n) }), SERVICE_MAX_NAME_BYTES],
    [
      'bytes of a name in other letters',
      n => ({ ...plain, name: `${'n'.repeat(n - 60)}${'\u00e9'.repeat(30)}` }),
      SERVICE_MAX_NAME_BYTES,
    ],
    ['bytes of metadata', n => ({ ...plain, meta: meta(n) }), RECORD_MAX_META_BYTES],
  ])('takes as many %s as allowed, and not one more', (_, make, max) => {
    expect(() => sign(make(max - 1))).not.toThrow()
    expect(() => sign(make(max))).not.toThrow()
    expect(() => sign(make(max + 1))).toThrow(RangeError)
  })

  it('takes as many bytes as allowed, and not one more', () => {
    const padded = (bytes: number) => signMap(body => body.set('x', filled(bytes, 0)))
    const room = SERVICE_MAX_BYTES - padded(256).length + 256
    expect(padded(room).length).toBe(SERVICE_MAX_BYTES)
    expect(() => decodeService(padded(room))).not.toThrow()
    expect(() => decodeService(padded(room + 1))).toThrow(DecodeError)
    const fullest = { ...plain, name: 'n'.repeat(64), meta: meta(RECORD_MAX_META_BYTES) }
    expect(sign(fullest).bytes.length).toBeLessThanOrEqual(SERVICE_MAX_BYTES)
  })
})

describe('verifyService', () => {
  const signed = sign(plain)

  it('says wrongTopic and wrongNetwork', () => {
    expect(verdict(signed, { topic: serviceTopic(suite, 'chess') })).toBe('valid')
    expect(verdict(signed, { topic: serviceTopic(suite, 'Chess') })).toBe('wrongTopic')
    expect(verdict(signed, { net: filled(16, 0xab) })).toBe('wrongNetwork')
  })

  it.each([
    ['one millisecond before its end', 3_600_000 + CLOCK_SLACK_MS - 1, 'valid'],
    ['at its end', 3_600_000 + CLOCK_SLACK_MS, 'expired'],
    ['by a clock that is the slack behind', -CLOCK_SLACK_MS, 'valid'],
    ['by a clock that is further behind', -CLOCK_SLACK_MS - 1, 'future'],
  ])('%s: %i ms', (_, offsetMs, expected) => {
    expect(verdict(signed, { unixMs: NOW + offsetMs })).toBe(expected)
    expect(serviceExpiryMs(signed.ad)).toBe(NOW + 3_600_000 + CLOCK_SLACK_MS)
  })

  it('says badSignature for a signature by another key or in another context', () => {
    const { body } = decodeSigned(signed.bytes)
    for (const forged of [
      signBody(suite, other, CONTEXT.service, body),
      signBody(suite, identity, CONTEXT.record, body),
    ]) {
      expect(verdict(decodeService(encodeSigned(forged)))).toBe('badSignature')
    }
  })
})

describe('forgery', () => {
  function isAccepted(bytes: Uint8Array): boolean {
    try {
      return verdict(decodeService(bytes)) === 'valid'
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError)
      return false
    }
  }

  it('a change of any one byte is refused', () => {
    const { bytes } = sign(rich)
    expect(isAccepted(bytes)).toBe(true)
    for (let i = 0; i < bytes.length; i++) {
      const forged = Uint8Array.from(bytes)
      forged[i] = (forged[i] as number) ^ (1 << (i % 8))
      expect(isAccepted(forged)).toBe(false)
    }
  })

  it('noise ends in DecodeError', () => {
    const { bytes } = sign(rich)
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.uint8Array(), (changes, noise) => {
        const mutated = Uint8Array.from(bytes)
        for (const [index, value] of changes) mutated[index] = value
        for (const input of [mutated, noise, concat(bytes.subarray(0, 40), noise)]) {
          try {
            expect(decodeService(input).bytes).toBe(input)
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        }
      }),
      { seed: 4, numRuns: 1000 },
    )
  })
})
