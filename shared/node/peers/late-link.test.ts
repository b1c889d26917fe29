// A direct connection may open at any moment, also while another path is being attached: data moves to it soon.

import { describe, expect, it } from 'vitest'
import { SPARE_AFTER_MS } from '../../wire/limits.ts'
import { say } from '../testing/direct-nodes.ts'
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
    const servers = [world.server('one'), world.server('two')]
    const [a, b] = ['a', 'b'].map(name => world.client(name, servers, { hasRtc: true }))
    if (a === undefined || b === undefined) throw new Error('no client')
    world.until(() => a.isOnline && b.isOnline)
    expect(say(world, a, b, 'hello')).toBe('delivered')
    world.until(() => world.wiresBetween(a, b).length === 1)
    world.run(SOON_MS)
    expect(a.seen('peerPath').at(-1)?.path?.hops).toEqual([])
  })
})
