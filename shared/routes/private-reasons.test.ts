import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { seeded } from '../session/testing/seeded.ts'
import { PRIVATE_RELAYS_TOLD } from '../wire/limits.ts'
import type { Place, PrivateCandidates } from './private-path.ts'
import { kindsAmong, missingRelay, usable } from './private-path.ts'
import type { PlaceFacts, PrivateReasons } from './private-reasons.ts'
import { privateReasons } from './private-reasons.ts'
import type { Kind } from './relay-apartness.ts'
import { commonKindBy } from './relay-apartness.ts'
import { keysOf } from './testing/keys.ts'
import { possiblePaths, randomWorld } from './testing/private-world.ts'

const [A, B, C, D, PEER] = keysOf(5) as [KeyId, KeyId, KeyId, KeyId, KeyId]

interface Given {
  readonly guards?: readonly KeyId[]
  readonly middles?: readonly KeyId[]
  readonly lasts?: readonly KeyId[]
  readonly failed?: readonly KeyId[]
  readonly unfit?: Partial<Record<Place, PlaceFacts['unfit']>>
}

/** Each relay is of its own kind, unless `kinds` says otherwise. */
function explain(given: Given, kinds: Partial<Record<KeyId, Kind[]>> = {}): PrivateReasons {
  const { guards = [A], middles = [B], lasts = [C], failed = [], unfit = {} } = given
  const keys = [...guards, ...middles, ...lasts]
  return reasonsIn({
    guards,
    middles: [middles],
    lasts: [lasts],
    peer: PEER,
    kindsOf: key => kinds[key] ?? [`name:${keys.indexOf(key)}`],
    failed,
    unfit,
  })
}

function reasonsIn(
  world: PrivateCandidates & Pick<Given, 'failed' | 'unfit'>,
  maxTold = PRIVATE_RELAYS_TOLD,
): PrivateReasons {
  const { guards, middles, lasts, failed = [], unfit = {} } = world
  const factsOf = (place: Place, keys: readonly KeyId[]): PlaceFacts => {
    const fit = usable(world.peer, keys)
    return {
      place,
      fit,
      unfit: unfit[place] ?? [],
      failed: fit.filter(key => failed.includes(key)),
    }
  }
  const places = [
    factsOf('guard', guards),
    factsOf('middle', middles.flat()),
    factsOf('last', lasts.flat()),
  ]
  const kindsOf = kindsAmong(world)
  const kinds = new Map(places.flatMap(({ fit }) => fit.map(key => [key, kindsOf(key)])))
  return privateReasons(
    { places, kinds },
    commonKindBy(key => kinds.get(key) ?? []),
    maxTold,
  )
}

function asideOf({ places }: PrivateReasons, place: Place) {
  return places.find(one => one.place === place)?.setAside
}

describe('what is missing of a private path', () => {
  it.each([
    [undefined, {}],
    ['guard', { guards: [] }],
    ['guard', { guards: [PEER] }],
    ['guard', { guards: [], middles: [], lasts: [] }],
    ['middle', { middles: [] }],
    ['middle', { middles: [PEER] }],
    ['last', { lasts: [] }],
    ['last', { lasts: [PEER], middles: [] }],
    ['onlyTwo', { lasts: [A] }],
    ['onlyTwo', { middles: [A, C] }],
    ['onlyTwo', { middles: [A, B], lasts: [B, PEER] }],
    ['onlyOne', { guards: [A], middles: [A], lasts: [A] }],
    ['onlyOne', { guards: [A], middles: [A, PEER], lasts: [A] }],
  ] as const)('is %s with %j', (missing, candidates) => {
    expect(explain(candidates).missing).toBe(missing)
  })

  it('is a network where there are three, and two of them share it', () => {
    expect(explain({}, { [A]: ['v4:9.1'], [B]: ['v4:9.1'] }).missing).toBe('network')
  })
})

describe('what is against a relay', () => {
  it('is nothing where a path goes over it', () => {
    const places = (['guard', 'middle', 'last'] as const).map(place => ({
      place,
      candidates: 1,
      usable: 1,
      setAside: [],
    }))
    expect(explain({})).toEqual({ places })
  })

  it('is something that it has in common with each one of another place', () => {
    const told = explain({ guards: [A, D] }, { [A]: ['v4:9.1', 'name:x'], [C]: ['name:x'] })
    expect(told.missing).toBeUndefined()
    expect(told.places).toEqual([
      {
        place: 'guard',
        candidates: 2,
        usable: 1,
        setAside: [{ key: A, reason: 'common', other: C, kind: 'name:x' }],
      },
      { place: 'middle', candidates: 1, usable: 1, setAside: [] },
      { place: 'last', candidates: 1, usable: 1, setAside: [] },
    ])
  })

  it('is that it stands elsewhere already', () => {
    expect(asideOf(explain({ middles: [A, B] }), 'middle')).toEqual([
      { key: A, reason: 'common', other: A, kind: 'same' },
    ])
    // There is a more telling example than the relay itself.
    const told = explain({ guards: [A, D], middles: [A, B] }, { [A]: ['name:x'], [D]: ['name:x'] })
    expect(asideOf(told, 'middle')).toEqual([
      { key: A, reason: 'common', other: D, kind: 'name:x' },
    ])
  })

  it('is that nothing is known of its network, nor of that of others', () => {
    expect(asideOf(explain({}, { [A]: [], [B]: [] }), 'guard')).toEqual([
      { key: A, reason: 'common', other: B, kind: 'unknown' },
    ])
    expect(explain({}, { [A]: [], [B]: [], [C]: [] }).missing).toBeUndefined()
  })

  it('is that of those it goes with no two go together', () => {
    const told = explain({ guards: [A, D] }, { [A]: ['name:y'], [B]: ['name:x'], [C]: ['name:x'] })
    expect(told.missing).toBe('network')
    expect(asideOf(told, 'guard')).toEqual([
      { key: A, reason: 'combination' },
      { key: D, reason: 'combination' },
    ])
    expect(asideOf(told, 'last')).toEqual([{ key: C, reason: 'common', other: B, kind: 'name:x' }])
  })

  it('is nothing of a place where nobody can stand', () => {
    const { places } = explain({ lasts: [] })
    expect(places.map(({ usable }) => usable)).toEqual([1, 1, 0])
    expect(places.flatMap(({ setAside }) => setAside)).toEqual([])
  })

  it('may be known before, and counts', () => {
    const told = explain({
      unfit: {
        guard: [{ key: D, reason: 'unreachable' }],
        last: [{ key: PEER, reason: 'peer' }],
      },
    })
    expect(told.places.map(({ candidates, usable }) => [candidates, usable])).toEqual([
      [2, 1],
      [1, 1],
      [2, 1],
    ])
    expect(asideOf(told, 'guard')).toEqual([{ key: D, reason: 'unreachable' }])
    expect(asideOf(told, 'last')).toEqual([{ key: PEER, reason: 'peer' }])
  })

  it('is told last where it only failed lately', () => {
    const failed = [D, A]
    const told = explain({ guards: [A, D], failed }, { [D]: ['name:x'], [C]: ['name:x'] })
    expect(asideOf(told, 'guard')).toEqual([
      { key: D, reason: 'common', other: C, kind: 'name:x' },
      { key: A, reason: 'failed' },
    ])
    expect(told.places[0]?.usable).toBe(1)
  })
})

describe('what is told', () => {
  it.each([
    [PRIVATE_RELAYS_TOLD - 1, PRIVATE_RELAYS_TOLD - 1],
    [PRIVATE_RELAYS_TOLD, PRIVATE_RELAYS_TOLD],
    [PRIVATE_RELAYS_TOLD + 1, PRIVATE_RELAYS_TOLD],
  ])('of %i relays is %i', (count, told) => {
    const middles = keysOf(count, 100)
    const kindsOf = (key: KeyId): Kind[] => (key === C ? ['name:y'] : ['name:x'])
    const world = { guards: [A], middles: [middles], lasts: [[C]], peer: PEER, kindsOf }
    const [, middle] = reasonsIn(world).places
    expect(middle).toMatchObject({ candidates: count, usable: 0 })
    expect(middle?.setAside).toHaveLength(told)
  })
})

describe('in 2,000 random worlds', () => {
  it('those stand nowhere over whom no path goes, and nobody else', () => {
    const random = seeded(21)
    const differences: string[] = []
    for (let n = 0; n < 2_000; n++) {
      const world = randomWorld(random)
      const paths = possiblePaths(world)
      const { missing, places } = reasonsIn(world)
      if (missing !== missingRelay(random.bytes, world)) differences.push(`${n}: not ${missing}`)
      if ((missing === undefined) !== paths.length > 0) differences.push(`${n}: ${missing}`)
      const isAPlaceEmpty = places.some(({ place }) => place === missing)
      for (const [at, { place, usable }] of places.entries()) {
        const expected = new Set(paths.map(path => path[at])).size
        if (!isAPlaceEmpty && usable !== expected) differences.push(`${n}: ${place} ${usable}`)
      }
    }
    expect(differences).toEqual([])
  })
})
