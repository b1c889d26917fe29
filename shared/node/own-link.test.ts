// Our own link to a server breaks while it carries a setup: this tells nothing of the peer, and is over in a moment.

import { describe, expect, it } from 'vitest'
import type { MiniNode } from './testing/mini-node.ts'
import { MiniWorld } from './testing/mini-world.ts'

function worldOf(servers: readonly string[]): {
  readonly world: MiniWorld
  readonly servers: MiniNode[]
  readonly alice: MiniNode
  readonly bob: MiniNode
} {
  const world = new MiniWorld()
  const all = servers.map(name => world.server(name))
  const [alice, bob] = [world.client('alice', all), world.client('bob', all)]
  const nodes = [alice, bob]
  world.until(() => nodes.every(node => node.attachments.every(one => one.state === 'online')))
  world.run(1_000)
  return { world, servers: all, alice, bob }
}

describe('a dial', () => {
  it.each([1, 6, 11, 16, 21, 26, 31])(
    'comes through although the only link breaks %i ms after',
    cutAfterMs => {
      const { world, servers, alice, bob } = worldOf(['one'])
      const dial = alice.dial(bob)
      world.run(cutAfterMs)
      for (const server of servers) world.cut(alice, server)
      world.until(() => alice.answer(dial) !== undefined)
      expect(alice.verdict(dial)).toBe('dialed')
    },
  )

  it('says that no server is there when the link does not come back', () => {
    const { world, servers, alice, bob } = worldOf(['one'])
    const dial = alice.dial(bob)
    world.run(16)
    for (const server of servers) server.kill()
    world.until(() => alice.answer(dial) !== undefined)
    expect(alice.verdict(dial)).toBe('UNREACHABLE')
  })
})
