import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isAllZero } from '../bytes/equal.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { edToXPublic } from '../crypto/ed-to-x.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { createIdentity, wipeIdentity } from './identity.ts'
import { parseKey } from './key-text.ts'
import { dhtIdOf, keyIdOf, publicKeyOf } from './node-id.ts'

const vectorFile = `${process.env.KEYMESH_VECTORS ?? '../shared/vectors'}/ed25519_to_x25519.json`
const haveVectors = process.env.CI === 'true' || existsSync(vectorFile)

interface ConversionVector {
  readonly ed25519_seed: string
  readonly ed25519_public: string
  readonly x25519_private: string
  readonly x25519_public: string
}

describe('identity', () => {
  const seed = fromHex('303df7a88d955afef0111a0f421b47ebaa2c2ac34c9a91e0a3db35bd1992a765')

  it('names the same key in every form', () => {
    const identity = createIdentity(nobleSuite, seed)
    expect(toHex(parseKey(identity.keyText))).toBe(toHex(identity.publicKey))
    expect(identity.keyId).toBe(keyIdOf(identity.publicKey))
    expect(toHex(publicKeyOf(identity.keyId))).toBe(toHex(identity.publicKey))
    expect(toHex(dhtIdOf(nobleSuite, identity.publicKey))).toBe(
      toHex(nobleSuite.sha256(identity.publicKey)),
    )
  })

  it('has a DH key that others find by converting its public key', () => {
    const identity = createIdentity(nobleSuite, seed)
    expect(edToXPublic(identity.publicKey)).toEqual(identity.dhPublic)
    expect(nobleSuite.dhPublic(identity.dhPrivate)).toEqual(identity.dhPublic)
  })

  it('has a clamped DH key (RFC 7748 5)', () => {
    for (let n = 0; n < 8; n++) {
      const { dhPrivate } = createIdentity(nobleSuite, new Uint8Array(32).fill(n))
      expect((dhPrivate[0] as number) & 0x07).toBe(0)
      expect((dhPrivate[31] as number) & 0xc0).toBe(0x40)
    }
  })

  it('keeps its own copy of the seed, and erases its secrets', () => {
    const input = seed.slice()
    const identity = createIdentity(nobleSuite, input)
    input.fill(7)
    expect(toHex(identity.seed)).toBe(toHex(seed))
    wipeIdentity(identity)
    expect(isAllZero(identity.seed) && isAllZero(identity.dhPrivate)).toBe(true)
    expect(isAllZero(identity.publicKey)).toBe(false)
  })

  it.each([0, 31, 33, 64])('refuses a seed of %i bytes', length => {
    expect(() => createIdentity(nobleSuite, new Uint8Array(length))).toThrow(RangeError)
  })
})

describe.skipIf(!haveVectors)('public vectors (skipped where they are missing)', () => {
  it('Ed25519 to X25519', () => {
    const { vectors } = JSON.parse(readFileSync(vectorFile, 'utf8')) as {
      vectors: ConversionVector[]
    }
    expect(vectors).toHaveLength(3)
    for (const vector of vectors) {
      const identity = createIdentity(nobleSuite, fromHex(vector.ed25519_seed))
      expect(toHex(identity.publicKey)).toBe(vector.ed25519_public)
      expect(toHex(identity.dhPrivate)).toBe(vector.x25519_private)
      expect(toHex(identity.dhPublic)).toBe(vector.x25519_public)
    }
  })
})
