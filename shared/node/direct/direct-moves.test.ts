// A node that comes to another network: what it knew of its addresses is wrong, what is open is dead, and its servers
// are away for a moment. It is to be connected directly again soon after, whichever of the two moved.

import { describe, expect, it } from 'vitest'
import { RTC_OPEN_TIMEOUT_MS } from '../../wire/limits.ts'
import type { Pair } from '../testing/direct-nodes.ts'
import { lowestFirst, pair, say } from '../testing/direct-nodes.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'

const SOON_MS = 1_000
const BOTH = ['lower', 'higher'] as const

interface Moving extends Pair {
  readonly moving: MiniNode
  readonly other: MiniNode
}

function talking(world: MiniWorld, who: (typeof BOTH)[number]): Moving {
  const nodes = pair(world)
  say(world, nodes.a, nodes.b, 'hello')
  const [lower, higher] = lowestFirst(nodes.a, nodes.b)
  const [moving, other] = who === 'lower' ? [lower, higher] : [higher, lower]
  return { ...nodes, moving, other }
}

function isLinked(world: MiniWorld, a: MiniNode, b: MiniNode): boolean {
  return world.wiresBetween(a, b).length === 1
}

describe.each(BOTH)('when the network of the %s key changes', who => {
  it('an attempt under way begins anew', () => {
    const world = new MiniWorld()
    world.connects = () => false
    const { a, b, moving } = talking(world, who)
    world.run(500)
    expect(world.rtc.made).toBe(2)
    world.connects = () => true
    moving.driver.command({ kind: 'nudge' })
    world.until(() => isLinked(world, a, b), SOON_MS)
    expect(world.rtc.made).toBe(4)
  })

  it('an attempt is not given up more often than may be tried', () => {
    const world = new MiniWorld()
    world.connects = () => false
    const { moving } = talking(world, who)
    for (let times = 0; times < 60; times++) {
      moving.driver.command({ kind: 'nudge' })
      world.run(1_000)
    }
    expect(world.rtc.made / 2).toBeLessThan(20)
  })

  it('a connection that dies of it is made again at once', () => {
    const world = new MiniWorld()
    const { a, b, moving } = talking(world, who)
    world.until(() => isLinked(world, a, b))
    world.run(1_000)
    world.freeze(a, b)
    moving.driver.command({ kind: 'nudge' })
    // It is asked for a sign of life first.
    world.until(() => world.rtc.opened === 4, 3 * SOON_MS)
  })
})

describe('an attempt that began while no server was there to ask for our address', () => {
  it('begins anew when there is one again', () => {
    const world = new MiniWorld()
    world.rtc.needsIceServers = true
    const server = world.server('server', { stunPort: () => 3_478 })
    const [a, b] = ['a', 'b'].map(name => world.client(name, [server], { hasRtc: true }))
    if (a === undefined || b === undefined) throw new Error('no clients')
    world.until(() => a.isOnline && b.isOnline)
    say(world, a, b, 'hello')
    world.until(() => isLinked(world, a, b))
    server.kill()
    // Only one of them notices: the other one asks for nothing.
    const [lower] = lowestFirst(a, b)
    for (const { ends } of world.wiresBetween(a, b)) {
      for (const { node, link } of ends) if (node === lower) node.lost(link)
    }
    world.until(() => world.rtc.made === 3)
    server.boot()
    const begunAt = world.now
    world.until(() => a.isOnline && b.isOnline)
    // It would have gone on for longer, in vain.
    expect(world.now - begunAt).toBeLessThan(RTC_OPEN_TIMEOUT_MS / 2)
    world.until(() => world.rtc.opened === 4, SOON_MS)
  })
})
