// What the simulator needs of its crypto: the contract of CryptoSuite as honest code sees it.

import { describe, expect, it } from 'vitest'
import { concat } from '../shared/bytes/concat.ts'
import { createIdentity } from '../shared/identity/identity.ts'
import { dhtIdOf } from '../shared/identity/node-id.ts'
import { fakeSuite, GROUND_ID_BYTES, groundSeed } from './fake-suite.ts'
import { Rng } from './rng.ts'

const rng = new Rng('fake suite')
const key = rng.bytes(32)
const message = rng.bytes(100)

describe('fakeSuite', () => {
  it('verifies what the key signed, and nothing else', () => {
    const seed = rng.bytes(32)
    const publicKey = fakeSuite.signPublic(seed)
    const signature = fakeSuite.sign(seed, message)
    expect(signature).toHaveLength(64)
    expect(fakeSuite.verify(publicKey, message, signature)).toBe(true)
    expect(fakeSuite.verify(rng.bytes(32), message, signature)).toBe(false)
    expect(fakeSuite.verify(publicKey, message.subarray(1), signature)).toBe(false)
    expect(fakeSuite.verify(publicKey, message, signature.subarray(1))).toBe(false)
  })

  it('gives both ends one shared secret', () => {
    const [a, b] = [rng.bytes(32), rng.bytes(32)]
    const shared = fakeSuite.dh(a, fakeSuite.dhPublic(b))
    expect(shared).toEqual(fakeSuite.dh(b, fakeSuite.dhPublic(a)))
    expect(shared).not.toEqual(fakeSuite.dh(a, fakeSuite.dhPublic(a)))
  })

  it('opens what it sealed, and nothing that was changed', () => {
    const ad = Uint8Array.of(7)
    const sealed = fakeSuite.seal(key, 3, ad, message)
    expect(fakeSuite.open(key, 3, ad, sealed)).toEqual(message)
    expect(fakeSuite.open(key, 4, ad, sealed)).toBeUndefined()
    expect(fakeSuite.open(key, 3, message, sealed)).toBeUndefined()
    expect(fakeSuite.open(key, 3, ad, sealed.subarray(1))).toBeUndefined()
    expect(fakeSuite.open(key, 3, ad, new Uint8Array(15))).toBeUndefined()
  })

  it('seals into memory of the caller, and in place', () => {
    const sealed = fakeSuite.seal(key, 3, message, message)
    const [memory, tag] = [message.slice(), new Uint8Array(16)]
    fakeSuite.sealInto(key, 3, message, memory, memory, tag)
    expect(memory).toEqual(sealed.subarray(0, 100))
    expect(tag).toEqual(sealed.subarray(100))
  })

  it('hashes the concatenation of parts', () => {
    expect(fakeSuite.sha256(key, message)).toEqual(fakeSuite.sha256(concat(key, message)))
    expect(fakeSuite.sha512(key)).toHaveLength(64)
    expect(fakeSuite.hmac(key, key, message)).toEqual(fakeSuite.hmac(key, concat(key, message)))
    expect(fakeSuite.hmac(key, message)).not.toEqual(fakeSuite.hmac(message, key))
  })

  it('puts a ground identity where its seed says', () => {
    const prefix = rng.bytes(GROUND_ID_BYTES)
    const [first, second] = [rng.bytes(12), rng.bytes(12)].map(salt =>
      createIdentity(fakeSuite, groundSeed(prefix, salt)),
    )
    if (first === undefined || second === undefined) throw new Error('Two were made.')
    const id = dhtIdOf(fakeSuite, first.publicKey)
    expect(id.subarray(0, GROUND_ID_BYTES)).toEqual(prefix)
    expect(dhtIdOf(fakeSuite, second.publicKey)).not.toEqual(id)
    const signature = fakeSuite.sign(first.seed, message)
    expect(fakeSuite.verify(first.publicKey, message, signature)).toBe(true)
    expect(() => groundSeed(prefix.subarray(1), rng.bytes(12))).toThrow(RangeError)
  })
})
