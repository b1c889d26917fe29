import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { kindsOf } from '../node/routes/relay-kinds.ts'
import type { Seeded } from '../session/testing/seeded.ts'
import { seeded } from '../session/testing/seeded.ts'
import { PRIVATE_MAX_CANDIDATES } from '../wire/limits.ts'
import type { PrivateCandidates } from './private-path.ts'
import { privateRelays } from './private-path.ts'
import type { Relays } from './route.ts'
import { keyOf, keysOf } from './testing/keys.ts'

const [A, B, C, D, PEER] = keysOf(5) as [KeyId, KeyId, KeyId, KeyId, KeyId]

/** Each relay is of its own kind, unless `kinds` says otherwise. */
function choose(
  candidates: Partial<PrivateCandidates>,
  kinds: Partial<Record<KeyId, string[]>> = {},
  seed = 1,
): ReturnType<typeof privateRelays> {
  return privateRelays(seededRandom(seed), {
    guards: [A],
    middles: [[B]],
    lasts: [[C]],
    peer: PEER,
    kindsOf: key => kinds[key] ?? [`own:${key}`],
    ...candidates,
  })
}

describe('the relays of a private path', () => {
  it('are a guard, one in between and one that reaches the peer', () => {
    expect(choose({})).toEqual([A, B, C])
  })

  it.each([
    ['guard', { guards: [] }],
    ['guard', { guards: [PEER] }],
    ['middle', { middles: [] }],
    ['middle', { middles: [[PEER]] }],
    ['last', { lasts: [] }],
    ['last', { lasts: [[PEER]] }],
    ['network', { lasts: [[A]] }],
    ['network', { middles: [[A, C]] }],
    ['network', { guards: [A], middles: [[A]], lasts: [[A]] }],
  ] as const)('are missing for want of a %s in %j', (missing, candidates) => {
    expect(choose(candidates)).toEqual({ missing })
  })

  it('begin with the first guard that a path can begin with', () => {
    expect(choose({ guards: [PEER, A, D] })).toEqual([A, B, C])
    expect(choose({ guards: [D, A] })).toEqual([D, B, C])
    expect(choose({ guards: [C, A] })).toEqual([A, B, C])
    expect(choose({ guards: [D, A] }, { [D]: ['x'], [C]: ['x'] })).toEqual([A, B, C])
    expect(choose({ guards: [D, A] }, { [D]: ['x'], [B]: ['y', 'x'] })).toEqual([A, B, C])
  })

  it.each([
    ['guard and middle', A, B],
    ['guard and last', A, C],
    ['middle and last', B, C],
  ])('are none where %s have something in common', (_, one, other) => {
    expect(choose({}, { [one]: ['p', 'x'], [other]: ['x', 'q'] })).toEqual({ missing: 'network' })
  })

  it('are another last one where the first one drawn leaves no middle', () => {
    for (let seed = 0; seed < 20; seed++) {
      expect(choose({ lasts: [[C, D]] }, { [B]: ['x'], [C]: ['x'] }, seed)).toEqual([A, B, D])
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
    expect(choose({}, { [B]: [], [C]: [] })).toEqual({ missing: 'network' })
    expect(choose({}, { [A]: [], [C]: [] })).toEqual({ missing: 'network' })
    expect(choose({ middles: [[B, D]] }, { [A]: [], [B]: [], [C]: [] })).toEqual({
      missing: 'network',
    })
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
      const kindsHere = (key: KeyId): string[] =>
        middles.includes(key) && key !== good ? ['x'] : [key === A ? 'x' : `own:${key}`]
      const path = choose({ middles: [middles], kindsOf: kindsHere }, {}, seed)
      outcomes.add('missing' in path ? path.missing : path.join())
    }
    expect(outcomes).toContain([A, good, C].join())
    expect(outcomes.has('network')).toBe(isCut)
  })
})

/** A world of relays, with few networks, names and operators, so that most of them have much in common. */
function randomWorld(random: Seeded): PrivateCandidates {
  const below = (bound: number): number => Math.floor(random.next() * bound)
  const urls = [
    () => `wss://${20 + below(4)}.${below(3)}.${below(256)}.${below(256)}:443`,
    () => `wss://[2001:${below(6)}:${below(9)}::${1 + below(9)}]/mesh`,
    () => `wss://${'abc'.charAt(below(3))}.${'xyz'.charAt(below(3))}.example`,
    () => 'ws://10.0.0.7:8080',
  ]
  const records = new Map(
    keysOf(3 + below(30)).map(key => {
      const endpoints = Array.from({ length: below(3) }, () => ({
        url: (urls[below(4)] as () => string)(),
      }))
      const meta = new Map(below(3) === 0 ? [['operator', `op ${below(4)}`]] : [])
      return [key, kindsOf({ endpoints, meta })]
    }),
  )
  const keys = [...records.keys()]
  const some = (count: number): KeyId[] =>
    Array.from({ length: count }, () => keys[below(keys.length)] as KeyId)
  return {
    guards: some(1 + below(4)),
    middles: [some(1 + below(15)), some(below(15))],
    lasts: [some(1 + below(6))],
    peer: below(2) === 0 ? keyOf(9_999) : (keys[0] as KeyId),
    kindsOf: key => records.get(key) ?? [],
  }
}

function brokenRules(path: Relays, world: PrivateCandidates): string[] {
  const { guards, middles, lasts, peer } = world
  const [guard, middle, last] = path as [KeyId, KeyId, KeyId]
  const broken: string[] = []
  if (path.length < 3) broken.push('fewer than three relays')
  if (new Set(path).size < path.length) broken.push('a key twice')
  if (path.includes(peer)) broken.push('the peer relays')
  if (!guards.includes(guard)) broken.push('begins with no guard')
  if (!middles.flat().includes(middle) || !lasts.flat().includes(last))
    broken.push('not of the candidates')
  const kinds = path.map(key => world.kindsOf(key))
  if (new Set(kinds.flat()).size < kinds.flat().length) broken.push('a common kind')
  const isLab = [...guards, ...middles.flat(), ...lasts.flat()].every(
    key => world.kindsOf(key).length === 0,
  )
  if (!isLab && kinds.filter(list => list.length === 0).length > 1) broken.push('two unknown')
  return broken
}

/** The readable twin: whether any three relays keep the rules. */
function isPossible(world: PrivateCandidates): boolean {
  return world.guards.some(guard =>
    world.middles
      .flat()
      .some(middle =>
        world.lasts.flat().some(last => brokenRules([guard, middle, last], world).length === 0),
      ),
  )
}

describe('100,000 private paths', () => {
  it('break no rule, and none is missing that could be', () => {
    const random = seeded(20)
    let [paths, refused] = [0, 0]
    const violations: string[] = []
    while (paths < 100_000) {
      const world = randomWorld(random)
      for (let again = 0; again < 10; again++) {
        const path = privateRelays(random.bytes, world)
        if ('missing' in path) {
          refused++
          if (isPossible(world)) violations.push(`refused with ${path.missing}`)
          break
        }
        paths++
        violations.push(...brokenRules(path, world))
      }
    }
    expect(violations).toEqual([])
    expect(refused).toBeGreaterThan(500)
  }, 60_000)
})
