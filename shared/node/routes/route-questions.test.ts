// What a node answers about routes to a key, with and without a session, a record, servers.

import { beforeEach, describe, expect, it } from 'vitest'
import type { PathMode } from '../../routes/route.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'
import type { Explanation, RouteView } from './route-views.ts'

let world: MiniWorld
let one: MiniNode
let two: MiniNode
let alice: MiniNode
let bob: MiniNode

beforeEach(() => {
  world = new MiniWorld()
  one = world.server('one')
  two = world.server('two')
  alice = world.client('alice', [one, two])
  bob = world.client('bob', [one, two])
  world.until(() => [alice, bob].every(isAttached))
})

function isAttached(node: MiniNode): boolean {
  return node.attachments.every(({ state }) => state === 'online')
}

function ask(
  peer: MiniNode,
  kind: 'routes' | 'explain',
  mode?: PathMode,
  asker: MiniNode = alice,
): number {
  const more = kind === 'routes' && mode !== undefined ? { mode } : {}
  const request = asker.ask(number => ({
    kind,
    request: number,
    key: peer.key,
    timeoutMs: 5_000,
    ...more,
  }))
  world.until(() => asker.answer(request) !== undefined)
  return request
}

function routesTo(peer: MiniNode, mode?: PathMode, asker = alice): readonly RouteView[] {
  const answer = asker.answer(ask(peer, 'routes', mode, asker))
  if (answer?.kind !== 'routes') throw new Error(`answered ${answer?.kind}`)
  return answer.routes
}

function explain(peer: MiniNode): Explanation {
  const answer = alice.answer(ask(peer, 'explain'))
  if (answer?.kind !== 'explained') throw new Error(`answered ${answer?.kind}`)
  return answer.explanation
}

function names(routes: readonly RouteView[]): string[] {
  return routes.map(({ relays, state }) => {
    const path = relays.map(key => world.nodes.find(node => node.key === key)?.name)
    return `${path.join('-')} ${state}`
  })
}

function talk(): void {
  const request = alice.send(bob, 'hello')
  world.until(() => alice.answer(request) !== undefined)
  world.run(3_000)
}

describe('routes to a key', () => {
  it('are told without opening any', () => {
    expect(names(routesTo(bob)).sort()).toEqual(['one idle', 'two idle'])
    expect(alice.core.load).toMatchObject({ circuits: 0, peers: 0 })
    expect(alice.open).toBe(0)
  })

  it('name the open ones first, with what was measured', () => {
    talk()
    const routes = routesTo(bob)
    expect(names(routes).map(name => name.split(' ')[1])).toEqual(['active', 'spare'])
    for (const { metrics, score, rttMs, openedBy } of routes) {
      expect(openedBy).toBe('us')
      expect(metrics).toMatchObject({ hops: 1, latencyMs: rttMs, isMeasured: true })
      const { latency, hops, reliability, throughput } = score
      expect(score.total).toBeCloseTo(latency + hops + reliability + throughput)
    }
    const [active] = routes
    expect(alice.seen('peerPath').at(-1)?.path).toMatchObject({
      hops: active?.relays,
      mode: 'fast',
      score: { hops: 10 },
    })
  })

  it('say who opened a path, and nothing of the kind where there is none', () => {
    const [idle] = routesTo(bob)
    expect(idle).not.toHaveProperty('openedBy')
    talk()
    const answered = routesTo(alice, undefined, bob)
    expect(answered.map(({ openedBy }) => openedBy)).toEqual(['peer', 'peer'])
  })

  it('say which one failed, and why', () => {
    bob.kill(true)
    const dial = alice.dial(bob, 8_000)
    world.until(() => alice.answer(dial) !== undefined)
    const failed = routesTo(bob).filter(({ state }) => state === 'failed')
    expect(failed.length).toBeGreaterThan(0)
    expect(failed[0]?.failure?.code).toBe('TIMEOUT')
    // They were tried, and cost more since.
    expect(failed[0]?.score.reliability).toBeGreaterThan(50)
  })

  it('that led to a peer who said no are good ones', () => {
    const carol = world.client('carol', [one, two], { acceptPeer: () => false })
    world.until(() => carol.attachments.every(({ state }) => state === 'online'))
    const dial = alice.dial(carol)
    world.until(() => alice.answer(dial) !== undefined)
    expect(alice.verdict(dial)).toBe('REFUSED')
    const routes = routesTo(carol)
    expect(names(routes).sort()).toEqual(['one idle', 'two idle'])
    for (const { metrics } of routes) expect(metrics.reliability).toBeGreaterThan(0.85)
    expect(explain(carol).tried.at(-1)).toMatchObject({
      step: 'refusal',
      relays: [expect.any(String)],
      failure: { code: 'REFUSED' },
    })
  })

  it('are reliable again after an outage of minutes, and more so the longer they work', () => {
    bob.kill(true)
    for (let n = 0; n < 30; n++) {
      alice.dial(bob, 8_000)
      world.run(10_000)
    }
    bob.boot()
    world.run(30_000)
    const reliabilities = (): number[] =>
      routesTo(bob).map(({ metrics }) => Math.round(100 * metrics.reliability))
    const before = reliabilities()
    talk()
    const first = reliabilities()
    for (let n = 0; n < 90; n++) talk()
    const last = reliabilities()
    expect(Math.min(...before)).toBeGreaterThan(35)
    expect(Math.min(...first)).toBeGreaterThan(Math.max(...before))
    expect(Math.min(...last)).toBeGreaterThan(90)
  })

  it('rank for another mode without changing it', () => {
    talk()
    expect(names(routesTo(bob, 'relay'))).toHaveLength(2)
    expect(explain(bob).mode).toBe('fast')
  })

  it('fail as a lookup does', () => {
    const stranger = world.client('stranger', [])
    expect(alice.verdict(ask(stranger, 'routes'))).toBe('NOT_FOUND')
    one.kill()
    two.kill()
    world.run(100)
    // Nobody was asked, so nobody is slow.
    expect(alice.verdict(ask(stranger, 'routes'))).toBe('UNREACHABLE')
  })
})

describe('an explanation', () => {
  it('tells of the record, the servers, the routes and what was tried', () => {
    talk()
    const told = explain(bob)
    expect(told).toMatchObject({ mode: 'fast', record: 'found', type: 'client' })
    expect([...told.homes].sort()).toEqual([one.key, two.key].sort())
    expect(told.recordAgeMs).toBeGreaterThan(0)
    expect(told.servers.map(({ state }) => state)).toEqual(['online', 'online'])
    expect(told.routes).toHaveLength(2)
    expect(told.tried.map(({ step, failure }) => [step, failure])).toEqual([
      ['lookup', undefined],
      ['handshake', undefined],
      ['attach', undefined],
    ])
    const [, handshake, attach] = told.tried
    expect(handshake?.agoMs).toBeGreaterThan(attach?.agoMs ?? 0)
    expect(handshake?.tookMs).toBeGreaterThan(0)
  })

  it('of a server says that it is one', () => {
    expect(explain(one)).toMatchObject({ record: 'found', type: 'server', homes: [] })
  })

  it('names the step that failed', () => {
    const stranger = world.client('stranger', [])
    const dial = alice.dial(stranger)
    world.until(() => alice.answer(dial) !== undefined)
    expect(alice.verdict(dial)).toBe('NOT_FOUND')
    const told = explain(stranger)
    expect(told).toMatchObject({ record: 'absent', homes: [], routes: [] })
    expect(told.tried.at(-1)).toMatchObject({ step: 'lookup', failure: { code: 'NOT_FOUND' } })
  })

  it('is given where no server answers', () => {
    one.kill()
    two.kill()
    world.run(100)
    expect(explain(bob)).toMatchObject({ record: 'noAnswer', routes: [] })
    const loner = world.client('loner', [])
    const request = loner.ask(number => ({
      kind: 'explain',
      request: number,
      key: bob.key,
      timeoutMs: 5_000,
    }))
    expect(loner.verdict(request)).toBe('explained')
  })

  it('is given when its time is up', () => {
    for (const server of [one, two]) server.kill(true)
    const start = world.now
    expect(explain(bob)).toMatchObject({ record: 'noAnswer' })
    expect(world.now - start).toBeLessThanOrEqual(5_000)
  })

  it('says that the key was revoked', () => {
    const revoke = bob.ask(request => ({ kind: 'revoke', request, timeoutMs: 10_000 }))
    world.until(() => bob.answer(revoke) !== undefined)
    expect(explain(bob)).toMatchObject({ record: 'revoked', routes: [] })
    expect(alice.verdict(ask(bob, 'routes'))).toBe('REVOKED')
  })

  it('is not given any more once it was cancelled', () => {
    const request = alice.ask(number => ({
      kind: 'explain',
      request: number,
      key: bob.key,
      timeoutMs: 5_000,
    }))
    alice.cancel(request)
    expect(alice.verdict(request)).toBe('ABORTED')
    world.run(10_000)
    expect(alice.open).toBe(0)
  })
})
