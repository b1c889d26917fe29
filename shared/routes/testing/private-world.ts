// Candidates for private paths, drawn at random, and the rules of such paths as a person reads them.

import type { KeyId } from '../../identity/node-id.ts'
import { kindsOf } from '../../node/routes/relay-kinds.ts'
import type { Seeded } from '../../session/testing/seeded.ts'
import type { PrivateCandidates } from '../private-path.ts'
import type { Relays } from '../route.ts'
import { keyOf, keysOf } from './keys.ts'

/** A world of relays, with few networks, names and operators, so that most of them have much in common. */
export function randomWorld(random: Seeded): PrivateCandidates {
  const below = (bound: number): number => Math.floor(random.next() * bound)
  const urls = [
    () => `wss://${20 + below(4)}.${below(3)}.${below(256)}.${below(256)}:443`,
    () => `wss://[2001:${below(6)}:${below(9)}::${1 + below(9)}]/mesh`,
    () => `wss://${'abc'.charAt(below(3))}.${'xyz'.charAt(below(3))}.example`,
    () => 'ws://10.0.0.7:8080',
  ]
  const records = new Map(
    keysOf(3 + below(30)).map(key => {
      const endpoints = Array.from({ length: below(3) }, () => ({
        url: (urls[below(4)] as () => string)(),
      }))
      const meta = new Map(below(3) === 0 ? [['operator', `op ${below(4)}`]] : [])
      return [key, kindsOf({ endpoints, meta })]
    }),
  )
  const keys = [...records.keys()]
  const some = (count: number): KeyId[] =>
    Array.from({ length: count }, () => keys[below(keys.length)] as KeyId)
  return {
    guards: some(1 + below(4)),
    middles: [some(1 + below(15)), some(below(15))],
    lasts: [some(1 + below(6))],
    peer: below(2) === 0 ? keyOf(9_999) : (keys[0] as KeyId),
    kindsOf: key => records.get(key) ?? [],
  }
}

export function brokenRules(path: Relays, world: PrivateCandidates): string[] {
  const { guards, middles, lasts, peer } = world
  const [guard, middle, last] = path as [KeyId, KeyId, KeyId]
  const broken: string[] = []
  if (path.length < 3) broken.push('fewer than three relays')
  if (new Set(path).size < path.length) broken.push('a key twice')
  if (path.includes(peer)) broken.push('the peer relays')
  if (!guards.includes(guard)) broken.push('begins with no guard')
  if (!middles.flat().includes(middle) || !lasts.flat().includes(last))
    broken.push('not of the candidates')
  const kinds = path.map(key => world.kindsOf(key))
  if (new Set(kinds.flat()).size < kinds.flat().length) broken.push('a common kind')
  const isLab = [...guards, ...middles.flat(), ...lasts.flat()].every(
    key => world.kindsOf(key).length === 0,
  )
  if (!isLab && kinds.filter(list => list.length === 0).length > 1) broken.push('two unknown')
  return broken
}

/** The readable twin: all that keep the rules, some more than once. */
export function possiblePaths(world: PrivateCandidates): Relays[] {
  const all = world.guards.flatMap(guard =>
    world.middles.flat().flatMap(middle => world.lasts.flat().map(last => [guard, middle, last])),
  )
  return all.filter(path => brokenRules(path, world).length === 0)
}
