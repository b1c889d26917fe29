// The small parts of the stores: who makes way, who is attached, who lacks a value.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { decodeValue } from '../wire/registry-value.ts'
import { EvictionOrder } from './eviction-order.ts'
import { OpenLinks } from './open-links.ts'
import { holdersLacking } from './read-repair.ts'
import { identityOf, recordOf, revocationOf, UNIX_MS } from './testing/values.ts'

describe('EvictionOrder', () => {
  it('does what a list sorted by hand does', () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'add', 'delete', 'take' as const),
      id: fc.nat(20),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const order = new EvictionOrder<number>()
        let plain: number[] = []
        const prefixOf = (id: number) => [0, 1, 7, 256][id % 4] as number
        const sorted = () => plain.toSorted((a, b) => prefixOf(a) - prefixOf(b))
        for (const { kind, id } of steps) {
          if (kind === 'take') {
            const first = sorted()[0]
            expect(order.takeFarthest()).toBe(first)
            plain = plain.filter(one => one !== first)
          } else {
            plain = plain.filter(one => one !== id)
            if (kind === 'add') plain.push(id)
            if (kind === 'add') order.add(id, prefixOf(id))
            else order.delete(id, prefixOf(id))
          }
          const first = sorted()[0]
          expect(order.farthest()).toBe(first === undefined ? undefined : prefixOf(first))
        }
      }),
      { seed: 12, numRuns: 300 },
    )
  })
})

describe('OpenLinks', () => {
  it('knows a key until the last of its links is closed', () => {
    const links = new OpenLinks()
    const key = identityOf(1).keyId
    expect(links.has(key)).toBe(false)
    links.opened(key)
    links.opened(key)
    expect([links.closed(key), links.has(key)]).toEqual([false, true])
    expect([links.closed(key), links.has(key)]).toEqual([true, false])
    expect([links.closed(key), links.has(key)]).toEqual([true, false])
  })
})

describe('holdersLacking', () => {
  it('names those with nothing, or with something older', () => {
    const owner = identityOf(1)
    const record = (seq: number, over = {}) =>
      decodeValue({ kind: 'record', bytes: recordOf(owner, { seq, ...over }) })
    const revocation = decodeValue({ kind: 'revocation', bytes: revocationOf(owner) })
    const values = {
      none: undefined,
      older: record(UNIX_MS - 1),
      same: record(UNIX_MS),
      // Their publisher's error, which no repair mends.
      reused: record(UNIX_MS, { relay: 1 }),
      newer: record(UNIX_MS + 1),
      revoked: revocation,
    }
    const answers = Object.entries(values).map(([key, value]) => ({ key: key as KeyId, value }))
    expect(holdersLacking(record(UNIX_MS), answers)).toEqual(['none', 'older'])
    expect(holdersLacking(revocation, answers)).toEqual([
      'none',
      'older',
      'same',
      'reused',
      'newer',
    ])
    expect(holdersLacking(revocation, [])).toEqual([])
  })
})
