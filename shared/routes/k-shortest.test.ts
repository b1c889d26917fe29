import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { seeded } from '../session/testing/seeded.ts'
import { ROUTES_MAX_FOUND, ROUTES_MAX_LINKS } from '../wire/limits.ts'
import type { KShortestOptions } from './k-shortest.ts'
import { kShortest } from './k-shortest.ts'
import { REUSED_RELAY_COST_MS } from './relay-uses.ts'
import type { Relays } from './route.ts'
import type { CostGraph } from './testing/cost-graph.ts'
import { costGraph, costOfRoute, everyRoute, randomCostGraph } from './testing/cost-graph.ts'
import type { Step } from './way.ts'
import { relaysOf } from './way.ts'
import { yen } from './yen.ts'

/** From the first node to the last one. */
function routesIn(world: CostGraph, options: Partial<KShortestOptions> = {}): Relays[] {
  const [from, to] = [world.nodes[0], world.nodes.at(-1)] as [KeyId, KeyId]
  const { costOf } = world
  return kShortest(world.graph, from, to, {
    k: 8,
    maxRelays: 4,
    costOf,
    mayRelay: () => true,
    ...options,
  })
}

/** As numbers of nodes. */
function numbersOf(world: CostGraph, routes: readonly Relays[]): number[][] {
  return routes.map(relays => relays.map(key => world.nodes.indexOf(key)))
}

function stepsIn({ graph, costOf }: CostGraph): (key: KeyId) => Step[] {
  return key => [...graph.neighbours(key)].map(to => ({ to, cost: costOf(key, to) }))
}

function namesOf(routes: readonly Relays[]): Set<string> {
  return new Set(routes.map(relays => relays.join('')))
}

describe('yen', () => {
  it('finds what looking at every route finds, in 2,000 random graphs', () => {
    const random = seeded(1)
    let compared = 0
    for (let round = 0; round < 2_000; round++) {
      const world = randomCostGraph(random, 3 + (round % 6), 0.3 + 0.6 * random.next())
      const maxLinks = 1 + (round % 5)
      const k = 1 + Math.floor(random.next() * 10)
      const [from, to] = [world.nodes[0], world.nodes.at(-1)] as [KeyId, KeyId]
      const found = yen({ from, to, k, maxLinks, stepsFrom: stepsIn(world) })
      const all = everyRoute(world, maxLinks - 1)
      const cheapest = all.map(relays => costOfRoute(world, relays)).sort((a, b) => a - b)
      expect(found.map(({ cost }) => cost)).toEqual(cheapest.slice(0, k))
      const routes = found.map(relaysOf)
      expect(routes.map(relays => costOfRoute(world, relays))).toEqual(cheapest.slice(0, k))
      expect(namesOf(routes).size).toBe(found.length)
      for (const name of namesOf(routes)) expect(namesOf(all)).toContain(name)
      compared += found.length
    }
    expect(compared).toBeGreaterThan(4_000)
  })

  it('of equal ways finds the shorter first', () => {
    const world = costGraph(7, [
      [0, 1, 1],
      [1, 2, 1],
      [2, 6, 1],
      [0, 3, 2],
      [3, 4, 2],
      [4, 5, 3],
      [5, 6, 3],
      [1, 6, 9],
    ])
    const [from, to] = [world.nodes[0], world.nodes[6]] as [KeyId, KeyId]
    const found = yen({ from, to, k: 3, maxLinks: 5, stepsFrom: stepsIn(world) })
    expect(numbersOf(world, found.map(relaysOf))).toEqual([[1, 2], [1], [3, 4, 5]])
    expect(found.map(({ cost }) => cost)).toEqual([3, 10, 10])
  })
})

describe('kShortest', () => {
  it('returns routes that are there, each once, the cheapest first, in 1,000 random graphs', () => {
    const random = seeded(2)
    for (let round = 0; round < 1_000; round++) {
      const world = randomCostGraph(random, 3 + (round % 6), 0.3 + 0.6 * random.next())
      const maxRelays = round % 5
      const mayRelay = (key: KeyId): boolean => world.nodes.indexOf(key) % 4 !== 3
      const all = everyRoute(world, maxRelays, mayRelay)
      const routes = routesIn(world, { maxRelays, mayRelay, k: 5 })
      expect(routes).toHaveLength(Math.min(5, all.length))
      expect(namesOf(routes).size).toBe(routes.length)
      for (const name of namesOf(routes)) expect(namesOf(all)).toContain(name)
      const least = Math.min(...all.map(relays => costOfRoute(world, relays)))
      if (routes[0]) expect(costOfRoute(world, routes[0])).toBe(least)
    }
  })

  it('puts a route over other relays before cheaper ones over the same', () => {
    const world = costGraph(5, [
      [0, 1, 1],
      [1, 4, 1],
      [1, 2, 1],
      [2, 4, 1],
      [0, 3, 50],
      [3, 4, 50],
    ])
    expect(numbersOf(world, routesIn(world))).toEqual([[1], [3], [1, 2]])
  })

  it('but not before those that are cheaper by more than a reused relay costs', () => {
    const limit = 2 + REUSED_RELAY_COST_MS
    const routesWith = (cost: number): number[][] => {
      const world = costGraph(5, [
        [0, 1, 1],
        [1, 4, 1],
        [1, 2, 0],
        [2, 4, 1],
        [0, 3, 0],
        [3, 4, cost],
      ])
      return numbersOf(world, routesIn(world))
    }
    expect(routesWith(limit - 1)).toEqual([[1], [3], [1, 2]])
    expect(routesWith(limit + 1)).toEqual([[1], [1, 2], [3]])
  })

  it('finds the way around although the k cheapest all go over one relay', () => {
    const links: [number, number, number][] = [
      [0, 1, 1],
      [0, 8, 60],
      [8, 9, 60],
    ]
    for (const middle of [2, 3, 4, 5, 6, 7]) links.push([1, middle, 1], [middle, 9, 1])
    const world = costGraph(10, links)
    const routes = numbersOf(world, routesIn(world, { k: 3 }))
    expect(routes[1]).toEqual([8])
    expect(routes).toHaveLength(3)
  })

  it.each([
    ['cheapest of all', 0, [[], [1, 2], [8]]],
    ['cheaper than the way around', 100, [[1, 2], [], [8]]],
  ])('finds it too where a direct link is the %s', (_, directCost, expected) => {
    const links: [number, number, number][] = [
      [0, 9, directCost],
      [0, 1, 1],
      [0, 8, 60],
      [8, 9, 60],
    ]
    for (const middle of [2, 3, 4, 5, 6, 7]) links.push([1, middle, 1], [middle, 9, 1])
    const world = costGraph(10, links)
    expect(numbersOf(world, routesIn(world, { k: 3 }))).toEqual(expected)
  })

  it('finds relays beside a direct link', () => {
    const world = costGraph(4, [
      [0, 3, 1],
      [0, 1, 30],
      [1, 3, 30],
      [0, 2, 40],
      [2, 3, 40],
    ])
    expect(numbersOf(world, routesIn(world))).toEqual([[], [1], [2]])
  })

  it('takes a detour that is cheaper, of equal ones the shorter', () => {
    const world = costGraph(4, [
      [0, 3, 10],
      [0, 1, 2],
      [1, 3, 2],
      [1, 2, 0],
      [2, 3, 2],
    ])
    expect(numbersOf(world, routesIn(world))[0]).toEqual([1])
  })

  it('uses no link without a cost that can be added, and only nodes that relay', () => {
    const bad: [number, number, number][] = [-1, Number.NaN, Infinity].flatMap((cost, at) => [
      [0, at + 1, 1],
      [at + 1, 5, cost],
    ])
    const world = costGraph(6, [...bad, [0, 4, 1], [4, 5, 1]])
    expect(numbersOf(world, routesIn(world))).toEqual([[4]])
    expect(routesIn(world, { mayRelay: () => false })).toEqual([])
  })

  it('asks each cost and each node once, and never its ends', () => {
    const world = randomCostGraph(seeded(4), 9, 0.8)
    const asked: string[] = []
    const relays: KeyId[] = []
    routesIn(world, {
      costOf: (a, b) => {
        asked.push(a + b)
        return world.costOf(a, b)
      },
      mayRelay: key => {
        relays.push(key)
        return true
      },
    })
    expect(new Set(asked).size).toBe(asked.length)
    expect(new Set(relays).size).toBe(relays.length)
    expect(relays).not.toContain(world.nodes[0])
    expect(relays).not.toContain(world.nodes.at(-1))
    const askedFrom = (key: KeyId | undefined): boolean =>
      asked.some(pair => pair.startsWith(key ?? ''))
    expect(askedFrom(world.nodes[0])).toBe(true)
    expect(askedFrom(world.nodes.at(-1))).toBe(false)
  })

  it('gives the same routes in the same order every time', () => {
    const world = (): CostGraph => randomCostGraph(seeded(5), 9, 0.7)
    expect(routesIn(world())).toEqual(routesIn(world()))
  })

  it.each([
    [0, 0],
    [1, 1],
    [ROUTES_MAX_FOUND - 1, ROUTES_MAX_FOUND - 1],
    [ROUTES_MAX_FOUND, ROUTES_MAX_FOUND],
    [ROUTES_MAX_FOUND + 1, ROUTES_MAX_FOUND],
  ])('of %i wanted routes returns %i', (k, count) => {
    const world = randomCostGraph(seeded(6), 9, 1)
    expect(routesIn(world, { k })).toHaveLength(count)
  })

  it.each([0, 1, 2, 3, 4])('goes over at most %i relays', maxRelays => {
    const line = costGraph(6, [
      [0, 1, 1],
      [1, 2, 1],
      [2, 3, 1],
      [3, 4, 1],
      [4, 5, 1],
      ...[1, 2, 3, 4].map(at => [at, 5, 100] as [number, number, number]),
      [0, 5, 1_000],
    ])
    const routes = routesIn(line, { maxRelays })
    expect(Math.max(...routes.map(relays => relays.length))).toBe(maxRelays)
  })

  it('finds nothing between nodes that are not there, and nothing from a node to itself', () => {
    const world = costGraph(3, [[0, 1, 1]])
    expect(routesIn(world)).toEqual([])
    const [a] = world.nodes as [KeyId]
    const options = { k: 3, maxRelays: 4, costOf: world.costOf, mayRelay: () => true }
    expect(kShortest(world.graph, a, a, options)).toEqual([])
  })

  it('looks at each link a bounded number of times in a full graph', () => {
    const random = seeded(7)
    const links: [number, number, number][] = []
    for (let at = 0; at < ROUTES_MAX_LINKS; at++) {
      const [a, b] = [Math.floor(random.next() * 64), Math.floor(random.next() * 64)]
      if (a !== b) links.push([a, b, 1 + random.next() * 100])
    }
    const world = costGraph(64, links)
    let steps = 0
    const graph = {
      *neighbours(key: KeyId): Iterable<KeyId> {
        for (const next of world.graph.neighbours(key)) {
          steps++
          yield next
        }
      },
    }
    expect(routesIn({ ...world, graph: graph as CostGraph['graph'] })).toHaveLength(8)
    expect(steps).toBeLessThanOrEqual(2 * ROUTES_MAX_LINKS)
  })
})
