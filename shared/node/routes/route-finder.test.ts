// What a node makes of what it knows: the order of routes, what experience and others' words change, spares.

import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import { MEMORY_HALF_LIFE_MS } from '../../routes/link-history.ts'
import type { PathMode, Relays } from '../../routes/route.ts'
import { RECORD_LINK_MS, TOLD_LINK_MS } from '../../wire/limits.ts'
import { identityOf, recordOf } from '../testing/records.ts'
import { routesForTests } from '../testing/routes.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import type { RouteFinder } from './route-finder.ts'
import { isSpareFor } from './route-order.ts'
import type { Surroundings } from './ways.ts'

const BOB = 'bob' as KeyId
const START: Time = { now: 1_000, unixMs: START_UNIX_MS }

function keys(...names: string[]): KeyId[] {
  return names as KeyId[]
}

function around(fields: Partial<Surroundings>): Surroundings {
  return { hasDirectLink: false, entries: [], homes: [], isServer: false, ...fields }
}

function later(ms: number): Time {
  return { now: START.now + ms, unixMs: START.unixMs + ms }
}

/** In the order in which they are tried. */
function tried(
  finder: RouteFinder,
  fields: Partial<Surroundings>,
  more: { mode?: PathMode; inUse?: Relays[]; time?: Time; without?: string } = {},
): string[] {
  const { mode = 'fast', inUse = [], time = START, without } = more
  const canUse = (key: KeyId): boolean => key !== without
  const routes = finder.toTry(time, { peer: BOB, mode, inUse, canUse }, around(fields))
  return routes.map(({ relays }) => relays.join('>') || '-')
}

describe('routes', () => {
  const shared = { entries: keys('a', 'b'), homes: keys('a', 'b') }

  it('are direct, over shared servers, over two servers, while nothing is known of them', () => {
    const fields = { entries: keys('a', 'b', 'c'), homes: keys('x', 'c'), hasDirectLink: true }
    expect(tried(routesForTests(), fields)).toEqual(['-', 'c', 'a>x', 'b>x', 'c>x'])
  })

  it('begin at the nearest of our servers', () => {
    const finder = routesForTests()
    finder.linkMeasured(START, 'a' as KeyId, 80)
    finder.linkMeasured(START, 'b' as KeyId, 20)
    expect(tried(finder, shared)).toEqual(['b', 'a'])
    expect(tried(finder, shared, { time: later(RECORD_LINK_MS) })).toEqual(['a', 'b'])
  })

  it('avoid the relays of those before them', () => {
    const finder = routesForTests()
    finder.linkMeasured(START, 'a' as KeyId, 1)
    finder.linkMeasured(START, 'b' as KeyId, 40)
    const fields = { entries: keys('a', 'b'), homes: keys('x', 'y') }
    expect(tried(finder, fields)).toEqual(['a>x', 'b>y', 'a>y', 'b>x'])
  })

  it('that failed come later, until that is forgotten', () => {
    const finder = routesForTests()
    finder.failed(START, BOB, keys('a'), 'timeout')
    expect(tried(finder, shared)).toEqual(['b', 'a'])
    for (let n = 0; n < 20; n++) finder.opened(later(n), BOB, keys('a'))
    expect(tried(finder, shared)).toEqual(['a', 'b'])
    const fields = { entries: keys('a', 'b'), homes: keys('x') }
    finder.failed(START, BOB, keys('a', 'x'), 'unreachable')
    expect(tried(finder, fields)[0]).toBe('b>x')
  })

  it('are worth as much as before when our own link to the first relay was lost, but for that link', () => {
    const finder = routesForTests()
    const fields = { entries: keys('a', 'b'), homes: keys('x') }
    for (let n = 0; n < 9; n++) finder.failed(START, BOB, keys('a', 'x'), 'linkLost')
    // No link between servers is suspected, so no detour is tried.
    expect(tried(finder, fields)).toEqual(['b>x', 'a>x'])
    expect(finder.judged(START.now, BOB, keys('b', 'x'))).toEqual(
      routesForTests().judged(START.now, BOB, keys('b', 'x')),
    )
    for (let n = 0; n < 20; n++) finder.opened(later(n), 'carol' as KeyId, keys('a'))
    expect(tried(finder, fields)).toEqual(['a>x', 'b>x'])
  })

  it('are fairly reliable again soon after an outage that was met with again and again', () => {
    const finder = routesForTests()
    const relays = keys('a', 'x')
    const outageMs = 600_000
    for (let ms = 0; ms < outageMs; ms += 5_000) finder.failed(later(ms), BOB, relays, 'timeout')
    const over = outageMs + 30_000
    const { reliability } = finder.judged(START.now + over, BOB, relays).metrics
    const once = routesForTests()
    once.failed(later(outageMs), BOB, relays, 'timeout')
    expect(reliability).toBeCloseTo(
      once.judged(START.now + over, BOB, relays).metrics.reliability,
      1,
    )
  })

  it('are as reliable as any when they worked for some minutes, links and all', () => {
    const finder = routesForTests()
    const relays = keys('a', 'x')
    for (let n = 0; n < 5; n++) finder.failed(later(n), BOB, relays, 'timeout')
    finder.opened(later(5), BOB, relays)
    for (let ms = 1_000; ms < 300_000; ms += 1_000) {
      finder.pathMeasured(later(ms), BOB, relays, 50)
    }
    const carol = 'carol' as KeyId
    const { metrics } = finder.judged(START.now + 300_000, BOB, relays)
    expect(metrics.reliability).toBeGreaterThan(0.85)
    expect(finder.judged(START.now + 300_000, carol, relays).metrics.reliability).toBeGreaterThan(
      0.8,
    )
  })

  it('that are dead are left after few tries, also for much dearer ones, and are tried again later', () => {
    const finder = routesForTests()
    finder.linkMeasured(START, 'a' as KeyId, 1)
    finder.linkMeasured(START, 'b' as KeyId, 400)
    let failures = 0
    while (failures < 9 && tried(finder, shared)[0] === 'a') {
      finder.failed(later(failures), BOB, keys('a'), 'timeout')
      failures += 1
    }
    expect(failures).toBeLessThanOrEqual(3)
    expect(tried(finder, shared, { time: later(60_000) })[0]).toBe('a')
  })

  it('that fail every other time come after those that never do', () => {
    const finder = routesForTests()
    finder.linkMeasured(START, 'a' as KeyId, 1)
    finder.linkMeasured(START, 'b' as KeyId, 60)
    expect(tried(finder, shared)).toEqual(['a', 'b'])
    for (let n = 0; n < 3; n++) {
      finder.failed(later(n * 2_000), BOB, keys('a'), 'timeout')
      finder.opened(later(n * 2_000 + 1_000), BOB, keys('a'))
      finder.opened(later(n * 2_000 + 1_000), BOB, keys('b'))
    }
    expect(tried(finder, shared, { time: later(6_000) })).toEqual(['b', 'a'])
    expect(tried(finder, shared, { time: later(60_000) })).toEqual(['b', 'a'])
  })

  it('over a server that is at its limit come later for every peer', () => {
    const finder = routesForTests()
    finder.failed(START, 'carol' as KeyId, keys('a'), 'quota')
    expect(tried(finder, shared)).toEqual(['b', 'a'])
  })

  it('are judged by a round trip over the whole of them, and so are others over the same link', () => {
    const finder = routesForTests()
    finder.linkMeasured(START, 'a' as KeyId, 10)
    finder.pathMeasured(START, BOB, keys('a', 'x'), 400)
    expect(tried(finder, { entries: keys('a', 'b'), homes: keys('x') })[0]).toBe('b>x')
    finder.pathMeasured(START, 'carol' as KeyId, keys('a'), 210)
    const [route] = finder.ranked(
      START,
      { peer: 'carol' as KeyId, mode: 'fast' },
      around({ entries: keys('a', 'b'), homes: keys('a') }),
    )
    expect(route?.metrics).toMatchObject({ latencyMs: 210, isMeasured: true })
  })

  it('are judged by what they delivered, each for itself', () => {
    const finder = routesForTests()
    const scoreOver = (relay: string) => finder.judged(START.now, BOB, keys(relay), 50).score
    finder.pathMeasured(START, BOB, keys('a'), 50)
    expect(scoreOver('a').throughput).toBe(0)
    finder.pathMeasured(START, BOB, keys('a'), 50, 262_144)
    expect(scoreOver('a').throughput).toBeCloseTo(187.5)
    finder.pathMeasured(START, BOB, keys('a'), 50)
    expect(scoreOver('a').throughput).toBeCloseTo(187.5)
    // A part of the way may be the narrow one, or not.
    expect(scoreOver('b').throughput).toBe(0)
    finder.pathMeasured(START, BOB, keys('a'), 50, 4_000_000)
    expect(scoreOver('a').throughput).toBe(0)
  })

  it('of others’ telling are candidates for a while', () => {
    const finder = routesForTests()
    const heard = { key: BOB, routes: [{ relays: keys('a', 'q', 'x'), latencyMs: 30 }] }
    finder.heard(START, { ...heard, records: [] })
    const fields = { entries: keys('a'), homes: keys('x') }
    expect(tried(finder, fields)).toContain('a>q>x')
    expect(tried(finder, fields, { time: later(TOLD_LINK_MS) })).toEqual(['a>x'])
  })

  it('never make a link of others look slower than it is assumed to be', () => {
    const finder = routesForTests()
    const fields = { entries: keys('a', 's'), homes: keys('x') }
    const before = tried(finder, fields)
    const slander = { relays: keys('s', 'a', 'x'), latencyMs: 60_000 }
    finder.heard(START, { key: BOB, routes: [slander], records: [] })
    const after = tried(finder, fields).filter(way => before.includes(way))
    expect(after).toEqual(before)
  })

  it('never go over one of our servers to another, unless that is shorter', () => {
    const finder = routesForTests()
    const heard = { key: BOB, routes: [{ relays: keys('a', 'b'), latencyMs: 5 }], records: [] }
    finder.heard(START, heard)
    const fields = { entries: keys('a', 'b'), homes: keys('b') }
    expect(tried(finder, fields)).toEqual(['b'])
    finder.linkMeasured(START, 'a' as KeyId, 10)
    finder.linkMeasured(START, 'b' as KeyId, 300)
    expect(tried(finder, fields)[0]).toBe('a>b')
  })

  it('begin at a neighbour only where that one told of them', () => {
    const finder = routesForTests()
    const fields = { neighbours: keys('n'), homes: keys('x') }
    expect(tried(finder, fields)).toEqual([])
    finder.heard(START, { key: BOB, routes: [{ relays: keys('n') }], records: [] })
    expect(tried(finder, fields)).toEqual(['n'])
    expect(tried(finder, { homes: keys('x') })).toEqual([])
  })

  it('leave out clients that do not relay, and relays whose keys are not known', () => {
    const finder = routesForTests()
    const client = recordOf(identityOf(40), { type: 'client' })
    const relays = [...keys('a'), identityOf(40).keyId]
    finder.heard(START, { key: BOB, routes: [{ relays }], records: [client] })
    expect(tried(finder, { entries: keys('a') })).toEqual([])
    expect(tried(finder, shared, { without: 'a' })).toEqual(['b'])
  })

  it('of mode relay are never direct', () => {
    const fields = { ...shared, hasDirectLink: true }
    expect(tried(routesForTests(), fields, { mode: 'relay' })).toEqual(['a', 'b'])
  })
})

describe('ways around a link that failed', () => {
  const onion = [{ key: new Uint8Array(32).fill(3), expiresMs: START_UNIX_MS + 60_000 }]
  const { record } = recordOf(identityOf(41), { type: 'server', relay: 1, onion })
  const around2 = { entries: keys('a', 'b'), homes: keys('x', 'y') }

  it('are tried by what they cost, but first where they are preferred', () => {
    const finder = routesForTests()
    finder.relays.learn(record)
    finder.failed(START, BOB, keys('a', 'x'), 'unreachable')
    const order = (prefersDetours: boolean): (readonly KeyId[])[] => {
      const wish = { peer: BOB, mode: 'fast', prefersDetours } as const
      return finder.toTry(START, wish, around(around2)).map(({ relays }) => relays)
    }
    const detour = [...keys('a'), identityOf(41).keyId, ...keys('x')]
    const usual = [keys('a', 'y'), keys('b', 'x'), keys('a', 'x')]
    expect(order(false)).toEqual([keys('b', 'y'), detour, ...usual])
    expect(order(true)).toEqual([detour, keys('b', 'y'), ...usual])
  })
})

describe('a spare route', () => {
  it('outlives a relay of the path in use', () => {
    for (const [relays, path, isSpare] of [
      [['b'], ['a'], true],
      [['a'], ['a'], false],
      [['a', 'x'], ['a'], false],
      [['a'], ['a', 'x'], true],
      [['a', 'y'], ['a', 'x'], true],
      [['x', 'a'], ['a', 'x'], false],
      [[], ['a'], true],
      [['a'], [], true],
      [[], [], false],
    ] as const) {
      expect(isSpareFor(keys(...relays), keys(...path))).toBe(isSpare)
    }
  })

  const far = { entries: keys('a', 'b'), homes: keys('x', 'y') }

  it('has as little as possible in common with it', () => {
    const inUse = [keys('a', 'x')]
    expect(tried(routesForTests(), far, { inUse })).toEqual(['b>y', 'a>y', 'b>x'])
  })

  it('that is missing is sought last where something failed lately', () => {
    const finder = routesForTests()
    finder.failed(START, BOB, keys('b', 'y'), 'unreachable')
    const one = { inUse: [keys('a', 'x')] }
    expect(tried(finder, far, one)).toEqual(['a>y', 'b>x', 'b>y'])
    expect(tried(finder, far, { ...one, time: later(MEMORY_HALF_LIFE_MS) })[0]).toBe('b>y')
  })

  it('that is not missing is sought by what it is worth', () => {
    const finder = routesForTests()
    finder.failed(START, BOB, keys('b', 'y'), 'unreachable')
    const more = { ...far, homes: keys('x', 'y', 'z') }
    const [one, two] = [keys('a', 'x'), keys('a', 'z')]
    expect(tried(finder, more, { inUse: [one, two] })[0]).toBe('b>y')
    expect(tried(finder, more, { inUse: [one] }).at(-1)).toBe('b>y')
  })
})
