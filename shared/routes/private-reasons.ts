// Why there is no private path, or not over a certain relay: for each of the three places who could stand there, and
// what is against each of those who cannot (docs/PROTOCOL.md 5, threat 20). Draws nothing; the rules are those of
// private-path.ts.

import type { KeyId } from '../identity/node-id.ts'
import type { MissingRelay, Place } from './private-path.ts'
import { shortage } from './private-path.ts'
import type { CommonKind, Kind } from './relay-apartness.ts'

/** What a node knows of one place. */
export interface PlaceFacts {
  readonly place: Place
  /** Who could stand there, each once, without the peer: PRIVATE_MAX_CANDIDATES at most. */
  readonly fit: readonly KeyId[]
  readonly unfit: readonly UnfitRelay[]
  /** Of those that are fit. */
  readonly failed: readonly KeyId[]
}

export interface PrivateFacts {
  /** In the order of a path. */
  readonly places: readonly PlaceFacts[]
  readonly kinds: ReadonlyMap<KeyId, readonly Kind[]>
}

/** What is against a relay by itself. */
export interface UnfitRelay {
  readonly key: KeyId
  /**
   * `peer`: it is whom we seek. `unreachable`: a pinned guard to which we have no link now. `noRelay`: it does not
   * relay. `noKey`: of its record, or the onion key in it, nothing is known.
   */
  readonly reason: 'peer' | 'unreachable' | 'noRelay' | 'noKey'
}

export type SetAside = { readonly key: KeyId } & (
  | Pick<UnfitRelay, 'reason'>
  /** With each one of another place it has something in common (relay-apartness.ts); with `other` it has `kind`. */
  | { readonly reason: 'common'; readonly other: KeyId; readonly kind: Kind | 'same' }
  /** Of those that it could go with no two go together. */
  | { readonly reason: 'combination' }
  /** It failed lately: it can stand there, but is taken after others. */
  | { readonly reason: 'failed' }
)

export interface PrivatePlace {
  readonly place: Place
  /** How many were looked at, and how many of them can stand here. */
  readonly candidates: number
  readonly usable: number
  /** As many as may be told; those that failed are told last. */
  readonly setAside: readonly SetAside[]
}

export interface PrivateReasons {
  /** Absent when there is a private path. */
  readonly missing?: MissingRelay
  readonly places: readonly PrivatePlace[]
}

/** @param common what two relays of these have in common @param maxTold relays that are told of for each place */
export function privateReasons(
  { places }: PrivateFacts,
  common: CommonKind,
  maxTold: number,
): PrivateReasons {
  const told = places.map(({ place, fit, unfit, failed }): PrivatePlace => {
    // Both ends are known to people, so what is the matter with them is told before the middle.
    const others = places.filter(one => one.place !== place).toReversed()
    const against = fit.flatMap(key => obstacleOf(key, others, common) ?? [])
    const late = failed.filter(key => against.every(one => one.key !== key))
    const setAside = [
      ...unfit,
      ...against,
      ...late.map(key => ({ key, reason: 'failed' }) as const),
    ]
    return {
      place,
      candidates: fit.length + unfit.length,
      usable: fit.length - against.length,
      setAside: setAside.slice(0, maxTold),
    }
  })
  if (told.every(place => place.usable > 0)) return { places: told }
  const empty = places.filter(({ fit }) => fit.length === 0).map(({ place }) => place)
  const missing = (['guard', 'last', 'middle'] as const).find(place => empty.includes(place))
  return { missing: missing ?? shortage(places.map(({ fit }) => fit)), places: told }
}

/** Where nobody can stand, nobody is in the way. */
function obstacleOf(
  key: KeyId,
  others: readonly PlaceFacts[],
  common: CommonKind,
): SetAside | undefined {
  for (const { fit } of others) {
    if (fit.length === 0 || fit.some(one => common(key, one) === undefined)) continue
    const other = fit.find(one => one !== key) ?? key
    return { key, reason: 'common', other, kind: common(key, other) ?? 'same' }
  }
  const [some = [], more = []] = others.map(({ fit }) =>
    fit.filter(one => common(key, one) === undefined),
  )
  if (some.length === 0 || more.length === 0) return undefined
  const isPair = some.some(one => more.some(two => common(one, two) === undefined))
  return isPair ? undefined : { key, reason: 'combination' }
}
