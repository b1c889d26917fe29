// Routes of mode `private` (docs/PROTOCOL.md 5, threat 20): a pinned guard, a stranger, a relay that reaches the peer,
// no two of one network or operator. What may stand where is gathered here; the rules are in shared/routes.

import type { KeyId } from '../../identity/node-id.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import { GuardSet } from '../../routes/guards.ts'
import type {
  MissingRelay,
  Place,
  PrivateCandidates,
  PrivateTries,
} from '../../routes/private-path.ts'
import { kindsAmong, missingRelay, privateRoutes, usable } from '../../routes/private-path.ts'
import type { PlaceFacts, PrivateFacts, UnfitRelay } from '../../routes/private-reasons.ts'
import type { Relays } from '../../routes/route.ts'
import { PRIVATE_MAX_CANDIDATES } from '../../wire/limits.ts'
import type { RelayBook } from './relay-book.ts'
import type { RouteWish } from './route-finder.ts'
import type { Surroundings } from './ways.ts'

export class PrivateRoutes {
  readonly #random: RandomBytes
  readonly #relays: RelayBook
  readonly #guards: GuardSet
  readonly #guardTime: (time: Time) => Time

  /** @param guardTime what of the network's clock guards age by: no server alone may make all of them old */
  constructor(
    random: RandomBytes,
    relays: RelayBook,
    savedGuards: Uint8Array | undefined,
    guardTime: (time: Time) => Time = time => time,
  ) {
    this.#guardTime = guardTime
    this.#random = random
    this.#relays = relays
    this.#guards = new GuardSet(random, savedGuards)
  }

  /** Different ones in the order in which to try them; none when a relay is missing. */
  some(time: Time, wish: RouteWish, around: Surroundings, tries: PrivateTries): Relays[] {
    return privateRoutes(this.#random, this.#candidates(time, wish, around), tries)
  }

  /** @returns `undefined` when there are some */
  missing(time: Time, wish: RouteWish, around: Surroundings): MissingRelay | undefined {
    return missingRelay(this.#random, this.#candidates(time, wish, around))
  }

  /**
   * Who could stand where, and what is against it.
   * @param hasFailed whether the link between two was bad lately; one of our own when the first is left out
   */
  facts(
    time: Time,
    wish: RouteWish,
    around: Surroundings,
    hasFailed: (from: KeyId | undefined, to: KeyId) => boolean,
  ): PrivateFacts {
    const { peer, canUse = () => true } = wish
    const { entries, homes, isServer } = around
    const candidates = this.#candidates(time, wish, around)
    const factsOf = (
      place: Place,
      all: readonly KeyId[],
      unfit: readonly KeyId[],
      reason: UnfitRelay['reason'],
      isBad: (key: KeyId) => boolean,
    ): PlaceFacts => {
      const fit = usable(peer, all).slice(0, PRIVATE_MAX_CANDIDATES)
      const aside = unfit.map(key => ({ key, reason: key === peer ? 'peer' : reason }) as const)
      return { place, fit, unfit: aside, failed: fit.filter(isBad) }
    }
    const { guards, middles, lasts } = candidates
    const cut = this.#guards.keys().filter(key => !entries.includes(key))
    const silent = entries.filter(key => key === peer || !this.#isServer(time.unixMs, key))
    const keyless = isServer ? [] : homes.filter(key => !canUse(key))
    const [guard] = guards
    const places = [
      factsOf('guard', guards, cut, 'unreachable', key => hasFailed(undefined, key)),
      factsOf('middle', middles.flat(), silent, 'noRelay', key => hasFailed(guard, key)),
      factsOf('last', lasts.flat(), keyless, 'noKey', key => hasFailed(key, peer)),
    ]
    const kindsOf = kindsAmong(candidates)
    const kinds = new Map(places.flatMap(({ fit }) => fit.map(key => [key, kindsOf(key)])))
    return { places, kinds }
  }

  takeGuards(): Uint8Array | undefined {
    return this.#guards.takeUnsaved()
  }

  /** What may stand where. Gathering it looks at every record that we were told. */
  #candidates(time: Time, wish: RouteWish, around: Surroundings): PrivateCandidates {
    const { unixMs } = time
    const { peer, canUse = () => true } = wish
    const entries = around.entries.filter(key => key !== peer && this.#isServer(unixMs, key))
    const middles = [entries, ...this.#relays.strangers(unixMs)]
    const lasts = around.isServer ? middles : [around.homes]
    const isReachable = (key: KeyId): boolean => around.entries.includes(key)
    return {
      guards: this.#guards.reachable(this.#guardTime(time).unixMs, isReachable, entries),
      middles,
      lasts: lasts.map(keys => keys.filter(key => canUse(key))),
      peer,
      kindsOf: key => this.#relays.kindsOf(unixMs, key),
    }
  }

  /** Neighbours that relay are no guards: they know where we are. */
  #isServer(unixMs: number, key: KeyId): boolean {
    return this.#relays.get(unixMs, key)?.type !== 'client'
  }
}
