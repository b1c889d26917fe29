// A direct connection may open at any moment, also while another path is being attached: data moves to it soon.

import { describe, expect, it } from 'vitest'
import type { PathMode } from '../../routes/route.ts'
import { SESSION_IN_USE_MS, SPARE_AFTER_MS } from '../../wire/limits.ts'
import { pair, say } from '../testing/direct-nodes.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'

const DELAY_MS = 30
/** The next look, a lookup and a circuit. */
const SOON_MS = SPARE_AFTER_MS + 20 * DELAY_MS
/** From before the spare path is sought until after it is there. */
const MOMENTS = Array.from({ length: 31 }, (_, n) => SPARE_AFTER_MS - 300 + 20 * n)

describe('data moves to a direct connection', () => {
  it.each(MOMENTS)('that takes %i ms to open', openMs => {
    const world = new MiniWorld()
    world.delayMs = DELAY_MS
    world.rtc.openMs = openMs
    const { a, b } = online(world, 2)
    expect(say(world, a, b, 'hello')).toBe('delivered')
    world.until(() => world.wiresBetween(a, b).length === 1)
    world.run(SOON_MS)
    expect(a.seen('peerPath').at(-1)?.path?.hops).toEqual([])
  })
})

describe('a session that nobody uses', () => {
  it('moves to a direct connection that comes late', () => {
    const world = new MiniWorld()
    world.connects = () => false
    const { a, b } = pair(world)
    expect(say(world, a, b, 'hello')).toBe('delivered')
    world.run(2 * SESSION_IN_USE_MS)
    world.connects = () => true
    a.driver.command({ kind: 'nudge' })
    b.driver.command({ kind: 'nudge' })
    world.until(() => world.wiresBetween(a, b).length === 1)
    world.run(SOON_MS)
    expect(a.seen('peerPath').at(-1)?.path?.hops).toEqual([])
  })

  it.each(['relay', 'private'] as const)(
    'and was in mode %s moves to one when the mode allows it',
    mode => {
      const world = new MiniWorld()
      const { a, b } = online(world, 4)
      expect(say(world, a, b, 'hello')).toBe('delivered')
      world.until(() => world.wiresBetween(a, b).length === 1)
      const dial = (to: PathMode): void => {
        a.ask(request => ({ kind: 'dial', request, peer: b.key, timeoutMs: 10_000, mode: to }))
      }
      dial(mode)
      world.run(2 * SESSION_IN_USE_MS)
      expect(a.seen('peerPath').at(-1)?.path?.hops).not.toEqual([])
      dial('fast')
      world.run(4 * SOON_MS)
      expect(a.seen('peerPath').at(-1)?.path?.hops).toEqual([])
    },
  )
})

function online(world: MiniWorld, servers: number): { readonly a: MiniNode; readonly b: MiniNode } {
  const all = Array.from({ length: servers }, (_, n) => world.server(`server-${n}`))
  const [a, b] = ['a', 'b'].map(name => world.client(name, all, { hasRtc: true }))
  if (a === undefined || b === undefined) throw new Error('no client')
  world.until(() => a.isOnline && b.isOnline)
  return { a, b }
}
