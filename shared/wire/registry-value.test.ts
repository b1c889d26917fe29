import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError } from '../bytes/decode-error.ts'
import { createIdentity } from '../identity/identity.ts'
import { RECORD_MAX_BYTES, REVOCATION_MAX_BYTES } from './limits.ts'
import { decodeRecord } from './record.ts'
import type { RegistryValue } from './registry-value.ts'
import {
  decodeValue,
  keyOfValue,
  newerOf,
  readOptionalValue,
  readValue,
  supersedes,
  verifyValue,
} from './registry-value.ts'
import { signRevocation } from './revocation.ts'
import { client, filled, identity, NOW, other, sign, suite } from './testing/record-fixtures.ts'

const { net } = client
const record = (over: object = {}): RegistryValue => ({
  kind: 'record',
  signed: sign({ ...client, ...over }),
})
const revocation = (atMs: number, over: object = {}): RegistryValue => ({
  kind: 'revocation',
  signed: signRevocation(suite, identity, { net, atMs, ...over }),
})

/** From the weakest to the strongest; the two of one `seq` and the two of one moment are in the order of their bytes. */
const older = record({ seq: NOW - 1 })
const ofOneSeq = inOrder(record(), record({ relay: 1 }))
const later = revocation(NOW + 1)
const thief = createIdentity(suite, filled(32, 66))
const ofOneMoment = inOrder(
  revocation(NOW, { successor: other }),
  revocation(NOW, { successor: thief }),
)
const succeededLater = revocation(NOW + 1, { successor: other })

function inOrder(a: RegistryValue, b: RegistryValue): readonly [RegistryValue, RegistryValue] {
  return Buffer.compare(a.signed.bytes, b.signed.bytes) < 0 ? [a, b] : [b, a]
}

const strongestFirst = [revocation(NOW), later, ...ofOneMoment, succeededLater, ...ofOneSeq, older]

describe('newerOf', () => {
  it('says the same whichever comes first, for any two', () => {
    for (const [i, a] of strongestFirst.entries()) {
      for (const [j, b] of strongestFirst.entries()) {
        expect(newerOf(a, b)).toBe(strongestFirst[Math.min(i, j)])
      }
    }
  })

  it('leads to one value in whatever order they come', () => {
    const shuffled = fc.shuffledSubarray(strongestFirst, { minLength: 1 })
    fc.assert(
      fc.property(shuffled, values => {
        const best = strongestFirst.find(value => values.includes(value))
        expect(values.reduce(newerOf)).toBe(best)
      }),
      { seed: 5, numRuns: 200 },
    )
  })
})

describe('supersedes', () => {
  it('is newerOf, but leaves two records of one sequence where they are', () => {
    for (const a of strongestFirst) {
      for (const b of strongestFirst) {
        const isOneSeq = ofOneSeq.includes(a) && ofOneSeq.includes(b)
        expect(supersedes(a, b)).toBe(a !== b && newerOf(a, b) === a && !isOneSeq)
      }
    }
  })
})

describe('who stole a key (docs/THREATS.md 24)', () => {
  it('names no successor that beats a revocation without one, however far back it is dated', () => {
    const dated = [0, NOW - 1, NOW, NOW + 1].map(atMs => revocation(atMs, { successor: thief }))
    for (const stolen of dated) {
      expect(supersedes(stolen, revocation(NOW))).toBe(false)
      expect(supersedes(revocation(NOW), stolen)).toBe(true)
    }
  })
})

describe('a value', () => {
  it('is read and judged by its kind', () => {
    for (const value of [record(), revocation(NOW)]) {
      const decoded = decodeValue({ kind: value.kind, bytes: value.signed.bytes })
      expect(decoded).toEqual(value)
      expect(keyOfValue(decoded)).toEqual(identity.publicKey)
      expect(verifyValue(suite, decoded, { unixMs: NOW, net })).toBe('valid')
      expect(verifyValue(suite, decoded, { unixMs: 0, net })).toBe('future')
      expect(verifyValue(suite, decoded, { unixMs: NOW, net: filled(16, 1) })).toBe('wrongNetwork')
    }
    expect(verifyValue(suite, record({ ttlS: 1 }), { unixMs: 2 * NOW })).toBe('expired')
    expect(verifyValue(suite, revocation(NOW), { unixMs: 2 * NOW })).toBe('valid')
  })

  it('of one kind is not read as the other', () => {
    const [a, b] = [record().signed.bytes, revocation(NOW).signed.bytes]
    expect(() => decodeValue({ kind: 'revocation', bytes: a })).toThrow(DecodeError)
    expect(() => decodeValue({ kind: 'record', bytes: b })).toThrow(DecodeError)
    expect(() => decodeRecord(b)).toThrow(DecodeError)
  })
})

describe('the field of a value', () => {
  it('is one of two', () => {
    const bytes = Uint8Array.of(1)
    expect(readValue(new Map([['record', bytes]]))).toEqual({ kind: 'record', bytes })
    expect(readValue(new Map([['revocation', bytes]]))).toEqual({ kind: 'revocation', bytes })
    const both = new Map([
      ['record', bytes],
      ['revocation', bytes],
    ])
    expect(() => readOptionalValue(both)).toThrow(DecodeError)
    expect(() => readValue(both)).toThrow(DecodeError)
    expect(readOptionalValue(new Map())).toBeUndefined()
    expect(() => readValue(new Map())).toThrow(DecodeError)
    expect(() => readOptionalValue(new Map([['record', 'text']]))).toThrow(DecodeError)
  })

  it.each([
    ['record', RECORD_MAX_BYTES],
    ['revocation', REVOCATION_MAX_BYTES],
  ])('%s holds up to %i bytes', (kind, max) => {
    expect(readValue(new Map([[kind, filled(max, 0)]])).bytes.length).toBe(max)
    expect(() => readValue(new Map([[kind, filled(max + 1, 0)]]))).toThrow(DecodeError)
  })
})
