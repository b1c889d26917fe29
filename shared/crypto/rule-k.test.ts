import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../bytes/hex.ts'
import { KEY_VERDICTS_MAX } from '../wire/limits.ts'
import { nobleSuite } from './noble-suite.ts'
import { hasCanonicalS, isValidPublicKey, KeyVerdicts } from './rule-k.ts'
import { torsionPoints } from './testing/torsion-points.ts'

const publicKey = nobleSuite.signPublic(new Uint8Array(32).fill(1))
const { Point } = ed25519

describe('a public key', () => {
  it('is valid when canonical and of prime order', () => {
    expect(isValidPublicKey(publicKey)).toBe(true)
    expect(isValidPublicKey(publicKey)).toBe(true)
  })

  it.each(torsionPoints())('is not a small-order point, nor has a part of one: %#', torsion => {
    expect(isValidPublicKey(torsion.toBytes())).toBe(false)
    const mixed = Point.fromBytes(publicKey).add(torsion)
    expect(isValidPublicKey(mixed.toBytes())).toBe(torsion.is0())
  })

  it('has y below p, 32 bytes, and lies on the curve', () => {
    // y = p + 3 would reduce to the y of a point; y = 2 belongs to none.
    expect(isValidPublicKey(littleEndian(Point.Fp.ORDER + 3n))).toBe(false)
    expect(isValidPublicKey(littleEndian(Point.Fp.ORDER))).toBe(false)
    expect(isValidPublicKey(littleEndian(2n))).toBe(false)
    expect(isValidPublicKey(new Uint8Array(32).fill(0xff))).toBe(false)
    expect(isValidPublicKey(publicKey.subarray(1))).toBe(false)
    expect(isValidPublicKey(new Uint8Array(33))).toBe(false)
    expect(isValidPublicKey(new Uint8Array(0))).toBe(false)
  })
})

describe('S', () => {
  const order = Point.Fn.ORDER

  it.each([
    [0n, true],
    [order - 1n, true],
    [order, false],
    [order + 1n, false],
    [2n ** 253n, false],
    [2n ** 256n - 1n, false],
  ])('of %d is canonical: %s', (s, isCanonical) => {
    const signature = new Uint8Array(64).fill(0xff)
    signature.set(littleEndian(s), 32)
    expect(hasCanonicalS(signature)).toBe(isCanonical)
  })

  it('is looked for in 64 bytes only', () => {
    for (const length of [0, 32, 63, 65]) expect(hasCanonicalS(new Uint8Array(length))).toBe(false)
  })
})

describe('verdicts', () => {
  const signature = new Uint8Array(64)

  it('are found once per key, and forgotten oldest first', () => {
    const asked: Uint8Array[] = []
    const verdicts = new KeyVerdicts(key => asked.push(key) > 0)
    for (let i = 0; i <= KEY_VERDICTS_MAX; i++) verdicts.isValid(keyOf(i))
    expect(asked.length).toBe(KEY_VERDICTS_MAX + 1)
    verdicts.isValid(keyOf(1))
    expect(asked.length).toBe(KEY_VERDICTS_MAX + 1)
    verdicts.isValid(keyOf(0))
    expect(asked.length).toBe(KEY_VERDICTS_MAX + 2)
  })

  it('are found anew by another check', () => {
    const verdicts = new KeyVerdicts(() => true)
    expect(verdicts.isValid(keyOf(1))).toBe(true)
    verdicts.checkBy(() => false)
    expect(verdicts.isValid(keyOf(1))).toBe(false)
    expect(verdicts.isValid(keyOf(2))).toBe(false)
  })

  it('are not sought for a forged signature, nor a signature tried under a key known to be bad', () => {
    const asked: string[] = []
    const verdicts = new KeyVerdicts(() => {
      asked.push('key')
      return false
    })
    const holds = (answer: boolean) => () => {
      asked.push('signature')
      return answer
    }
    expect(verdicts.verify(keyOf(1), signature, holds(false))).toBe(false)
    expect(asked).toEqual(['signature'])
    expect(verdicts.verify(keyOf(1), signature, holds(true))).toBe(false)
    expect(asked).toEqual(['signature', 'signature', 'key'])
    expect(verdicts.verify(keyOf(1), signature, holds(true))).toBe(false)
    expect(asked.length).toBe(3)
  })

  it('need no public-key work for what is malformed', () => {
    const verdicts = new KeyVerdicts(() => expect.unreachable())
    const holds = () => expect.unreachable()
    expect(verdicts.verify(keyOf(1), signature.subarray(1), holds)).toBe(false)
    expect(verdicts.verify(new Uint8Array(31), signature, holds)).toBe(false)
    expect(verdicts.verify(keyOf(1), new Uint8Array(64).fill(0xff), holds)).toBe(false)
    expect(verdicts.isValid(fromHex(`ed${'ff'.repeat(30)}7f`))).toBe(false)
  })
})

function keyOf(number: number): Uint8Array {
  const key = new Uint8Array(32)
  new DataView(key.buffer).setUint32(0, number)
  return key
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
}
