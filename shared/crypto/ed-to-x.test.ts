import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edToXPublic } from './ed-to-x.ts'
import { nobleSuite as suite } from './noble-suite.ts'
import { torsionPoints } from './testing/torsion-points.ts'

describe('edToXPublic', () => {
  it('is the public key of the first half of SHA-512 of the seed', () => {
    const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(seeds, seed => {
        const dhPrivate = suite.sha512(seed).slice(0, 32)
        expect(edToXPublic(suite.signPublic(seed))).toEqual(suite.dhPublic(dhPrivate))
      }),
      { seed: 21, numRuns: 20 },
    )
  })

  it('gives each caller an array of its own', () => {
    const publicKey = suite.signPublic(new Uint8Array(32))
    const first = edToXPublic(publicKey)
    const copy = first?.slice()
    first?.fill(0)
    expect(edToXPublic(publicKey)).toEqual(copy)
  })

  it('refuses what is no valid key', () => {
    for (const point of torsionPoints()) expect(edToXPublic(point.toBytes())).toBeUndefined()
    for (const length of [0, 31, 33]) expect(edToXPublic(new Uint8Array(length))).toBeUndefined()
    expect(edToXPublic(new Uint8Array(32).fill(0xff))).toBeUndefined()
  })

  it('maps a key and its negative to one u, which is why the Ed25519 key must travel', () => {
    const publicKey = suite.signPublic(new Uint8Array(32))
    const negative = publicKey.slice()
    negative[31] = (negative[31] as number) ^ 0x80
    expect(edToXPublic(negative)).toEqual(edToXPublic(publicKey))
  })
})
