// The three relays of a private path (docs/PROTOCOL.md 5, threat 20): one knows us, one knows the peer, one knows
// neither. A guard comes first, the others are drawn at random, such that no two can belong to one owner as far as
// their records tell. Which relays are good enough, and who can reach the peer, is the caller's to say; what a record
// tells is in shared/node/routes/relay-kinds.ts.

import { randomBelow } from '../dht/random-id.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { PRIVATE_MAX_CANDIDATES } from '../wire/limits.ts'
import type { Relays } from './route.ts'

/** By who told of them. Each group has the same chance, however many are in it: who tells of many gains nothing. */
export type Groups = readonly (readonly KeyId[])[]

export interface PrivateCandidates {
  /** Pinned ones that are reachable, in order: the first that a path can begin with is taken. */
  readonly guards: readonly KeyId[]
  readonly middles: Groups
  /** Who has a link to the peer, or can get one. */
  readonly lasts: Groups
  readonly peer: KeyId
  /**
   * What a relay may have in common with another (relay-kinds.ts). Those of whom nothing is known count as one kind,
   * unless nothing is known of anybody: in a lab all are on private addresses.
   */
  kindsOf(key: KeyId): readonly string[]
}

/**
 * Which relay was not there. `network`: there are enough of each sort, but all that remain are the peer, stand there
 * twice or have something in common with another.
 */
export interface NoPrivatePath {
  readonly missing: 'guard' | 'middle' | 'last' | 'network'
}

const UNKNOWN_KIND = 'unknown'

export function privateRelays(
  random: RandomBytes,
  candidates: PrivateCandidates,
): Relays | NoPrivatePath {
  const { peer } = candidates
  const guards = usable(peer, candidates.guards).slice(0, PRIVATE_MAX_CANDIDATES)
  const middles = drawn(random, peer, candidates.middles)
  const lasts = drawn(random, peer, candidates.lasts)
  if (guards.length === 0) return { missing: 'guard' }
  if (lasts.length === 0) return { missing: 'last' }
  if (middles.length === 0) return { missing: 'middle' }
  const areApart = apartness(candidates)
  for (const guard of guards) {
    for (const last of lasts) {
      if (!areApart(guard, last)) continue
      const middle = middles.find(key => areApart(key, guard) && areApart(key, last))
      if (middle !== undefined) return [guard, middle, last]
    }
  }
  return { missing: 'network' }
}

function usable(peer: KeyId, keys: readonly KeyId[]): KeyId[] {
  return [...new Set(keys)].filter(key => key !== peer)
}

/** In random order, each next one of a group that is drawn first, cut to what is looked at. */
function drawn(random: RandomBytes, peer: KeyId, groups: Groups): KeyId[] {
  const left = groups.map(keys => usable(peer, keys)).filter(keys => keys.length > 0)
  const order = new Set<KeyId>()
  while (left.length > 0 && order.size < PRIVATE_MAX_CANDIDATES) {
    const at = randomBelow(random, left.length)
    const group = left[at] as KeyId[]
    order.add(takeAny(random, group))
    if (group.length === 0) left.splice(at, 1)
  }
  return [...order]
}

function takeAny(random: RandomBytes, keys: KeyId[]): KeyId {
  const at = randomBelow(random, keys.length)
  const taken = keys[at] as KeyId
  keys[at] = keys.at(-1) as KeyId
  keys.pop()
  return taken
}

/** Whether two keys may stand in one path. */
function apartness(candidates: PrivateCandidates): (a: KeyId, b: KeyId) => boolean {
  const { guards, middles, lasts, kindsOf } = candidates
  const known = new Map(
    [...guards, ...middles.flat(), ...lasts.flat()].map(key => [key, kindsOf(key)]),
  )
  const isLab = [...known.values()].every(kinds => kinds.length === 0)
  const kindsHere = (key: KeyId): readonly string[] => {
    const kinds = known.get(key) ?? []
    return kinds.length > 0 || isLab ? kinds : [UNKNOWN_KIND]
  }
  return (a, b) => {
    const kinds = kindsHere(b)
    return a !== b && !kindsHere(a).some(kind => kinds.includes(kind))
  }
}
