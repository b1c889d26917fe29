// Whoever got between two hosts, so that each has a connection with it: nobody logs in over it, and the session does not
// notice (threat 7).

import { describe, expect, it } from 'vitest'
import { pair, say } from '../testing/direct-nodes.ts'
import { MiniWorld } from '../testing/mini-world.ts'

const flipped = (bytes: Uint8Array): Uint8Array => bytes.map(byte => byte ^ 0xff)

describe('a connection in which somebody else is', () => {
  it.each([
    ['each end sees the certificate of the one in between', (): boolean => true],
    ['only one end does', (isOfferer: boolean): boolean => isOfferer],
  ])('is not logged in to: %s', (_, sees) => {
    const world = new MiniWorld()
    world.rtc.certificateOf = (own, isOfferer) => (sees(isOfferer) ? flipped(own) : own)
    const { a, b } = pair(world)
    expect(say(world, a, b, 'hello')).toBe('delivered')
    world.run(120_000)
    expect(world.rtc.made).toBeGreaterThan(2)
    expect(world.wiresBetween(a, b)).toEqual([])
    expect(say(world, a, b, 'over the relay')).toBe('delivered')
    const paths = [...a.seen('peerPath'), ...b.seen('peerPath')]
    expect(paths.every(({ path }) => path?.hops.length === 1)).toBe(true)
    expect([...a.seen('peerDown'), ...b.seen('peerDown')]).toEqual([])
  })
})
