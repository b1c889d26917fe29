import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { seeded } from '../session/testing/seeded.ts'
import { ROUTES_MAX_LINKS, ROUTES_MAX_LINKS_PER_NODE } from '../wire/limits.ts'
import type { GraphLink, LinkSource } from './route-graph.ts'
import { RouteGraph } from './route-graph.ts'
import { keyOf, keysOf } from './testing/keys.ts'

const [A, B, C] = keysOf(3) as [KeyId, KeyId, KeyId]

function linkFrom(source: LinkSource, latencyMs?: number, untilMs = 1_000): GraphLink {
  return { source, latencyMs, untilMs }
}

describe('RouteGraph', () => {
  it('has each link in both directions', () => {
    const graph = new RouteGraph()
    graph.setLink(A, B, linkFrom('own', 7))
    expect(graph.linkOf(B, A)).toEqual(linkFrom('own', 7))
    expect(graph.linkOf(A, B)).toEqual(linkFrom('own', 7))
    expect([...graph.neighbours(A)]).toEqual([B])
    expect([...graph.neighbours(B)]).toEqual([A])
    expect([...graph.neighbours(C)]).toEqual([])
    expect(graph.linkOf(A, C)).toBeUndefined()
    expect(graph.size).toBe(1)
  })

  it('has no link of a node to itself', () => {
    const graph = new RouteGraph()
    graph.setLink(A, A, linkFrom('own'))
    expect(graph.size).toBe(0)
    expect([...graph.neighbours(A)]).toEqual([])
  })

  it.each([
    [['own', 'told', 'record'], 'own'],
    [['record', 'told', 'own'], 'own'],
    [['told', 'record'], 'told'],
    [['record', 'told'], 'told'],
    [['record'], 'record'],
  ] as const)('of what %j say believes %s', (sources, believed) => {
    const graph = new RouteGraph()
    for (const source of sources) graph.setLink(A, B, linkFrom(source))
    expect(graph.linkOf(A, B)?.source).toBe(believed)
    expect(graph.size).toBe(1)
  })

  it('replaces what the same source said before, also under the other order of the keys', () => {
    const graph = new RouteGraph()
    graph.setLink(A, B, linkFrom('told', 5))
    graph.setLink(B, A, linkFrom('told', 9))
    expect(graph.linkOf(A, B)?.latencyMs).toBe(9)
    expect(graph.size).toBe(1)
  })

  it('goes back to the next source when a better one has expired', () => {
    const graph = new RouteGraph()
    graph.setLink(A, B, linkFrom('own', 1, 10))
    graph.setLink(A, B, linkFrom('told', 2, 20))
    graph.setLink(A, B, linkFrom('record', 3, 30))
    graph.expire(9)
    expect(graph.linkOf(A, B)?.source).toBe('own')
    graph.expire(10)
    expect(graph.linkOf(A, B)?.source).toBe('told')
    graph.expire(20)
    expect(graph.linkOf(A, B)?.source).toBe('record')
    graph.expire(30)
    expect(graph.linkOf(A, B)).toBeUndefined()
    expect(graph.size).toBe(0)
  })

  it('forgets in time what came after something else had expired, and what was renewed only then', () => {
    const graph = new RouteGraph()
    graph.setLink(A, B, linkFrom('told', 1, 10))
    graph.setLink(A, C, linkFrom('told', 1, 50))
    graph.setLink(A, B, linkFrom('told', 1, 20))
    graph.expire(10)
    expect(graph.size).toBe(2)
    graph.expire(20)
    expect(graph.size).toBe(1)
    graph.setLink(B, C, linkFrom('told', 1, 30))
    graph.expire(29)
    expect(graph.size).toBe(2)
    graph.expire(30)
    expect([...graph.neighbours(C)]).toEqual([A])
    graph.expire(50)
    expect(graph.size).toBe(0)
  })
})

describe('what a full RouteGraph forgets', () => {
  /** Pairs of nodes that no other pair shares. */
  const pairOf = (at: number): [KeyId, KeyId] => [keyOf(2 * at), keyOf(2 * at + 1)]
  const filled = (count: number, sourceOf: (at: number) => LinkSource): RouteGraph => {
    const graph = new RouteGraph()
    for (let at = 0; at < count; at++) graph.setLink(...pairOf(at), linkFrom(sourceOf(at)))
    return graph
  }
  const isThere = (graph: RouteGraph, at: number): boolean =>
    graph.linkOf(...pairOf(at)) !== undefined

  it.each([
    [ROUTES_MAX_LINKS - 1, ROUTES_MAX_LINKS - 1],
    [ROUTES_MAX_LINKS, ROUTES_MAX_LINKS],
    [ROUTES_MAX_LINKS + 1, ROUTES_MAX_LINKS],
  ])('of %i links it keeps %i', (count, kept) => {
    const graph = filled(count, () => 'own')
    expect(graph.size).toBe(kept)
    expect(isThere(graph, count - 1)).toBe(true)
  })

  it('is what others told before what records say, and our own last; of one sort the oldest', () => {
    const sources: LinkSource[] = ['own', 'record', 'told', 'told']
    const graph = filled(ROUTES_MAX_LINKS, at => sources[at] ?? 'own')
    const order: number[] = []
    for (let more = 0; more < 4; more++) {
      graph.setLink(...pairOf(ROUTES_MAX_LINKS + more), linkFrom('own'))
      order.push([0, 1, 2, 3].findIndex(at => !isThere(graph, at) && !order.includes(at)))
    }
    expect(order).toEqual([2, 3, 1, 0])
  })

  it('is the newcomer itself where everybody else is worth more', () => {
    const graph = filled(ROUTES_MAX_LINKS, () => 'own')
    graph.setLink(...pairOf(ROUTES_MAX_LINKS), linkFrom('told'))
    expect(isThere(graph, ROUTES_MAX_LINKS)).toBe(false)
    expect(isThere(graph, 0)).toBe(true)
  })

  it('is not what was told and is signed too', () => {
    const graph = filled(ROUTES_MAX_LINKS, at => (at < 2 ? 'told' : 'own'))
    graph.setLink(...pairOf(0), linkFrom('record'))
    graph.setLink(...pairOf(1), linkFrom('told'))
    graph.setLink(...pairOf(ROUTES_MAX_LINKS), linkFrom('own'))
    expect([0, 1].map(at => isThere(graph, at))).toEqual([true, false])
  })

  it('is also decided at each node', () => {
    const graph = new RouteGraph()
    graph.setLink(A, B, linkFrom('own'))
    const claimed = keysOf(ROUTES_MAX_LINKS_PER_NODE + 1, 100)
    const counts = claimed.map(key => {
      graph.setLink(A, key, linkFrom('told'))
      return [...graph.neighbours(A)].length
    })
    expect(counts.slice(-3)).toEqual([
      ROUTES_MAX_LINKS_PER_NODE,
      ROUTES_MAX_LINKS_PER_NODE,
      ROUTES_MAX_LINKS_PER_NODE,
    ])
    expect(counts.at(-4)).toBe(ROUTES_MAX_LINKS_PER_NODE - 1)
    expect(graph.linkOf(A, B)?.source).toBe('own')
    expect(graph.linkOf(A, claimed[0] as KeyId)).toBeUndefined()
    expect(graph.size).toBe(ROUTES_MAX_LINKS_PER_NODE)
  })
})

describe('RouteGraph over a long time', () => {
  it('has the size and the neighbours that its links say, whatever was done to it', () => {
    const random = seeded(3)
    const graph = new RouteGraph()
    const nodes = keysOf(12)
    const any = (): KeyId => nodes[Math.floor(random.next() * nodes.length)] as KeyId
    for (let step = 0; step < 1_500; step++) {
      const what = random.next()
      const sources: LinkSource[] = ['own', 'told', 'record']
      const source = sources[step % 3] as LinkSource
      if (what < 0.8) graph.setLink(any(), any(), linkFrom(source, step, step + 40))
      else graph.expire(step)
      let ends = 0
      for (const a of nodes) {
        for (const b of graph.neighbours(a)) {
          ends++
          const link = graph.linkOf(a, b)
          if (link === undefined || link !== graph.linkOf(b, a))
            expect.fail('not in both directions')
        }
      }
      expect(ends).toBe(2 * graph.size)
    }
  })
})
