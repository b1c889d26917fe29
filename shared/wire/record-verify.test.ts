import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { toHex } from '../bytes/hex.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { CONTEXT, decodeSigned, encodeSigned, signBody } from '../identity/signed.ts'
import { CLOCK_SLACK_MS } from './limits.ts'
import type { RecordVerdict, SignedRecord } from './record.ts'
import { decodeRecord, recordExpiryMs, verifyRecord } from './record.ts'
import {
  client,
  filled,
  identity,
  NOW,
  other,
  server,
  sign,
  signMap,
  suite,
} from './testing/record-fixtures.ts'

const verdict = (signed: SignedRecord, over: object = {}): RecordVerdict =>
  verifyRecord(suite, signed, { unixMs: NOW, ...over })

describe('verifyRecord', () => {
  const signed = sign(client)

  it('says valid for what was asked', () => {
    expect(verdict(signed)).toBe('valid')
    expect(verdict(signed, { net: client.net, expectedKey: identity.publicKey })).toBe('valid')
  })

  it('says wrongKey and wrongNetwork', () => {
    expect(verdict(signed, { expectedKey: other.publicKey })).toBe('wrongKey')
    expect(verdict(signed, { net: filled(16, 0xab) })).toBe('wrongNetwork')
  })

  it.each([
    ['one millisecond before its end', 3_600_000 + CLOCK_SLACK_MS - 1, 'valid'],
    ['at its end', 3_600_000 + CLOCK_SLACK_MS, 'expired'],
    ['long after', 10 * 86_400_000, 'expired'],
    ['by a clock that is the slack behind', -CLOCK_SLACK_MS, 'valid'],
    ['by a clock that is further behind', -CLOCK_SLACK_MS - 1, 'future'],
  ])('%s: %i ms', (_, offsetMs, expected) => {
    expect(verdict(signed, { unixMs: NOW + offsetMs })).toBe(expected)
    expect(recordExpiryMs(signed.record)).toBe(NOW + 3_600_000 + CLOCK_SLACK_MS)
  })

  it('holds a seq from the future against a record, whatever it says it was seen', () => {
    const ahead = sign({ ...client, seq: NOW + CLOCK_SLACK_MS + 1 })
    expect(verdict(ahead)).toBe('future')
    expect(verdict(sign({ ...client, seq: Number.MAX_SAFE_INTEGER }))).toBe('future')
    expect(verdict(sign({ ...client, seenMs: NOW + CLOCK_SLACK_MS + 1 }))).toBe('future')
  })

  it('says badSignature for a signature by another key, in another context, or none', () => {
    const { body } = decodeSigned(signed.bytes)
    for (const forged of [
      signBody(suite, other, CONTEXT.record, body),
      signBody(suite, identity, CONTEXT.service, body),
      { body, signature: filled(64, 0) },
      { body, signature: suite.sign(identity.seed, body) },
      { body, signature: suite.sign(identity.seed, concat(utf8Encode(CONTEXT.record), body)) },
    ]) {
      expect(verdict(decodeRecord(encodeSigned(forged)))).toBe('badSignature')
    }
  })

  it('says badSignature for a key that is no key', () => {
    const bytes = signMap(body => body.set('key', filled(32, 0)))
    expect(verdict(decodeRecord(bytes))).toBe('badSignature')
  })
})

/** Threat 3: nothing that was not signed is believed. */
describe('forgery', () => {
  function isAccepted(bytes: Uint8Array): boolean {
    try {
      return verdict(decodeRecord(bytes)) === 'valid'
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError)
      return false
    }
  }

  it.each([
    ['client', client],
    ['server', server],
  ])('a change of any one byte of a %s record is refused', (_, fields) => {
    const { bytes } = sign(fields)
    const accepted: number[] = []
    for (let i = 0; i < bytes.length; i++) {
      const forged = Uint8Array.from(bytes)
      forged[i] = (forged[i] as number) ^ (1 << (i % 8))
      if (isAccepted(forged)) accepted.push(i)
    }
    expect(isAccepted(bytes)).toBe(true)
    expect(accepted).toEqual([])
  })

  it('any other value of a byte of the signature is refused', () => {
    const { bytes } = sign(client)
    const random = fc.tuple(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(random, ([fromEnd, flip]) => {
        const forged = Uint8Array.from(bytes)
        const i = forged.length - fromEnd
        forged[i] = (forged[i] as number) ^ flip
        expect(isAccepted(forged)).toBe(false)
      }),
      { seed: 1, numRuns: 150 },
    )
  })

  it('noise ends in DecodeError', () => {
    const { bytes } = sign(server)
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.uint8Array(),
        (changes, noise) => {
          const mutated = Uint8Array.from(bytes)
          for (const [index, value] of changes) mutated[index] = value
          for (const input of [mutated, noise, concat(bytes.subarray(0, 40), noise)]) {
            try {
              expect(toHex(decodeRecord(input).bytes)).toBe(toHex(input))
            } catch (error) {
              expect(error).toBeInstanceOf(DecodeError)
            }
          }
        },
      ),
      { seed: 2, numRuns: 2000 },
    )
  })
})
