import { describe, expect, it } from 'vitest'
import type { KeyId } from '../shared/identity/node-id.ts'
import type { PlaceFacts, PrivateFacts } from '../shared/routes/private-reasons.ts'
import type { Kind } from '../shared/routes/relay-apartness.ts'
import { commonKindBy } from '../shared/routes/relay-apartness.ts'
import type { PrivateViewTools } from './private-view.ts'
import { privatePathOf } from './private-view.ts'

const [A, B, C] = ['a', 'b', 'c'] as KeyId[] as [KeyId, KeyId, KeyId]

function facts(kinds: Partial<Record<KeyId, Kind[]>>, change: Partial<PlaceFacts> = {}) {
  const place = { unfit: [], failed: [] }
  const all: PrivateFacts = {
    places: [
      { ...place, place: 'guard', fit: [A], ...change },
      { ...place, place: 'middle', fit: [B] },
      { ...place, place: 'last', fit: [C] },
    ],
    kinds: new Map([A, B, C].map(key => [key, kinds[key] ?? [`name:${key}`]])),
  }
  const tools: PrivateViewTools = {
    common: commonKindBy(key => all.kinds.get(key) ?? []),
    maxTold: 8,
    writeKey: key => `key_${key}`,
  }
  return privatePathOf(all, tools)
}

describe('what there is to make a private path of', () => {
  it('is told place by place, with keys as text', () => {
    const unfit = [{ key: 'd' as KeyId, reason: 'unreachable' }] as const
    expect(facts({}, { unfit, failed: [A] })).toEqual({
      places: [
        {
          place: 'guard',
          candidates: 2,
          usable: 1,
          setAside: [
            { key: 'key_d', reason: 'unreachable' },
            { key: 'key_a', reason: 'failed' },
          ],
        },
        { place: 'middle', candidates: 1, usable: 1, setAside: [] },
        { place: 'last', candidates: 1, usable: 1, setAside: [] },
      ],
    })
  })

  it.each<[Kind, object]>([
    ['v4:203.0', { reason: 'network', shared: '203.0.0.0/16' }],
    ['v6:2001:db8', { reason: 'network', shared: '2001:db8::/32' }],
    ['name:example.org', { reason: 'network', shared: '*.example.org' }],
    ['operator:ann: and co', { reason: 'operator', shared: 'ann: and co' }],
    ['unknown', { reason: 'unknown' }],
  ])('names %s as people do', (kind, words) => {
    const { missing, places } = facts({ [A]: [kind], [C]: [kind] })
    expect(missing).toBe('network')
    expect(places[0]?.setAside).toEqual([{ key: 'key_a', with: 'key_c', ...words }])
  })

  it('says who stands elsewhere already', () => {
    const told = facts({}, { fit: [C] })
    expect(told.places[2]?.setAside).toEqual([{ key: 'key_c', reason: 'taken' }])
  })
})
