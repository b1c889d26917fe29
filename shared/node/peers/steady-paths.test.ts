// A session that is in use for long: which paths it opens and asks for while nothing changes, or only a little.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { seeded } from '../../session/testing/seeded.ts'
import { RERANK_INTERVAL_MS, TOLD_LINK_MS } from '../../wire/limits.ts'
import { RouteQueries } from '../routes/route-queries.ts'
import type { RouteView, TriedStep } from '../routes/route-views.ts'
import type { Answer, MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'

interface Country {
  readonly world: MiniWorld
  readonly alice: MiniNode
  readonly bob: MiniNode
}

afterEach(() => {
  vi.restoreAllMocks()
})

/** Four servers that know one another; Alice is at the first two, Bob at the last two: every way is over two of them. */
function country(): Country {
  const world = new MiniWorld()
  const first = world.server('s0', { allowsPlainDials: true })
  const rest = ['s1', 's2', 's3'].map(name =>
    world.server(name, { allowsPlainDials: true, join: [first.url] }),
  )
  world.run(20_000)
  const alice = world.client('alice', [first, ...rest.slice(0, 1)])
  const bob = world.client('bob', rest.slice(1))
  world.until(() => [alice, bob].every(isAttached))
  return { world, alice, bob }
}

function isAttached(node: MiniNode): boolean {
  return node.attachments.every(({ state }) => state === 'online')
}

function isBetweenServers(from: MiniNode, to: MiniNode): boolean {
  return from.name.startsWith('s') && to.name.startsWith('s')
}

/** Every `everyMs` a message, for `ms`. */
function talk({ world, alice, bob }: Country, ms: number, everyMs = 500): void {
  for (let passed = 0; passed < ms; passed += everyMs) {
    alice.send(bob, 'go on')
    world.run(everyMs)
  }
}

function ask({ world, alice, bob }: Country, kind: 'explain' | 'routes'): Answer {
  const request = alice.ask(number => ({ kind, request: number, key: bob.key, timeoutMs: 3_000 }))
  world.until(() => alice.answer(request) !== undefined)
  const answer = alice.answer(request)
  if (answer === undefined) throw new Error('no answer')
  return answer
}

/** Paths that were opened for the running session. */
function opened(here: Country): TriedStep[] {
  const answer = ask(here, 'explain')
  if (answer.kind !== 'explained') throw new Error(answer.kind)
  return answer.explanation.tried.filter(({ step }) => step === 'attach')
}

function routes(here: Country): readonly RouteView[] {
  const answer = ask(here, 'routes')
  if (answer.kind !== 'routes') throw new Error(answer.kind)
  return answer.routes
}

/** How often the route that was opened most often was. */
function mostOpenings(steps: readonly TriedStep[]): number {
  const names = steps.map(({ relays }) => relays.join(''))
  return Math.max(0, ...names.map(name => names.filter(other => other === name).length))
}

describe('a session that is in use for minutes', () => {
  it('opens each path once, learns what it is worth, and none after the first minute', () => {
    const here = country()
    here.world.lagMs = (from, to) => (isBetweenServers(from, to) ? 60 : 0)
    talk(here, 180_000)
    const steps = opened(here)
    expect(mostOpenings(steps)).toBe(1)
    expect(steps.filter(({ agoMs }) => agoMs < 120_000)).toEqual([])
    const known = routes(here)
    for (const { relays } of steps) {
      const route = known.find(one => one.relays.join('') === relays.join(''))
      expect(route?.metrics.isMeasured).toBe(true)
    }
    expect(here.alice.core.load.circuits).toBe(2)
  })

  it.each([2, 3])('does not open one for another that varies as much, jitter %i', seed => {
    const here = country()
    const random = seeded(seed)
    here.world.lagMs = () => (random.bytes(1)[0] ?? 0) / 3
    talk(here, 240_000, 250)
    const steps = opened(here)
    expect(mostOpenings(steps)).toBeLessThanOrEqual(2)
    expect(steps.length).toBeLessThanOrEqual(4)
    expect(steps.filter(({ agoMs }) => agoMs < 120_000)).toEqual([])
    expect(here.alice.core.load.circuits).toBe(2)
  })

  it('opens a path that has become better than both, and moves to it', () => {
    const here = country()
    const { world, alice } = here
    world.lagMs = (from, to) => (isBetweenServers(from, to) ? 20 : 0)
    talk(here, 60_000)
    const open = routes(here).filter(({ state }) => state === 'active' || state === 'spare')
    const firsts = open.map(({ relays }) => relays[0])
    const lasts = open.map(({ relays }) => relays[1])
    expect(open).toHaveLength(2)
    expect(new Set([...firsts, ...lasts]).size).toBe(4)
    // The two links that both paths go over become slow; those across stay as they are.
    const isSlow = (from: MiniNode, to: MiniNode): boolean =>
      open.some(({ relays }) => relays.includes(from.key) && relays.includes(to.key))
    world.lagMs = (from, to) => (isSlow(from, to) ? 200 : isBetweenServers(from, to) ? 20 : 0)
    talk(here, 6 * RERANK_INTERVAL_MS)
    const path = alice.seen('peerPath').at(-1)?.path
    expect(open.map(({ relays }) => relays.join())).not.toContain(path?.hops.join())
    expect(path?.rttMs).toBeLessThan(100)
    expect(alice.core.load.circuits).toBe(2)
  })

  it('asks others about twice while their word lasts, and more seldom when they tell nothing new', () => {
    const here = country()
    const ask = vi.spyOn(RouteQueries.prototype, 'ask')
    const questions = (): number => ask.mock.calls.filter(([, key]) => key === here.bob.key).length
    talk(here, TOLD_LINK_MS - RERANK_INTERVAL_MS)
    const first = questions()
    expect(first).toBeGreaterThanOrEqual(2)
    // The dial asks by itself.
    expect(first).toBeLessThanOrEqual(4)
    talk(here, 3 * TOLD_LINK_MS)
    const later = questions()
    expect(later - first).toBeLessThanOrEqual(3)
    talk(here, 4 * TOLD_LINK_MS)
    expect(questions() - later).toBeLessThanOrEqual(2)
  })
})
