// Whoever answers at the other end of a WebRTC connection was reached by our offer, and is a stranger all the same: it
// gets nothing of what servers get that were dialed.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { Router } from '../../routing/router.ts'
import { NetworkTime } from '../network-time.ts'
import { lowestFirst, pair, say } from '../testing/direct-nodes.ts'
import { MiniWorld } from '../testing/mini-world.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a peer that answered our offer', () => {
  it('has no voice in what time it is', () => {
    const world = new MiniWorld()
    const { a, b } = pair(world)
    const [lower, higher] = lowestFirst(a, b)
    const sample = vi.spyOn(NetworkTime.prototype, 'sample')
    say(world, lower, higher, 'hello')
    world.until(() => world.wiresBetween(a, b).length === 1)
    world.run(1_000)
    expect(sample.mock.calls.map(([, key]) => key)).not.toContain(higher.key)
  })

  it('has no allowance of a server, whatever it calls itself', () => {
    const world = new MiniWorld()
    const server = world.server('server')
    const liar = world.server('liar', { hasRtc: true, join: [server.url] })
    const handle = vi.spyOn(Router.prototype, 'handle')
    const others = Array.from({ length: 4 }, (_, n) =>
      world.client(`client ${n}`, [server], { hasRtc: true }),
    )
    world.until(() => others.every(({ isOnline }) => isOnline))
    world.run(10_000)
    for (const other of others) expect(say(world, other, liar, 'hello')).toBe('delivered')
    world.run(10_000)
    const ups = handle.mock.calls.flatMap(([, input], call) =>
      input.kind === 'linkUp' ? [{ ...input, router: handle.mock.contexts[call] }] : [],
    )
    // The real server dialed it, and allows it more. All others have a link to that server.
    const routers = new Set(
      ups.flatMap(({ peer, router }) => (peer === server.key ? [router] : [])),
    )
    const ofLiar = ups.filter(({ peer, router }) => peer === liar.key && routers.has(router))
    expect(ofLiar.length).toBeGreaterThan(0)
    expect(ofLiar.filter(({ isServer }) => isServer)).toEqual([])
  })
})
