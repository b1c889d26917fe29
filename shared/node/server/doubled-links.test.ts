// Two servers each of which dialed the other (docs/PROTOCOL.md 4.7): circuits go over the link that stays, so that the
// other one ends however much goes on between them.

import { expect, it } from 'vitest'
import { SERVER_CALL_TIMEOUT_MS } from '../../wire/limits.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'
import { identityOf } from '../testing/records.ts'

const [ONE, OTHER] = [identityOf(1), identityOf(2)]
const [LOWER, HIGHER] = ONE.keyId < OTHER.keyId ? [ONE, OTHER] : [OTHER, ONE]

function opener(world: MiniWorld, one: MiniNode, other: MiniNode): string[] {
  return world.wiresBetween(one, other).map(({ ends }) => ends[0].node.name)
}

it.each([
  ['older', LOWER, HIGHER],
  ['newer', HIGHER, LOWER],
])('of two servers are down to that of the lower key, the %s', (_, early, late) => {
  const world = new MiniWorld()
  const options = { allowsPlainDials: true }
  const seed = world.server('late', { ...options, seed: late.seed })
  // Whoever is joined dials back.
  const joining = world.server('early', { ...options, seed: early.seed, join: [seed.url] })
  const [alice, bob] = [world.client('alice', [seed]), world.client('bob', [joining])]
  world.until(() => opener(world, seed, joining).length === 2)
  expect(opener(world, seed, joining)).toEqual(['early', 'late'])
  const [there, back] = [alice.send(bob, 'hello'), bob.send(alice, 'hello')]
  world.until(() => alice.verdict(there) !== undefined && bob.verdict(back) !== undefined)
  expect(opener(world, seed, joining)).toHaveLength(2)
  world.run(SERVER_CALL_TIMEOUT_MS + 1_000)
  expect(opener(world, seed, joining)).toEqual([seed.key < joining.key ? 'late' : 'early'])
  expect([alice, bob].map(({ core }) => core.load.circuits)).toEqual([1, 1])
})
