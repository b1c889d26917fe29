// Routes of mode `private` (docs/PROTOCOL.md 5, threat 20): a pinned guard, a stranger, a relay that reaches the peer,
// no two of one network or operator. What may stand where is gathered here; the rules are in shared/routes.

import type { KeyId } from '../../identity/node-id.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import { GuardSet } from '../../routes/guards.ts'
import type { NoPrivatePath, PrivateCandidates } from '../../routes/private-path.ts'
import { privateRelays } from '../../routes/private-path.ts'
import type { Relays } from '../../routes/route.ts'
import type { RelayBook } from './relay-book.ts'
import type { RouteWish } from './route-finder.ts'
import type { Surroundings } from './ways.ts'

/** Drawn for one list: enough that one of them was not tried yet. */
const DRAWS = 6

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

  /** A few, each once; none when a relay is missing. */
  some(time: Time, wish: RouteWish, around: Surroundings): Relays[] {
    const candidates = this.#candidates(time, wish, around)
    const drawn = new Map<string, Relays>()
    for (let i = 0; i < DRAWS; i++) {
      const relays = privateRelays(this.#random, candidates)
      if ('missing' in relays) return []
      drawn.set(relays.join(''), relays)
    }
    return [...drawn.values()]
  }

  /** @returns `undefined` when there are some */
  whyNone(time: Time, wish: RouteWish, around: Surroundings): NoPrivatePath | undefined {
    const relays = privateRelays(this.#random, this.#candidates(time, wish, around))
    return 'missing' in relays ? relays : undefined
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
