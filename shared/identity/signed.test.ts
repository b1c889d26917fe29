import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCbor } from '../bytes/cbor.ts'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { createIdentity } from './identity.ts'
import { CONTEXT, decodeSigned, encodeSigned, signBody, verifySigned } from './signed.ts'

const identity = createIdentity(nobleSuite, new Uint8Array(32).fill(1))
const other = createIdentity(nobleSuite, new Uint8Array(32).fill(2))
const body = encodeCbor(new Map([['a', 1]]))
const signed = signBody(nobleSuite, identity, CONTEXT.record, body)
const bytes = encodeSigned(signed)

describe('signed bodies', () => {
  it('sign u8 length, context, body', () => {
    const message = concat(
      fromHex('10'), // 16 characters
      fromHex('6b65796d6573682f7265636f72642f31'), // keymesh/record/1
      fromHex('a1616101'), // {"a": 1}
    )
    expect(toHex(signed.signature)).toBe(toHex(nobleSuite.sign(identity.seed, message)))
  })

  it('travel as [body, signature]', () => {
    expect(toHex(bytes)).toBe(`82${'44a1616101'}${'5840'}${toHex(signed.signature)}`)
    expect(decodeSigned(bytes)).toEqual(signed)
  })

  it('hold for their key, context and bytes only', () => {
    const { publicKey } = identity
    const holds = (key: Uint8Array, over: object): boolean =>
      verifySigned(nobleSuite, key, CONTEXT.record, { ...signed, ...over })
    expect(holds(publicKey, {})).toBe(true)
    expect(holds(other.publicKey, {})).toBe(false)
    expect(holds(publicKey, { body: encodeCbor(new Map([['a', 2]])) })).toBe(false)
    expect(holds(publicKey, { signature: signed.signature.subarray(1) })).toBe(false)
    for (const context of Object.values(CONTEXT)) {
      expect(verifySigned(nobleSuite, publicKey, context, signed)).toBe(context === CONTEXT.record)
    }
  })

  it('have contexts of which none starts another', () => {
    const contexts = Object.values(CONTEXT)
    expect(new Set(contexts).size).toBe(contexts.length)
    for (const context of contexts) expect(context).toMatch(/^keymesh\/[a-z]+\/1$/)
  })

  it('fail on every strict prefix', () => {
    for (let n = 0; n < bytes.length; n++) {
      expect(() => decodeSigned(bytes.subarray(0, n))).toThrow(DecodeError)
    }
  })

  it.each([
    ['a map', encodeCbor(new Map([['body', body]]))],
    ['one element', encodeCbor([body])],
    ['three elements', encodeCbor([body, signed.signature, 1])],
    ['a text body', encodeCbor(['body', signed.signature])],
    ['a text signature', encodeCbor([body, 's'.repeat(64)])],
    ['a signature of 63 bytes', encodeCbor([body, signed.signature.subarray(1)])],
    ['a signature of 65 bytes', encodeCbor([body, new Uint8Array(65)])],
    ['a nested body', encodeCbor([[body], signed.signature])],
    ['trailing bytes', concat(bytes, new Uint8Array(1))],
  ])('refuse %s', (_, wrong) => {
    expect(() => decodeSigned(wrong)).toThrow(DecodeError)
  })

  it('only fail with their own error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), noise => {
        try {
          decodeSigned(noise)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { seed: 1, numRuns: 2000 },
    )
  })
})
