// Clients that are linked to each other only: they carry one another's circuits, and new links come about through them.

import { describe, expect, it } from 'vitest'
import { RELAY_BUDGET_MIN_BYTES } from '../../wire/limits.ts'
import { clientRelayRole } from '../relay/client-relay-role.ts'
import { say } from '../testing/direct-nodes.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'

interface Star {
  readonly world: MiniWorld
  readonly server: MiniNode
  readonly hub: MiniNode
  readonly others: readonly MiniNode[]
}

/** Clients, each with a direct connection to the hub, which relays. */
function star(names: readonly string[]): Star {
  const world = new MiniWorld()
  const server = world.server('server')
  const clientRelay = { role: clientRelayRole, bytesPerDay: 64 * RELAY_BUDGET_MIN_BYTES }
  const hub = world.client('hub', [server], { hasRtc: true, clientRelay })
  const others = names.map(name => world.client(name, [server], { hasRtc: true }))
  world.until(() => [hub, ...others].every(({ isOnline }) => isOnline))
  for (const one of others) {
    say(world, one, hub, 'hello')
    world.until(() => world.wiresBetween(one, hub).length === 1)
  }
  return { world, server, hub, others }
}

describe('clients linked to one that relays', () => {
  it('talk through it when they cannot link, also with every server gone', () => {
    const { world, server, hub, others } = star(['a', 'c'])
    const [a, c] = others as [MiniNode, MiniNode]
    world.connects = () => false
    expect(say(world, a, c, 'over the server')).toBe('delivered')
    server.kill()
    expect(say(world, a, c, 'through the hub')).toBe('delivered')
    expect(say(world, c, a, 'and back')).toBe('delivered')
    expect(a.seen('peerPath').at(-1)?.path?.hops).toEqual([hub.key])
    expect(world.wiresBetween(a, c)).toEqual([])
  })

  it('find each other and link up through it when every server is gone', () => {
    const { world, server, others } = star(['a', 'b', 'c'])
    const [a, , c] = others as [MiniNode, MiniNode, MiniNode]
    server.kill()
    world.run(5_000)
    expect(say(world, a, c, 'hello')).toBe('delivered')
    world.until(() => world.wiresBetween(a, c).length === 1)
    expect(say(world, a, c, 'directly')).toBe('delivered')
  })
})
