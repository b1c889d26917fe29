import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap } from '../bytes/cbor-fields.ts'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import type { Identity } from '../identity/identity.ts'
import type { SignContext } from '../identity/signed.ts'
import { CONTEXT, signBody } from '../identity/signed.ts'
import { CLOCK_SLACK_MS, REVOCATION_MAX_BYTES } from './limits.ts'
import type { RevocationVerdict, SignedRevocation } from './revocation.ts'
import { decodeRevocation, signRevocation, verifyRevocation } from './revocation.ts'
import { filled, identity, NOW, other, suite } from './testing/record-fixtures.ts'

interface RevocationVector {
  readonly name: string
  readonly seed: string
  readonly successorSeed?: string
  readonly unixMs: number
  readonly body: string
  readonly revocation: string
}

const { vectors } = JSON.parse(
  readFileSync(new URL('./vectors/revocation.json', import.meta.url), 'utf8'),
) as { vectors: RevocationVector[] }

const net = filled(16, 0xaa)
const plain = signRevocation(suite, identity, { net, atMs: NOW })
const succeeded = signRevocation(suite, identity, { net, atMs: NOW, successor: other })

function partsOf({ bytes }: SignedRevocation): Uint8Array[] {
  return decodeCbor(bytes) as Uint8Array[]
}

/** A revocation whose body was made by hand, with true signatures of `signers`. */
function signMap(
  change: (body: Map<string, CborValue>) => void,
  signers: Identity[] = [identity],
  context: SignContext = CONTEXT.revoke,
): Uint8Array {
  const body = new Map(asMap(decodeCbor(partsOf(plain)[0] ?? filled(0, 0))))
  change(body)
  const bytes = encodeCbor(body)
  return encodeCbor([
    bytes,
    ...signers.map(signer => signBody(suite, signer, context, bytes).signature),
  ])
}

const verdict = (signed: SignedRevocation, over: object = {}): RevocationVerdict =>
  verifyRevocation(suite, signed, { unixMs: NOW, ...over })

describe('revocation vectors', () => {
  it.each([
    ['plain', plain, undefined],
    ['with a successor', succeeded, other],
  ])('one %s has these bytes', (name, signed, successor) => {
    const vector = vectors.find(one => one.name === name)
    expect(vector?.seed).toBe(toHex(identity.seed))
    expect(vector?.successorSeed).toBe(successor && toHex(successor.seed))
    expect(vector?.unixMs).toBe(NOW)
    expect(toHex(signed.bytes)).toBe(vector?.revocation)
    expect(toHex(partsOf(signed)[0] ?? filled(0, 0))).toBe(vector?.body)
    const decoded = decodeRevocation(fromHex(vector?.revocation ?? ''))
    expect(decoded.revocation).toEqual(signed.revocation)
    expect(verdict(decoded, { net, expectedKey: identity.publicKey })).toBe('valid')
  })

  it('the one with a successor, field by field', () => {
    const body = [
      'a4', // four fields, sorted by length and then by letter
      '626174 1b000001a3185c5000', // at
      `636b6579 5820${toHex(identity.publicKey)}`, // key
      `636e6574 50${'aa'.repeat(16)}`, // net
      `69737563636573736f72 5820${toHex(other.publicKey)}`, // successor
    ]
      .join('')
      .replaceAll(' ', '')
    const [signed, signature, successorSignature] = partsOf(succeeded).map(toHex)
    expect(signed).toBe(body)
    expect(toHex(succeeded.bytes)).toBe(
      `835874${body}5840${signature ?? ''}5840${successorSignature ?? ''}`,
    )
  })
})

describe('decodeRevocation', () => {
  it('gives back what was signed, and keeps the bytes', () => {
    const { revocation, bytes } = decodeRevocation(succeeded.bytes)
    expect(revocation).toEqual({
      key: identity.publicKey,
      net,
      atMs: NOW,
      successor: other.publicKey,
    })
    expect(bytes).toBe(succeeded.bytes)
    expect(decodeRevocation(plain.bytes).revocation).not.toHaveProperty('successor')
  })

  it.each([plain, succeeded])('refuses every strict prefix and trailing bytes', ({ bytes }) => {
    for (let n = 0; n < bytes.length; n++) {
      expect(() => decodeRevocation(bytes.subarray(0, n))).toThrow(DecodeError)
    }
    expect(() => decodeRevocation(concat(bytes, filled(1, 0)))).toThrow(DecodeError)
  })

  it.each<[string, string, CborValue | undefined]>([
    ['no moment', 'at', undefined],
    ['a negative moment', 'at', -1],
    ['a moment that is text', 'at', '0'],
    ['no key', 'key', undefined],
    ['a short key', 'key', filled(31, 1)],
    ['no network', 'net', undefined],
    ['a long network id', 'net', filled(17, 1)],
    ['a short successor', 'successor', filled(31, 1)],
    ['a successor that is text', 'successor', 'me'],
    ['itself as successor', 'successor', identity.publicKey],
  ])('refuses %s', (_, field, value) => {
    const change = (body: Map<string, CborValue>) => {
      if (value === undefined) body.delete(field)
      else body.set(field, value)
    }
    expect(() => decodeRevocation(signMap(change))).toThrow(DecodeError)
    expect(() => decodeRevocation(signMap(change, [identity, other]))).toThrow(DecodeError)
  })

  it('wants a signature of each key in it and no more', () => {
    const named = (body: Map<string, CborValue>) => body.set('successor', other.publicKey)
    expect(() => decodeRevocation(signMap(named, [identity]))).toThrow(DecodeError)
    expect(() => decodeRevocation(signMap(named, [identity, other]))).not.toThrow()
    expect(() => decodeRevocation(signMap(() => {}, [identity, other]))).toThrow(DecodeError)
    expect(() => decodeRevocation(signMap(() => {}, []))).toThrow(DecodeError)
    expect(() => decodeRevocation(signMap(named, [identity, other, other]))).toThrow(DecodeError)
  })

  it.each<[string, CborValue]>([
    ['no array', new Map()],
    ['a body that is no bytes', ['body', filled(64, 0)]],
    ['a body that is no map', [encodeCbor([1]), filled(64, 0)]],
    ['a short signature', [partsOf(plain)[0] ?? null, filled(63, 0)]],
    ['a signature that is text', [partsOf(plain)[0] ?? null, 'x'.repeat(64)]],
  ])('refuses %s', (_, value) => {
    expect(() => decodeRevocation(encodeCbor(value))).toThrow(DecodeError)
  })

  it('takes as many bytes as allowed, and not one more', () => {
    const padded = (bytes: number) => signMap(body => body.set('x', filled(bytes, 0)))
    const room = REVOCATION_MAX_BYTES - padded(256).length + 256
    expect(padded(room).length).toBe(REVOCATION_MAX_BYTES)
    expect(() => decodeRevocation(padded(room - 1))).not.toThrow()
    expect(() => decodeRevocation(padded(room))).not.toThrow()
    expect(() => decodeRevocation(padded(room + 1))).toThrow(DecodeError)
  })

  it('ignores fields of a newer node, which stay in the bytes', () => {
    const bytes = signMap(body => body.set('why', 'lost'))
    const signed = decodeRevocation(bytes)
    expect(signed.revocation).toEqual(plain.revocation)
    expect(verdict(signed)).toBe('valid')
    expect(signed.bytes).toBe(bytes)
  })
})

describe('signRevocation', () => {
  it('refuses what others would', () => {
    for (const fields of [
      { net: filled(15, 0), atMs: NOW },
      { net, atMs: -1 },
      { net, atMs: NOW, successor: identity },
    ]) {
      expect(() => signRevocation(suite, identity, fields)).toThrow(RangeError)
    }
  })
})

describe('verifyRevocation', () => {
  it('says wrongKey and wrongNetwork', () => {
    expect(verdict(plain, { expectedKey: other.publicKey })).toBe('wrongKey')
    expect(verdict(succeeded, { expectedKey: other.publicKey })).toBe('wrongKey')
    expect(verdict(plain, { net: filled(16, 0xab) })).toBe('wrongNetwork')
  })

  it.each([
    ['by a clock that is the slack behind', NOW - CLOCK_SLACK_MS, 'valid'],
    ['by a clock that is further behind', NOW - CLOCK_SLACK_MS - 1, 'future'],
    ['years later', NOW + 10 * 366 * 86_400_000, 'valid'],
  ])('%s', (_, unixMs, expected) => {
    expect(verdict(plain, { unixMs })).toBe(expected)
  })

  it('says badSignature unless each key in it signed, in this context, in this order', () => {
    const named = (body: Map<string, CborValue>) => body.set('successor', other.publicKey)
    for (const bytes of [
      signMap(() => {}, [other]),
      signMap(() => {}, [identity], CONTEXT.record),
      signMap(named, [identity, identity]),
      signMap(named, [other, other]),
      signMap(named, [other, identity]),
      signMap(named, [identity, other], CONTEXT.record),
      signMap(body => body.set('key', filled(32, 0))),
    ]) {
      expect(verdict(decodeRevocation(bytes))).toBe('badSignature')
    }
  })
})

describe('forgery', () => {
  function isAccepted(bytes: Uint8Array): boolean {
    try {
      return verdict(decodeRevocation(bytes)) === 'valid'
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError)
      return false
    }
  }

  it('a change of any one byte is refused', () => {
    for (const { bytes } of [plain, succeeded]) {
      expect(isAccepted(bytes)).toBe(true)
      for (let i = 0; i < bytes.length; i++) {
        const forged = Uint8Array.from(bytes)
        forged[i] = (forged[i] as number) ^ (1 << (i % 8))
        expect(isAccepted(forged)).toBe(false)
      }
    }
  })

  it('noise ends in DecodeError', () => {
    const { bytes } = succeeded
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.uint8Array(), (changes, noise) => {
        const mutated = Uint8Array.from(bytes)
        for (const [index, value] of changes) mutated[index] = value
        for (const input of [mutated, noise, concat(bytes.subarray(0, 40), noise)]) {
          try {
            expect(decodeRevocation(input).bytes).toBe(input)
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        }
      }),
      { seed: 3, numRuns: 1000 },
    )
  })
})
