import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborValue } from '../bytes/cbor.ts'
import { encodeCbor } from '../bytes/cbor.ts'
import { toHex } from '../bytes/hex.ts'
import { publicKeyOf } from '../identity/node-id.ts'
import { GUARDS_MAX } from '../wire/limits.ts'
import type { Guard } from './guard-list.ts'
import { decodeGuards, encodeGuards } from './guard-list.ts'
import { keyOf } from './testing/keys.ts'

const PINNED_MS = 1_800_000_000_000

function guards(count: number): Guard[] {
  return Array.from({ length: count }, (_, at) => ({ key: keyOf(at), pinnedMs: PINNED_MS + at }))
}

function guardMap(fields: Record<string, CborValue> = {}): CborValue {
  return new Map(Object.entries({ k: publicKeyOf(keyOf(1)), at: PINNED_MS, ...fields }))
}

function listOf(...items: CborValue[]): Uint8Array {
  return encodeCbor(new Map([['guards', items]]))
}

describe('a list of guards', () => {
  it('has these bytes', () => {
    const [, one] = guards(2) as [Guard, Guard]
    const dots = '2e'.repeat(31)
    expect(toHex(encodeGuards([one]))).toBe(
      `a1666775617264${'73'}81a2616b5820${dots}316261741b000001a3185c5001`,
    )
  })

  it.each([0, 1, 3, GUARDS_MAX - 1, GUARDS_MAX])('comes back with %i of them, in order', count => {
    expect(decodeGuards(encodeGuards(guards(count)))).toEqual(guards(count))
  })

  it('with one too many is damaged', () => {
    expect(decodeGuards(encodeGuards(guards(GUARDS_MAX + 1)))).toBeUndefined()
  })

  it('is damaged when its end is missing, or more follows', () => {
    const bytes = encodeGuards(guards(3))
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeGuards(bytes.subarray(0, length))).toBeUndefined()
    }
    expect(decodeGuards(Uint8Array.of(...bytes, 0))).toBeUndefined()
  })

  it.each([
    ['is no map', encodeCbor([])],
    ['has no guards', encodeCbor(new Map())],
    ['has guards that are no list', encodeCbor(new Map([['guards', 1]]))],
    ['has a guard that is no map', listOf(7)],
    ['has a short key', listOf(guardMap({ k: new Uint8Array(31) }))],
    ['has a long key', listOf(guardMap({ k: new Uint8Array(33) }))],
    ['has no time', listOf(new Map([['k', new Uint8Array(32)]]))],
    ['has a negative time', listOf(guardMap({ at: -1 }))],
    ['names one guard twice', listOf(guardMap(), guardMap({ at: 5 }))],
  ])('is damaged when it %s', (_, bytes) => expect(decodeGuards(bytes)).toBeUndefined())

  it('may hold more about a guard than this version knows', () => {
    expect(decodeGuards(listOf(guardMap({ more: 'x' })))).toEqual([
      { key: keyOf(1), pinnedMs: PINNED_MS },
    ])
  })

  it('never throws, whatever the bytes', () => {
    const whole = encodeGuards(guards(3))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        decodeGuards(bytes)
      }),
      { seed: 1, numRuns: 2_000 },
    )
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = whole.slice()
        changed[at] = byte
        const read = decodeGuards(changed)
        expect(read === undefined || read.length <= GUARDS_MAX).toBe(true)
      }),
      { seed: 2, numRuns: 2_000 },
    )
  })
})
