import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { seeded } from '../session/testing/seeded.ts'
import { PRIVATE_MAX_CANDIDATES, PRIVATE_ROUTES_PER_GUARD } from '../wire/limits.ts'
import type { PrivateCandidates, PrivateTries } from './private-path.ts'
import { privateRoutes } from './private-path.ts'
import type { Kind } from './relay-apartness.ts'
import type { Relays } from './route.ts'
import { keysOf } from './testing/keys.ts'
import { brokenRules, possiblePaths, randomWorld } from './testing/private-world.ts'

const [A, B, C, D, PEER] = keysOf(5) as [KeyId, KeyId, KeyId, KeyId, KeyId]

interface Told {
  readonly kinds?: Partial<Record<KeyId, Kind[]>>
  readonly seed?: number
  readonly tries?: PrivateTries
}

/** Each relay is of its own kind, unless `kinds` says otherwise. */
function draw(
  candidates: Partial<PrivateCandidates>,
  { kinds = {}, seed = 1, tries = {} }: Told = {},
): Relays[] {
  const world = {
    guards: [A],
    middles: [[B]],
    lasts: [[C]],
    peer: PEER,
    kindsOf: (key: KeyId) => kinds[key] ?? [`name:${key}`],
    ...candidates,
  }
  return privateRoutes(seededRandom(seed), world, tries)
}

function choose(
  candidates: Partial<PrivateCandidates>,
  kinds: Partial<Record<KeyId, Kind[]>> = {},
  seed = 1,
): Relays | undefined {
  return draw(candidates, { kinds, seed })[0]
}

describe('the relays of a private path', () => {
  it('are a guard, one in between and one that reaches the peer', () => {
    expect(choose({})).toEqual([A, B, C])
  })

  it.each([
    { guards: [] },
    { guards: [PEER] },
    { middles: [] },
    { middles: [[PEER]] },
    { lasts: [] },
    { lasts: [[PEER]] },
    { lasts: [[A]] },
    { middles: [[A, C]] },
    { guards: [A], middles: [[A]], lasts: [[A]] },
  ] as const)('are none with %j', candidates => expect(draw(candidates)).toEqual([]))

  it('begin with the first guard that a path can begin with', () => {
    expect(choose({ guards: [PEER, A, D] })).toEqual([A, B, C])
    expect(choose({ guards: [D, A] })).toEqual([D, B, C])
    expect(choose({ guards: [C, A] })).toEqual([A, B, C])
    expect(choose({ guards: [D, A] }, { [D]: ['name:x'], [C]: ['name:x'] })).toEqual([A, B, C])
    expect(choose({ guards: [D, A] }, { [D]: ['name:x'], [B]: ['name:y', 'name:x'] })).toEqual([
      A,
      B,
      C,
    ])
  })

  it.each([
    ['guard and middle', A, B],
    ['guard and last', A, C],
    ['middle and last', B, C],
  ])('are none where %s have something in common', (_, one, other) => {
    expect(
      choose({}, { [one]: ['name:p', 'name:x'], [other]: ['name:x', 'name:q'] }),
    ).toBeUndefined()
  })

  it('are another last one where the first one drawn leaves no middle', () => {
    for (let seed = 0; seed < 20; seed++) {
      expect(choose({ lasts: [[C, D]] }, { [B]: ['name:x'], [C]: ['name:x'] }, seed)).toEqual([
        A,
        B,
        D,
      ])
    }
  })

  it('are drawn evenly among those that are good', () => {
    const [middles, lasts] = [keysOf(10, 100), keysOf(10, 200)]
    const counts = new Map<KeyId, number>()
    for (let seed = 0; seed < 2_000; seed++) {
      const path = choose({ middles: [middles], lasts: [lasts] }, {}, seed) as Relays
      for (const key of path.slice(1)) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expect(counts.size).toBe(20)
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(145)
      expect(count).toBeLessThan(260)
    }
  })
})

describe('the routes of one draw', () => {
  const [middles, lasts] = [keysOf(8, 100), keysOf(2, 200)]
  const names = (routes: readonly Relays[]): string[] => routes.map(relays => relays.join())

  it('are all there are, each once', () => {
    const few = { guards: [A, D], middles: [middles.slice(0, 3)], lasts: [lasts] }
    for (let seed = 0; seed < 20; seed++) {
      const routes = draw(few, { seed })
      expect(new Set(names(routes)).size).toBe(12)
      expect(routes.map(([guard]) => guard)).toEqual([...Array(6).fill(A), ...Array(6).fill(D)])
    }
  })

  it('have all middles once before one comes again, and lasts in turn', () => {
    for (let seed = 0; seed < 20; seed++) {
      const routes = draw({ middles: [middles], lasts: [lasts] }, { seed })
      expect(new Set(routes.slice(0, 8).map(([, middle]) => middle)).size).toBe(8)
      expect(new Set(routes.slice(4, 6).map(([, , last]) => last)).size).toBe(2)
    }
  })

  it.each([
    [PRIVATE_ROUTES_PER_GUARD - 1, PRIVATE_ROUTES_PER_GUARD - 1],
    [PRIVATE_ROUTES_PER_GUARD, PRIVATE_ROUTES_PER_GUARD],
    [PRIVATE_ROUTES_PER_GUARD + 1, PRIVATE_ROUTES_PER_GUARD],
  ])('with %i middles are %i of each guard', (count, routes) => {
    const drawn = draw({ guards: [A, D], middles: [keysOf(count, 100)] })
    expect(drawn.filter(([guard]) => guard === A)).toHaveLength(routes)
    expect(drawn).toHaveLength(2 * routes)
  })

  it('begin with relays that were tried least', () => {
    const tried = [...middles.slice(0, 7), ...middles.slice(0, 6)].map(key => [A, key, lasts[0]])
    const tries = { tried: tried as Relays[] }
    for (let seed = 0; seed < 20; seed++) {
      const routes = draw({ middles: [middles], lasts: [lasts] }, { seed, tries })
      expect(routes[0]?.slice(1)).toEqual([middles[7], lasts[1]])
      expect(routes[1]?.[1]).toBe(middles[6])
    }
  })

  it('of guards that failed come last, in their order', () => {
    const [one, two, three] = keysOf(3, 300) as [KeyId, KeyId, KeyId]
    const guards = [one, two, three]
    const firsts = (...failed: KeyId[]) =>
      draw({ guards }, { tries: { failedGuards: new Set(failed) } }).map(([guard]) => guard)
    expect(firsts(one)).toEqual([two, three, one])
    expect(firsts(three, one)).toEqual([two, one, three])
    expect(firsts(...guards)).toEqual(guards)
  })

  it('that failed lately come after the others of their guard, and before the next guard', () => {
    const tries = { hasFailed: (relays: Relays) => relays.includes(B) }
    for (let seed = 0; seed < 20; seed++) {
      const other = middles[0] as KeyId
      const routes = draw({ guards: [A, D], middles: [[B, other]] }, { seed, tries })
      expect(routes).toEqual([
        [A, other, C],
        [A, B, C],
        [D, other, C],
        [D, B, C],
      ])
    }
  })
})

describe('a server that tells of many relays', () => {
  it('has its share of the middle places and no more', () => {
    const honest = keysOf(3, 100)
    const ownSybils = keysOf(60, 200)
    let sybils = 0
    for (let seed = 0; seed < 2_000; seed++) {
      const [, middle] = choose({ middles: [[B], honest, ownSybils] }, {}, seed) as Relays
      if (ownSybils.includes(middle as KeyId)) sybils += 1
    }
    expect(sybils).toBeGreaterThan(580)
    expect(sybils).toBeLessThan(760)
  })
})

describe('relays that show no network', () => {
  it('are as good as any in a lab, where nobody shows one', () => {
    expect(choose({}, { [A]: [], [B]: [], [C]: [] })).toEqual([A, B, C])
  })

  it('are at most one of a path elsewhere', () => {
    expect(choose({}, { [B]: [] })).toEqual([A, B, C])
    expect(choose({}, { [B]: [], [C]: [] })).toBeUndefined()
    expect(choose({}, { [A]: [], [C]: [] })).toBeUndefined()
    expect(choose({ middles: [[B, D]] }, { [A]: [], [B]: [], [C]: [] })).toBeUndefined()
  })
})

describe('the work of a choice', () => {
  it.each([
    [PRIVATE_MAX_CANDIDATES - 1, false],
    [PRIVATE_MAX_CANDIDATES, false],
    [PRIVATE_MAX_CANDIDATES + 1, true],
  ])('with %i candidates for a place: some are not looked at is %s', (count, isCut) => {
    const middles = keysOf(count, 100)
    const good = middles.at(-1) as KeyId
    const outcomes = new Set<string>()
    for (let seed = 0; seed < 500; seed++) {
      const kindsHere = (key: KeyId): Kind[] =>
        middles.includes(key) && key !== good ? ['name:x'] : [key === A ? 'name:x' : `name:${key}`]
      const path = choose({ middles: [middles], kindsOf: kindsHere }, {}, seed)
      outcomes.add(path?.join() ?? 'none')
    }
    expect(outcomes).toContain([A, good, C].join())
    expect(outcomes.has('none')).toBe(isCut)
  })
})

describe('100,000 private paths', () => {
  it('break no rule, are different, and none is missing that could be', () => {
    const random = seeded(20)
    let [paths, refused] = [0, 0]
    const violations: string[] = []
    while (paths < 100_000) {
      const world = randomWorld(random)
      const drawn = privateRoutes(random.bytes, world)
      if (drawn.length === 0) {
        refused++
        if (possiblePaths(world).length > 0) violations.push('refused')
      }
      // Of many worlds rather than many of one.
      paths += Math.min(5, drawn.length)
      for (const path of drawn) violations.push(...brokenRules(path, world))
      if (new Set(drawn.map(path => path.join())).size < drawn.length) violations.push('one twice')
      const places = drawn.map(([guard]) => world.guards.indexOf(guard as KeyId))
      if (places.some((place, at) => place < (places[at - 1] ?? 0))) violations.push('guard order')
    }
    expect(violations).toEqual([])
    expect(refused).toBeGreaterThan(500)
  }, 60_000)
})
