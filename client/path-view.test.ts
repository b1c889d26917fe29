import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { createIdentity } from '../shared/identity/identity.ts'
import { pathOf } from './path-view.ts'

const [a, b] = [1, 2].map(n => createIdentity(nobleSuite, new Uint8Array(32).fill(n)))
if (a === undefined || b === undefined) throw new Error('two identities are needed')

describe('pathOf', () => {
  it.each([
    [[], 'direct'],
    [[a], 'relay'],
    [[a, b], 'onion'],
  ] as const)('names the kind by the number of hops', (hops, kind) => {
    const path = pathOf({ hops: hops.map(({ keyId }) => keyId), rttMs: 2 }, undefined, 10)
    expect(path).toEqual({ kind, hops: hops.map(({ keyText }) => keyText), rttMs: 2, since: 10 })
  })

  it('keeps the beginning of a path that was only measured again', () => {
    const first = pathOf({ hops: [a.keyId] }, undefined, 10)
    const again = pathOf({ hops: [a.keyId], rttMs: 5 }, first, 20)
    expect(again).toMatchObject({ since: 10, rttMs: 5 })
    expect(pathOf({ hops: [b.keyId] }, again, 30)).toMatchObject({ since: 30 })
    expect(pathOf({ hops: [a.keyId] }, undefined, 40)).toMatchObject({ since: 40 })
  })

  it('is undefined while there is none', () => {
    expect(pathOf(undefined, undefined, 10)).toBeUndefined()
  })
})
