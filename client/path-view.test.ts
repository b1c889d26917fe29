import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { createIdentity } from '../shared/identity/identity.ts'
import type { ServerStatus } from './api.ts'
import { pathOf } from './path-view.ts'

const [a, b] = [1, 2].map(n => createIdentity(nobleSuite, new Uint8Array(32).fill(n)))
if (a === undefined || b === undefined) throw new Error('two identities are needed')

const score = { total: 49, latency: 24, hops: 20, reliability: 5, throughput: 0 }
const ours: ServerStatus[] = [{ url: 'wss://one.example', state: 'online', key: a.keyText }]

describe('pathOf', () => {
  it.each([
    ['direct', [], undefined],
    ['direct', [], 'fast'],
    ['relay', [a], undefined],
    ['relay', [a], 'relay'],
    ['relay', [a, b], 'fast'],
    // As long as a private one, by chance: nothing is promised of it.
    ['relay', [a, b, b], 'fast'],
    ['relay', [a, b], 'private'],
    ['private', [a, b, b], 'private'],
    // Of no server of ours: a client that relays.
    ['mesh', [b], 'fast'],
    ['mesh', [b, a], 'relay'],
    // A private path is what it promises, wherever it begins.
    ['private', [b, a, b], 'private'],
  ] as const)('is %s over %j in mode %s', (kind, hops, mode) => {
    const view = { hops: hops.map(({ keyId }) => keyId), rttMs: 2, ...(mode && { mode }) }
    expect(pathOf(view, undefined, ours, 10)).toEqual({
      kind,
      hops: hops.map(({ keyText }) => keyText),
      rttMs: 2,
      since: 10,
      ...(mode && { mode }),
    })
  })

  it('tells what the path costs', () => {
    expect(pathOf({ hops: [], score }, undefined, ours, 10)).toMatchObject({ score })
  })

  it('tells all that a badge shows of a direct path', () => {
    const candidates = { own: 'srflx', peer: 'host', protocol: 'udp' } as const
    const view = { hops: [], rttMs: 2, mode: 'fast', score, candidates } as const
    const since = 10
    expect(pathOf(view, undefined, ours, since)).toEqual({ ...view, kind: 'direct', since })
    const before = pathOf({ hops: [] }, undefined, ours, since)
    expect(before).toEqual({ kind: 'direct', hops: [], since })
    // Known a moment later, of a path that is the same.
    expect(pathOf(view, before, ours, 20)).toMatchObject({ candidates, since })
  })

  it('keeps the beginning of a path that was only measured again', () => {
    const first = pathOf({ hops: [a.keyId] }, undefined, ours, 10)
    const again = pathOf({ hops: [a.keyId], rttMs: 5, score }, first, ours, 20)
    expect(again).toMatchObject({ since: 10, rttMs: 5 })
    expect(pathOf({ hops: [b.keyId] }, again, ours, 30)).toMatchObject({ since: 30 })
    expect(pathOf({ hops: [a.keyId] }, undefined, ours, 40)).toMatchObject({ since: 40 })
  })

  it('keeps its kind while the server that it begins at is not named any more', () => {
    const view = { hops: [a.keyId, b.keyId], mode: 'fast' } as const
    const before = pathOf(view, undefined, ours, 10)
    expect(pathOf({ ...view, rttMs: 9 }, before, [], 20)).toMatchObject({ kind: 'relay' })
    const longer = { hops: [a.keyId, b.keyId, b.keyId] }
    const open = pathOf({ ...longer, mode: 'fast' }, undefined, ours, 10)
    const hidden = pathOf({ ...longer, mode: 'private' }, open, ours, 20)
    expect(hidden).toMatchObject({ kind: 'private', since: 10 })
  })

  it('is undefined while there is none', () => {
    expect(pathOf(undefined, undefined, ours, 10)).toBeUndefined()
  })
})
