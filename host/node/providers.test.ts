// The providers must be equal, not just both right (security gate 1): same outcome for every vector, for
// random inputs, and for signatures and keys made to split verifiers.

import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../../shared/bytes/concat.ts'
import { nobleAead } from '../../shared/crypto/noble-aead.ts'
import { nobleSuite } from '../../shared/crypto/noble-suite.ts'
import { isPrimeOrderPoint, sharedVerdicts } from '../../shared/crypto/rule-k.ts'
import type { CryptoSuite } from '../../shared/crypto/suite.ts'
import { loadVectors } from '../../shared/crypto/testing/load-vectors.ts'
import { torsionPoints } from '../../shared/crypto/testing/torsion-points.ts'
import { runRfcVectors, runVectors } from '../../shared/crypto/testing/vector-runner.ts'
import { nodeAead } from './node-aead.ts'
import { nodeSuite } from './node-suite.ts'
import { INVERSE, isPrimeOrderKey, SCALAR } from './prime-order.ts'

const { Point } = ed25519
const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const data = fc.uint8Array({ maxLength: 300 })
const counter = fc.maxSafeNat()

const check = (publicKey: Uint8Array) => isPrimeOrderKey(nodeSuite.dh, publicKey)

/** Each with its own check of keys, and none told what the other one found. */
function byBoth<T>(judge: (suite: CryptoSuite) => T): [T, T] {
  const node = judge(nodeSuite)
  sharedVerdicts.checkBy(isPrimeOrderPoint)
  const noble = judge(nobleSuite)
  sharedVerdicts.checkBy(check)
  return [node, noble]
}

describe('both providers', () => {
  const vectors = loadVectors()

  it.skipIf(vectors === undefined)('give one digest over all public vectors', () => {
    if (vectors === undefined) return
    const [node, noble] = byBoth(suite => [
      runVectors(suite, vectors, suite === nodeSuite ? nodeAead : nobleAead),
      runRfcVectors(suite),
    ])
    expect(noble).toEqual(node)
  })

  it('compute the same from random inputs', () => {
    fc.assert(
      fc.property(key, key, data, data, counter, (a, b, ad, message, n) => {
        const outcomes = byBoth(suite => ({
          hashes: [suite.sha256(a, message), suite.sha512(message, b), suite.hmac(ad, message)],
          dh: [suite.dhPublic(a), suite.dh(a, suite.dhPublic(b)), suite.dh(a, b)],
          signature: [suite.signPublic(a), suite.sign(a, message)],
          sealed: suite.seal(a, n, ad, message),
          opened: suite.open(a, n, ad, suite.seal(a, n, ad, message)),
          stream: suite.xorStream(a, n, n % 2 ** 31, message),
          verdict: suite.verify(b, message, concat(a, b)),
        }))
        expect(outcomes[0]).toEqual(outcomes[1])
      }),
      { seed: 1, numRuns: 60 },
    )
  })

  it('judge signatures alike that a hostile holder of a key crafted', () => {
    const torsion = torsionPoints()
    const index = fc.integer({ min: 0, max: 7 })
    fc.assert(
      fc.property(key, data, index, index, (seed, message, i, j) => {
        const forged = craft(seed, message, torsion[i] ?? Point.ZERO, torsion[j] ?? Point.ZERO)
        const verdicts = byBoth(suite => suite.verify(forged.publicKey, message, forged.signature))
        expect(verdicts).toEqual([i + j === 0, i + j === 0])
      }),
      { seed: 2, numRuns: 40 },
    )
  })
})

describe('the native check of a public key', () => {
  it('rests on two scalars whose product is 1 for points of prime order and for no twist point', () => {
    const [k, m, order] = [toInteger(SCALAR), toInteger(INVERSE), Point.Fn.ORDER]
    for (const scalar of [k, m]) {
      expect(scalar % 8n).toBe(0n)
      expect(scalar >> 254n).toBe(1n)
    }
    expect((k * m) % order).toBe(1n)
    const twistOrder = (2n * (Point.Fp.ORDER + 1n) - 8n * order) / 4n
    expect((k * m) % twistOrder).not.toBe(1n)
    expect((k * m) % twistOrder).not.toBe(twistOrder - 1n)
  })

  it('answers as the portable one for keys, keys with torsion, and random bytes', () => {
    const torsion = torsionPoints()
    for (const point of torsion) expect(check(point.toBytes())).toBe(false)
    fc.assert(
      fc.property(key, seed => {
        const publicKey = nodeSuite.signPublic(seed)
        const point = Point.fromBytes(publicKey)
        for (const part of torsion) {
          expect(check(point.add(part).toBytes())).toBe(part.is0())
        }
        const canonical = seed.slice()
        canonical[31] = (canonical[31] as number) & 0xbf
        expect(check(canonical)).toBe(isPrimeOrderPoint(canonical))
      }),
      { seed: 3, numRuns: 60 },
    )
  })
})

/** A signature by a known scalar, with torsion added to the key and to R: valid without the cofactor or not. */
function craft(seed: Uint8Array, message: Uint8Array, keyPart: Point, rPart: Point) {
  const { scalar, point } = ed25519.utils.getExtendedPublicKey(seed)
  const publicKey = point.add(keyPart).toBytes()
  const nonce = Point.Fn.create(toInteger(nobleSuite.sha512(seed, message)))
  const r = Point.BASE.multiply(nonce).add(rPart).toBytes()
  const h = Point.Fn.create(toInteger(nobleSuite.sha512(r, publicKey, message)))
  const s = Point.Fn.toBytes(Point.Fn.create(nonce + h * scalar))
  return { publicKey, signature: concat(r, s) }
}

type Point = typeof Point.BASE

function toInteger(littleEndian: Uint8Array): bigint {
  return littleEndian.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
