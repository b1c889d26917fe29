// The three relays of a private path (docs/PROTOCOL.md 5, threat 20): one knows us, one knows the peer, one knows
// neither. A guard comes first, the others are drawn at random, such that no two can belong to one owner
// (relay-apartness.ts). Which relays are good enough, and who can reach the peer, is the caller's to say; why there is
// no path is told by private-reasons.ts.

import { randomBelow } from '../dht/random-id.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { PRIVATE_MAX_CANDIDATES, PRIVATE_ROUTES_PER_GUARD } from '../wire/limits.ts'
import type { CommonKind, KindsOf } from './relay-apartness.ts'
import { commonKindBy, withUnknown } from './relay-apartness.ts'
import type { Relays } from './route.ts'

/** By who told of them. Each group has the same chance, however many are in it: who tells of many gains nothing. */
export type Groups = readonly (readonly KeyId[])[]

export interface PrivateCandidates {
  /** Pinned ones that are reachable, in order. */
  readonly guards: readonly KeyId[]
  readonly middles: Groups
  /** Who has a link to the peer, or can get one. */
  readonly lasts: Groups
  readonly peer: KeyId
  /** What a relay may have in common with another. */
  readonly kindsOf: KindsOf
}

export type Place = 'guard' | 'middle' | 'last'
export type MissingRelay = Place | 'network' | 'onlyOne' | 'onlyTwo'

/** What puts routes behind others. Nothing does, where it is left out. */
export interface PrivateTries {
  /** Middles and lasts of these come after those that are in none, or in fewer of them. */
  readonly tried?: readonly Relays[]
  /** They come after all other guards, in the same order. */
  readonly failedGuards?: ReadonlySet<KeyId>
  /** Such a route comes after the others of its guard. */
  hasFailed?(relays: Relays): boolean
}

/**
 * Different ones: all of the first guard, then those of the next, as no guard is used while one before it will do. Of
 * one guard each next route has another middle and another last, as long as there are any; PRIVATE_ROUTES_PER_GUARD at
 * most. None when a relay is missing.
 */
export function privateRoutes(
  random: RandomBytes,
  candidates: PrivateCandidates,
  tries: PrivateTries = {},
): Relays[] {
  const { peer } = candidates
  const { tried = [], failedGuards, hasFailed = () => false } = tries
  const uses = usesIn(tried)
  const middles = drawn(random, peer, candidates.middles).sort(uses)
  const lasts = drawn(random, peer, candidates.lasts).sort(uses)
  const common = commonKindBy(kindsAmong(candidates))
  const guards = usable(peer, candidates.guards).slice(0, PRIVATE_MAX_CANDIDATES)
  return lastOf(guards, key => failedGuards?.has(key) === true).flatMap(guard =>
    lastOf(routesFrom(guard, middles, lasts, common), hasFailed),
  )
}

/**
 * Which relay there is none for; `undefined` when there is a path. `onlyOne`, `onlyTwo`: there are so few for all places
 * together. `network`: there are enough, but all that remain have something in common with another.
 */
export function missingRelay(
  random: RandomBytes,
  candidates: PrivateCandidates,
): MissingRelay | undefined {
  const { peer, guards, middles, lasts } = candidates
  const isNone = (keys: readonly KeyId[]): boolean => keys.every(key => key === peer)
  if (isNone(guards)) return 'guard'
  if (isNone(lasts.flat())) return 'last'
  if (isNone(middles.flat())) return 'middle'
  if (privateRoutes(random, candidates).length > 0) return undefined
  return shortage([guards, ...middles, ...lasts].map(keys => usable(peer, keys)))
}

/** Why there is no path where each place has its relays. @param places without the peer */
export function shortage(places: Groups): MissingRelay {
  const { size } = new Set(places.flat())
  if (size === 1) return 'onlyOne'
  return size === 2 ? 'onlyTwo' : 'network'
}

/** Those of whom nothing is known are of one kind. */
export function kindsAmong({ guards, middles, lasts, kindsOf }: PrivateCandidates): KindsOf {
  return withUnknown([...guards, ...middles.flat(), ...lasts.flat()], kindsOf)
}

/** Each once, less the peer. */
export function usable(peer: KeyId, keys: readonly KeyId[]): KeyId[] {
  return [...new Set(keys)].filter(key => key !== peer)
}

/** What was used least comes first. */
function usesIn(tried: readonly Relays[]): (a: KeyId, b: KeyId) => number {
  const counts = new Map<KeyId, number>()
  for (const key of tried.flat()) counts.set(key, (counts.get(key) ?? 0) + 1)
  return (a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0)
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

/** Takes always the middle and the last that it took longest ago, so that none is tried twice before all were once. */
function routesFrom(
  guard: KeyId,
  allMiddles: readonly KeyId[],
  allLasts: readonly KeyId[],
  common: CommonKind,
): Relays[] {
  const middles = allMiddles.filter(key => common(guard, key) === undefined)
  const lasts = allLasts.filter(key => common(guard, key) === undefined)
  const routes: Relays[] = []
  const taken = new Set<string>()
  const next = (): readonly [KeyId, KeyId] | undefined => {
    for (const last of lasts) {
      const isOpen = (key: KeyId): boolean =>
        common(key, last) === undefined && !taken.has(key + last)
      const middle = middles.find(isOpen)
      if (middle !== undefined) return [middle, last]
    }
    return undefined
  }
  for (let pair = next(); pair !== undefined; pair = next()) {
    routes.push([guard, ...pair])
    if (routes.length === PRIVATE_ROUTES_PER_GUARD) break
    taken.add(pair.join(''))
    toTheEnd(middles, pair[0])
    toTheEnd(lasts, pair[1])
  }
  return routes
}

function toTheEnd(keys: KeyId[], key: KeyId): void {
  keys.splice(keys.indexOf(key), 1)
  keys.push(key)
}

/** In the same order, but for those that come last. */
function lastOf<Item>(items: readonly Item[], isLast: (item: Item) => boolean): Item[] {
  return [...items.filter(item => !isLast(item)), ...items.filter(isLast)]
}
