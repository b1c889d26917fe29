// What whole nodes say of their links: whose they are, how they came about, and that nothing is counted twice or lost.

import { describe, expect, it } from 'vitest'
import { keyIdOf } from '../identity/node-id.ts'
import type { LinkStats, NodeStats } from './stats.ts'
import { lowestFirst, pair, say } from './testing/direct-nodes.ts'
import type { MiniNode } from './testing/mini-node.ts'
import { MiniWorld } from './testing/mini-world.ts'

function statsOf(node: MiniNode): NodeStats {
  const answer = node.answer(node.ask(request => ({ kind: 'stats', request, timeoutMs: 1 })))
  if (answer?.kind !== 'stats') throw new Error('no answer')
  return answer.stats
}

function linkTo(node: MiniNode, other: MiniNode): LinkStats {
  const key = keyIdOf(other.publicKey)
  const found = statsOf(node).links.find(link => link.key === key)
  if (found === undefined) throw new Error('no such link')
  return found
}

function untilDirect(world: MiniWorld, ...nodes: MiniNode[]): void {
  world.until(() => nodes.every(node => node.seen('peerPath').at(-1)?.path?.hops.length === 0))
}

describe('the links of a node', () => {
  it('are told with their ends, who opened them and since when', () => {
    const world = new MiniWorld()
    const { server, a } = pair(world)
    const before = linkTo(a, server)
    world.run(5_000)
    const after = linkTo(a, server)
    expect(after).toMatchObject({ kind: 'server', isInitiator: true })
    expect(after.ageMs - before.ageMs).toBe(5_000)
    expect(linkTo(server, a)).toMatchObject({ kind: 'client', isInitiator: false })
  })

  it('are told with their round trip once it is measured', () => {
    const world = new MiniWorld()
    const { server, a } = pair(world)
    world.run(60_000)
    expect(linkTo(a, server).rttMs).toBeGreaterThanOrEqual(2 * world.delayMs)
  })

  it('count what one end sent as what the other received, the login included', () => {
    const world = new MiniWorld()
    const { server, a, b } = pair(world)
    say(world, a, b, 'x'.repeat(10_000))
    world.run(1_000)
    const [near, far] = [linkTo(a, server), linkTo(server, a)]
    expect(near.sentBytes).toBe(far.receivedBytes)
    expect(near.receivedBytes).toBe(far.sentBytes)
    expect(near.sentBytes).toBeGreaterThan(10_000)
  })

  it('by WebRTC are told by both ends, with the candidates that they go over', () => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    say(world, a, b, 'hello')
    untilDirect(world, a, b)
    const [offerer, answerer] = lowestFirst(a, b)
    const candidates = { own: 'host', peer: 'host', protocol: 'udp' }
    expect(linkTo(offerer, answerer)).toMatchObject({ kind: 'rtc', isInitiator: true, candidates })
    expect(linkTo(answerer, offerer)).toMatchObject({ kind: 'rtc', isInitiator: false, candidates })
    expect(a.seen('peerPath').at(-1)?.path).toMatchObject({ hops: [], candidates })
  })

  it('carry nothing over the server while data goes past it', () => {
    const world = new MiniWorld()
    const { server, a, b } = pair(world)
    say(world, a, b, 'hello')
    untilDirect(world, a, b)
    const before = linkTo(a, server).sentBytes
    say(world, a, b, 'x'.repeat(60_000))
    expect(linkTo(a, server).sentBytes - before).toBeLessThan(10_000)
    expect(linkTo(a, b).sentBytes).toBeGreaterThan(60_000)
  })

  it('are not told any more when they are closed, but what went over them is', () => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    say(world, a, b, 'hello')
    untilDirect(world, a, b)
    say(world, a, b, 'x'.repeat(60_000))
    world.connects = () => false
    world.cut(a, b)
    world.until(() => statsOf(a).links.length === 1)
    const { totals } = statsOf(a)
    expect(totals.get('rtc')?.sentBytes).toBeGreaterThan(60_000)
    expect([...totals.keys()].sort()).toEqual(['rtc', 'server'])
  })

  it('do not count what never logged in', () => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    world.rtc.certificateOf = own => own.map(byte => byte ^ 1)
    say(world, a, b, 'hello')
    world.until(() => world.rtc.made === 2)
    world.run(5_000)
    const { links, totals } = statsOf(a)
    expect(links.map(({ kind }) => kind)).toEqual(['server'])
    expect([...totals.keys()]).toEqual(['server'])
  })
})

describe('a path', () => {
  it('is told anew when its connection goes over other candidates', () => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    say(world, a, b, 'hello')
    untilDirect(world, a, b)
    const peer = { own: 'host', peer: 'relay', protocol: 'tcp' } as const
    world.rtc.moved(a, peer)
    say(world, a, b, 'hello again')
    world.run(60_000)
    expect(a.seen('peerPath').at(-1)?.path?.candidates).toEqual(peer)
  })

  it('over a server has no candidates, whatever else is open', () => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    say(world, a, b, 'hello')
    untilDirect(world, a, b)
    world.connects = () => false
    world.cut(a, b)
    world.until(() => a.seen('peerPath').at(-1)?.path?.hops.length === 1)
    expect(a.seen('peerPath').at(-1)?.path?.candidates).toBeUndefined()
  })
})

it('is refused by a node that is closed', () => {
  const world = new MiniWorld()
  const { a } = pair(world)
  a.shutdown()
  expect(a.verdict(a.ask(request => ({ kind: 'stats', request, timeoutMs: 1 })))).toBe('CLOSED')
})
