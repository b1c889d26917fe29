// Direct connections of whole nodes: a session begins over the relay and moves; what fails costs it nothing.

import { describe, expect, it } from 'vitest'
import { RTC_IDLE_MS, RTC_MAX_CONNECTIONS, RTC_OPEN_TIMEOUT_MS } from '../../wire/limits.ts'
import { lowestFirst, pair, say } from '../testing/direct-nodes.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'

function hopsOf(node: MiniNode): number | undefined {
  return node.seen('peerPath').at(-1)?.path?.hops.length
}

function untilDirect(world: MiniWorld, ...nodes: MiniNode[]): void {
  world.until(() => nodes.every(node => hopsOf(node) === 0))
}

describe('a direct connection', () => {
  it('is made beside the relayed path, and data moves to it', () => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    expect(say(world, a, b, 'hello')).toBe('delivered')
    untilDirect(world, a, b)
    expect(world.wiresBetween(a, b)).toHaveLength(1)
    expect(world.rtc.made).toBe(2)
    expect(say(world, a, b, 'directly')).toBe('delivered')
    expect(say(world, b, a, 'back')).toBe('delivered')
    expect(b.texts).toEqual(['hello', 'directly'])
  })

  it.each(['lower', 'higher'])('is made when the %s key dials', who => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    const [lower, higher] = lowestFirst(a, b)
    const [from, to] = who === 'lower' ? [lower, higher] : [higher, lower]
    say(world, from, to, 'hello')
    untilDirect(world, a, b)
    expect(world.rtc.made).toBe(2)
  })

  it('carries on when the server is gone', () => {
    const world = new MiniWorld()
    const { server, a, b } = pair(world)
    say(world, a, b, 'hello')
    untilDirect(world, a, b)
    server.kill()
    expect(say(world, a, b, 'still here')).toBe('delivered')
    expect(say(world, b, a, 'so am I')).toBe('delivered')
    world.run(60_000)
    expect(say(world, a, b, 'later')).toBe('delivered')
    expect(a.seen('peerDown')).toEqual([])
  })

  it('gives way to the relay without loss when it breaks, and comes back', () => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    say(world, a, b, 'hello')
    untilDirect(world, a, b)
    const requests = Array.from({ length: 50 }, (_, n) => a.send(b, `${n}`))
    world.run(1)
    world.cut(a, b)
    world.until(() => requests.every(request => a.verdict(request) !== undefined))
    expect(new Set(requests.map(request => a.verdict(request)))).toEqual(new Set(['delivered']))
    expect(b.texts).toEqual(['hello', ...Array.from({ length: 50 }, (_, n) => `${n}`)])
    expect(hopsOf(a)).toBe(1)
    expect(a.seen('peerDown')).toEqual([])
    world.until(() => world.wiresBetween(a, b).length === 1)
    expect(world.rtc.made).toBe(4)
  })

  it('costs the session nothing when it cannot be made, and is tried again later and later', () => {
    const world = new MiniWorld()
    world.connects = () => false
    const { a, b } = pair(world)
    expect(say(world, a, b, 'hello')).toBe('delivered')
    world.run(10 * 60_000)
    expect(say(world, a, b, 'hello again')).toBe('delivered')
    expect(hopsOf(a)).toBe(1)
    expect(a.seen('peerDown')).toEqual([])
    const attempts = world.rtc.made / 2
    expect(attempts).toBeGreaterThan(3)
    expect(attempts).toBeLessThan(10)
    expect(world.wiresBetween(a, b)).toEqual([])
  })

  it('is not tried more often for being asked for', () => {
    const world = new MiniWorld()
    world.connects = () => false
    const { a, b } = pair(world)
    for (let second = 0; second < 120; second++) {
      a.ask(request => ({ kind: 'dial', request, peer: b.key, timeoutMs: 10_000, mode: 'fast' }))
      world.run(1_000)
    }
    expect(world.rtc.made / 2).toBeLessThan(8)
  })

  it('is tried at once when the network changed', () => {
    const world = new MiniWorld()
    world.connects = () => false
    const { a, b } = pair(world)
    say(world, a, b, 'hello')
    world.run(10 * 60_000)
    world.connects = () => true
    const [lower] = lowestFirst(a, b)
    lower.driver.command({ kind: 'nudge' })
    world.until(() => world.wiresBetween(a, b).length === 1, 1_000)
    say(world, a, b, 'hello again')
    untilDirect(world, a)
  })

  it('is not made with a node that has no WebRTC, which says so', () => {
    const world = new MiniWorld()
    const { server, a } = pair(world)
    const old = world.client('old', [server])
    world.until(() => old.isOnline)
    expect(say(world, a, old, 'hello')).toBe('delivered')
    world.run(RTC_OPEN_TIMEOUT_MS)
    const made = world.rtc.made
    world.run(20 * 60_000)
    expect(world.rtc.made).toBe(made)
    expect(made).toBeLessThanOrEqual(1)
    expect(say(world, a, old, 'hello again')).toBe('delivered')
  })

  it.each(['relay', 'private'] as const)('is neither tried nor agreed to in mode %s', mode => {
    const world = new MiniWorld()
    const { server, a } = pair(world)
    const shy = world.client('shy', [server], { hasRtc: true, mode })
    world.until(() => shy.isOnline)
    say(world, a, shy, 'hello')
    world.run(10 * 60_000)
    expect(world.wiresBetween(a, shy)).toEqual([])
    const { made } = world.rtc
    // Only the one whose mode allows it ever asked its host.
    expect(world.rtc.madeBy(shy)).toBe(0)
    expect(made).toBeLessThan(10)
  })

  it('ends when the peer is to be reached in another mode', () => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    say(world, a, b, 'hello')
    untilDirect(world, a, b)
    a.ask(request => ({ kind: 'dial', request, peer: b.key, timeoutMs: 10_000, mode: 'relay' }))
    world.until(() => world.wiresBetween(a, b).length === 0)
    expect(say(world, a, b, 'over the server')).toBe('delivered')
    world.until(() => hopsOf(a) === 1)
  })

  it('outlives its session for a while and no longer', () => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    say(world, a, b, 'hello')
    untilDirect(world, a, b)
    a.hangUp(b)
    world.run(RTC_IDLE_MS / 2)
    expect(world.wiresBetween(a, b)).toHaveLength(1)
    expect(say(world, a, b, 'one more thing')).toBe('delivered')
    expect(hopsOf(a)).toBe(0)
    a.hangUp(b)
    world.run(2 * RTC_IDLE_MS + 1_000)
    expect(world.wiresBetween(a, b)).toEqual([])
  })

  it('is made with so many peers and no more; whom it was made with last makes way once unused', () => {
    const world = new MiniWorld()
    const { server, a } = pair(world)
    const peers = Array.from({ length: RTC_MAX_CONNECTIONS + 2 }, (_, n) =>
      world.client(`peer ${n}`, [server], { hasRtc: true }),
    )
    world.until(() => peers.every(({ isOnline }) => isOnline))
    for (const peer of peers) expect(say(world, a, peer, 'hello')).toBe('delivered')
    world.run(30_000)
    const linked = (): MiniNode[] => peers.filter(peer => world.wiresBetween(a, peer).length > 0)
    expect(linked()).toHaveLength(RTC_MAX_CONNECTIONS)
    const late = peers.filter(peer => !linked().includes(peer))
    for (let minute = 0; minute < 12; minute++) {
      for (const peer of late) say(world, a, peer, 'and hello')
      world.run(60_000)
    }
    expect(linked().length).toBeLessThanOrEqual(RTC_MAX_CONNECTIONS)
    expect(linked()).toEqual(expect.arrayContaining(late))
  })
})
