import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { seeded } from '../session/testing/seeded.ts'
import { fewWays } from './few-ways.ts'
import type { CostGraph } from './testing/cost-graph.ts'
import { costGraph, costOfRoute, everyRoute, randomCostGraph } from './testing/cost-graph.ts'
import type { Way } from './way.ts'
import { relaysOf } from './way.ts'

function waysIn({ graph, nodes, costOf }: CostGraph, k: number, maxLinks = 5): Way[] | undefined {
  const [from, to] = [nodes[0], nodes.at(-1)] as [KeyId, KeyId]
  const stepsFrom = (key: KeyId) =>
    [...graph.neighbours(key)].map(next => ({ to: next, cost: costOf(key, next) }))
  return fewWays({ from, to, k, maxLinks, stepsFrom })
}

/** Each of `count` relays has a link to both ends. */
function fan(count: number): CostGraph {
  const relays = Array.from({ length: count }, (_, at) => at + 1)
  const links = relays.flatMap(at => [
    [0, at, at],
    [at, count + 1, 1],
  ]) as [number, number, number][]
  return costGraph(count + 2, links)
}

describe('fewWays', () => {
  it('finds what looking at every route finds, with its cost, or gives up', () => {
    const random = seeded(11)
    let found = 0
    for (let round = 0; round < 1_000; round++) {
      const world = randomCostGraph(random, 3 + (round % 4), 0.3 + 0.6 * random.next())
      const maxLinks = 1 + (round % 5)
      const ways = waysIn(world, 8, maxLinks)
      if (ways === undefined) continue
      const routes = ways.map(relaysOf)
      expect(routes).toHaveLength(new Set(routes.map(String)).size)
      expect(routes.map(String).sort()).toEqual(
        everyRoute(world, maxLinks - 1)
          .map(String)
          .sort(),
      )
      for (const way of ways) expect(way.cost).toBe(costOfRoute(world, relaysOf(way)))
      found += ways.length
    }
    expect(found).toBeGreaterThan(1_000)
  })

  it.each([
    [2, 3, true],
    [3, 3, true],
    [4, 3, false],
  ])('of %i ways where %i are wanted: finds them is %s', (count, k, isFound) => {
    expect(waysIn(fan(count), k)?.length).toBe(isFound ? count : undefined)
  })

  it.each([
    [63, true],
    [64, true],
    [65, false],
  ])('with %i steps to look at: gets to the end is %s', (count, isFound) => {
    const leaves = Array.from({ length: count }, (_, at) => [0, at + 1, 1]) as [
      number,
      number,
      number,
    ][]
    const { graph, nodes } = costGraph(count + 2, leaves)
    const [from, to] = [nodes[0], nodes.at(-1)] as [KeyId, KeyId]
    const stepsFrom = (key: KeyId) =>
      key === from ? [...graph.neighbours(key)].map(next => ({ to: next, cost: 1 })) : []
    expect(fewWays({ from, to, k: 3, maxLinks: 5, stepsFrom })).toEqual(isFound ? [] : undefined)
  })

  it('finds nothing where there is none', () => {
    expect(waysIn(costGraph(3, [[0, 1, 1]]), 3)).toEqual([])
  })
})
