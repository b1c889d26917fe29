import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { kShortest } from './k-shortest.ts'
import { LinkHistory, linkName, NEUTRAL_RELIABILITY, routeName } from './link-history.ts'
import type { RankContext } from './rank.ts'
import { linkCosts, metricsOf, rank } from './rank.ts'
import type { Relays } from './route.ts'
import type { LinkSource } from './route-graph.ts'
import { RouteGraph } from './route-graph.ts'
import { ASSUMED_LINK_MS } from './score.ts'
import { keysOf } from './testing/keys.ts'

const [SELF, S1, S2, PEER] = keysOf(4) as [KeyId, KeyId, KeyId, KeyId]

interface World extends RankContext {
  readonly graph: RouteGraph
  readonly history: LinkHistory
}

function world(): World {
  return {
    self: SELF,
    peer: PEER,
    now: 0,
    graph: new RouteGraph(),
    history: new LinkHistory(),
  }
}

function setLink(
  { graph }: World,
  a: KeyId,
  b: KeyId,
  latencyMs: number | undefined,
  source: LinkSource = 'own',
): void {
  graph.setLink(a, b, { latencyMs, source, untilMs: Infinity })
}

describe('the metrics of a route', () => {
  it('are assumed where nothing is known', () => {
    const metrics = metricsOf([S1, S2], world())
    expect(metrics).toEqual({
      hops: 2,
      latencyMs: 3 * ASSUMED_LINK_MS,
      isMeasured: false,
      // Three links and two relays; nothing happened to the whole, which then counts for nothing.
      reliability: expect.closeTo(NEUTRAL_RELIABILITY ** 5, 10),
    })
  })

  it('of a link to the peer itself are those of one link', () => {
    const context = world()
    setLink(context, SELF, PEER, 8)
    expect(metricsOf([], context)).toEqual({
      hops: 0,
      latencyMs: 8,
      isMeasured: false,
      reliability: expect.closeTo(NEUTRAL_RELIABILITY, 10),
    })
  })

  it('add up what is known of the links', () => {
    const context = world()
    setLink(context, SELF, S1, 20)
    setLink(context, S1, S2, 7, 'told')
    setLink(context, S2, PEER, undefined, 'record')
    expect(metricsOf([S1, S2], context).latencyMs).toBe(20 + 7 + ASSUMED_LINK_MS)
  })

  it('are ours before those of others, and the present link before the past ones', () => {
    const context = world()
    context.history.succeeded(0, linkName(S1, PEER), { rttMs: 90 })
    context.history.succeeded(0, linkName(SELF, S1), { rttMs: 70 })
    setLink(context, SELF, S1, 20)
    setLink(context, S1, PEER, 1, 'told')
    expect(metricsOf([S1], context).latencyMs).toBe(20 + 90)
    setLink(context, SELF, S1, undefined)
    expect(metricsOf([S1], context).latencyMs).toBe(70 + 90)
  })

  it('are those of the whole route where a path went over it', () => {
    const context = world()
    setLink(context, SELF, S1, 20)
    const seen = { rttMs: 33, bytesPerS: 5_000 }
    context.history.succeeded(0, routeName([S1], PEER), seen)
    expect(metricsOf([S1], context)).toMatchObject({
      latencyMs: 33,
      isMeasured: true,
      bytesPerS: 5_000,
    })
    expect(metricsOf([S2], context).isMeasured).toBe(false)
  })

  it.each([
    ['a link', linkName(S1, PEER)],
    ['a relay', S1],
    ['the route', routeName([S1], PEER)],
  ])('are worse after %s has failed', (_, name) => {
    const context = world()
    const before = metricsOf([S1], context)
    context.history.failed(0, name)
    const after = metricsOf([S1], context)
    expect(after.reliability).toBeCloseTo(before.reliability * 0.75, 10)
    expect(rank([[S1], [S2]], context).map(({ relays }) => relays)).toEqual([[S2], [S1]])
  })

  it('are no better for a route that always worked than for its links and relays', () => {
    const context = world()
    for (let i = 0; i < 20; i++) context.history.succeeded(0, routeName([S1], PEER))
    expect(metricsOf([S1], context).reliability).toBeCloseTo(NEUTRAL_RELIABILITY ** 3, 10)
  })

  it('count a failure of the peer behind one relay for that route alone', () => {
    const context = world()
    context.history.failed(0, routeName([S1], PEER))
    expect(metricsOf([S1, S2], context).reliability).toBeCloseTo(NEUTRAL_RELIABILITY ** 5, 10)
  })
})

describe('rank', () => {
  it('puts the cheapest first and leaves equal ones as they came', () => {
    const context = world()
    setLink(context, SELF, S2, 5)
    const routes: Relays[] = [[S1], [S1, S2], [S2], [S2, S1]]
    expect(rank(routes, context).map(({ relays }) => relays)).toEqual([
      [S2],
      [S1],
      [S2, S1],
      [S1, S2],
    ])
    expect(rank([[S1], [S1]], context)).toHaveLength(2)
    expect(rank([], context)).toEqual([])
  })

  it('changes nothing of what it was given', () => {
    const routes: Relays[] = [[S1, S2], []]
    rank(routes, world())
    expect(routes).toEqual([[S1, S2], []])
  })
})

describe('the costs of single links', () => {
  it('add up to the score of a route that was not measured as a whole', () => {
    const context = world()
    setLink(context, SELF, S1, 20)
    setLink(context, S1, S2, 7, 'told')
    context.history.failed(0, S1)
    context.history.failed(0, linkName(S2, PEER))
    const costOf = linkCosts(context)
    for (const relays of [[], [S1], [S1, S2]]) {
      const nodes = [SELF, ...relays, PEER]
      const sum = nodes.slice(1).reduce((cost, to, at) => cost + costOf(nodes[at] as KeyId, to), 0)
      const [route] = rank([relays], context)
      expect(sum).toBeCloseTo(route?.score.total ?? Number.NaN, 8)
    }
  })

  it('find in a search what ranking puts first', () => {
    const context = world()
    setLink(context, SELF, S1, 20)
    setLink(context, SELF, S2, 100)
    setLink(context, S1, S2, 5, 'told')
    setLink(context, S2, PEER, 30, 'told')
    setLink(context, S1, PEER, 90, 'told')
    const found = kShortest(context.graph, SELF, PEER, {
      k: 4,
      maxRelays: 2,
      costOf: linkCosts(context),
      mayRelay: () => true,
    })
    expect(found).toHaveLength(4)
    expect(found[0]).toEqual(rank(found, context)[0]?.relays)
    expect(found[0]).toEqual([S1, S2])
  })
})
