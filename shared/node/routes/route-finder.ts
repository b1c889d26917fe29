// What this node knows of the ways to others (docs/PROTOCOL.md 5): who has a link to whom, what it went through with
// links and routes, relays and guards. Names the routes to a peer with what each is worth, and the order in which to
// try them. Opens nothing; that a relay can be used (its onion key is known) is for whoever asks to say.

import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import { kShortest } from '../../routes/k-shortest.ts'
import { linkName } from '../../routes/link-history.ts'
import type { MissingRelay, PrivateTries } from '../../routes/private-path.ts'
import type { PrivateFacts } from '../../routes/private-reasons.ts'
import type { RankContext } from '../../routes/rank.ts'
import { linkCosts, metricsOf, rank } from '../../routes/rank.ts'
import type { PathMode, RankedRoute, Relays } from '../../routes/route.ts'
import { RouteGraph } from '../../routes/route-graph.ts'
import { ASSUMED_LINK_MS, scoreOf } from '../../routes/score.ts'
import type { EndReason } from '../../routing/circuit.ts'
import {
  MAX_HOPS,
  PRIVATE_ROUTES_TOLD,
  RECORD_LINK_MS,
  ROUTES_MAX_FOUND,
  TOLD_LINK_MS,
} from '../../wire/limits.ts'
import { detours } from './detours.ts'
import { PrivateRoutes } from './private-routes.ts'
import { RelayBook } from './relay-book.ts'
import { RouteExperience } from './route-experience.ts'
import { isSpareFor, orderToTry } from './route-order.ts'
import type { RoutesHeard } from './route-queries.ts'
import type { Surroundings } from './ways.ts'
import { foreignHomes, waysTo } from './ways.ts'

export interface RouteFinderConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly net: Uint8Array
  readonly self: KeyId
  /** What `takeGuards` gave in an earlier life. */
  readonly guards?: Uint8Array | undefined
  /** What of the network's clock guards age by; all of it unless given. */
  readonly guardTime?: (time: Time) => Time
}

/** What is wanted of routes to a peer. */
export interface RouteWish {
  readonly peer: KeyId
  readonly mode: PathMode
  /** Paths that there are: what would fail with one of them is left out. */
  readonly inUse?: readonly Relays[]
  /** In mode `private`: what came of the tries before. */
  readonly tries?: PrivateTries
  /** Ways around links that failed come first, not last as their length makes them. */
  readonly prefersDetours?: boolean
  /** Whether a circuit can go over this relay now. Any, when left out. */
  canUse?(relay: KeyId): boolean
}

export class RouteFinder {
  readonly relays: RelayBook
  readonly #self: KeyId
  readonly #graph = new RouteGraph()
  readonly #experience: RouteExperience
  readonly #private: PrivateRoutes

  constructor({ suite, random, net, self, guards, guardTime }: RouteFinderConfig) {
    this.#self = self
    this.#experience = new RouteExperience(self, this.#graph)
    this.relays = new RelayBook(suite, net)
    this.#private = new PrivateRoutes(random, this.relays, guards, guardTime)
  }

  // ---- what it is told ----

  /** The round trip over a link of ours. Links are measured again and again while they are open. */
  linkMeasured({ now }: Time, key: KeyId, latencyMs: number): void {
    const untilMs = now + RECORD_LINK_MS
    this.#graph.setLink(this.#self, key, { latencyMs, source: 'own', untilMs })
  }

  /** Somebody told of routes: they are candidates from now on. */
  heard(time: Time, { key, routes, records }: Omit<RoutesHeard, 'kind' | 'from'>): void {
    for (const { record } of records) this.relays.learn(record)
    const untilMs = time.now + TOLD_LINK_MS
    for (const { relays, latencyMs } of routes) {
      const links = relays.length - 1
      // Others' word makes a link look better than we would assume, never worse: it may not be theirs.
      const eachMs =
        latencyMs === undefined || links === 0
          ? undefined
          : Math.min(latencyMs / links, ASSUMED_LINK_MS)
      for (const [at, from] of relays.entries()) {
        const to = relays[at + 1] ?? key
        const isLast = at === links
        this.#graph.setLink(from, to, {
          latencyMs: isLast ? undefined : eachMs,
          source: 'told',
          untilMs,
        })
      }
    }
  }

  /** A circuit over these relays was answered by the peer. */
  opened(time: Time, peer: KeyId, relays: Relays): void {
    this.#experience.opened(time, peer, relays)
  }

  /** A circuit was not opened, or broke. */
  failed(time: Time, peer: KeyId, relays: Relays, reason: EndReason): void {
    this.#experience.failed(time, peer, relays, reason)
  }

  /** The round trip to the peer over a path, which so works, and what it delivered while it was full. */
  pathMeasured(time: Time, peer: KeyId, relays: Relays, rttMs: number, bytesPerS?: number): void {
    this.#experience.pathMeasured(time, peer, relays, rttMs, bytesPerS)
  }

  // ---- what it says ----

  /** All routes, the cheapest first. In `private` mode a few of the many that there may be, drawn anew each time. */
  ranked(time: Time, wish: RouteWish, around: Surroundings): RankedRoute[] {
    const { peer, mode } = wish
    const context = this.#contextFor(time.now, peer)
    if (mode === 'private') {
      return rank(this.#privateOnes(time, wish, around).slice(0, PRIVATE_ROUTES_TOLD), context)
    }
    this.#expect(time, peer, around)
    return rank(this.#routesFor(time, wish, around, context), context)
  }

  /** The same in the order in which to try them; less what would fail with a path in use. */
  toTry(time: Time, wish: RouteWish, around: Surroundings): RankedRoute[] {
    const { peer, inUse = [], mode, prefersDetours = false } = wish
    const isSpare = (relays: Relays): boolean => inUse.every(path => isSpareFor(relays, path))
    if (mode === 'private') {
      const drawn = this.#privateOnes(time, wish, around).filter(isSpare)
      return drawn.map(relays => this.judged(time.now, peer, relays))
    }
    const fresh = this.ranked(time, wish, around).filter(({ relays }) => isSpare(relays))
    const aside = prefersDetours ? this.#detours(time, peer, around) : []
    const detourNames = new Set(aside.map(relays => relays.join('')))
    // A spare that is missing is wanted soon, and gets few tries: none for what is likely to fail again.
    const isMissing = inUse.length === 1
    const isLast = (relays: Relays): boolean =>
      detourNames.size > 0
        ? !detourNames.has(relays.join(''))
        : isMissing && this.#experience.hasFailed(time.now, peer, relays)
    return orderToTry(fresh, inUse, isLast)
  }

  /** What a route is worth. @param rttMs measured just now over an open path */
  judged(now: number, peer: KeyId, relays: Relays, rttMs?: number): RankedRoute {
    const known = metricsOf(relays, this.#contextFor(now, peer))
    const metrics = rttMs === undefined ? known : { ...known, latencyMs: rttMs, isMeasured: true }
    return { relays, metrics, score: scoreOf(metrics) }
  }

  /** Why there is no private route, if nothing but these surroundings is to blame. */
  missingRelay(time: Time, wish: RouteWish, around: Surroundings): MissingRelay | undefined {
    return this.#private.missing(time, wish, around)
  }

  /** Who could stand where on a private route, and what is against it. */
  privateFacts(time: Time, wish: RouteWish, around: Surroundings): PrivateFacts {
    return this.#private.facts(time, wish, around, (from = this.#self, to) =>
      [linkName(from, to), to].some(name => this.#experience.isDoubtful(time.now, name)),
    )
  }

  /** What is to be kept of the guards, if they changed since this was last called. */
  takeGuards(): Uint8Array | undefined {
    return this.#private.takeGuards()
  }

  #contextFor(now: number, peer: KeyId): RankContext {
    return { self: this.#self, peer, now, graph: this.#graph, history: this.#experience }
  }

  /** In the order in which to try them: as drawn, for a cost that others have a say in must choose no relay. */
  #privateOnes(time: Time, wish: RouteWish, around: Surroundings): Relays[] {
    const { peer, inUse = [], tries } = wish
    return this.#private.some(time, wish, around, {
      tried: [...inUse, ...(tries?.tried ?? [])],
      failedGuards: tries?.failedGuards ?? new Set(),
      hasFailed: relays => this.#experience.hasFailed(time.now, peer, relays),
    })
  }

  /** What follows from records: the peer's servers have links to it, and servers can dial one another. */
  #expect({ now }: Time, peer: KeyId, around: Surroundings): void {
    this.#graph.expire(now)
    const link = { latencyMs: undefined, source: 'record', untilMs: now + RECORD_LINK_MS } as const
    const lasts = around.isServer ? around.entries : around.homes
    for (const last of lasts) this.#graph.setLink(last, peer, link)
    const foreign = around.isServer ? [] : foreignHomes(peer, around)
    for (const key of [...around.entries, ...(around.neighbours ?? [])]) {
      const isMeasured = this.#graph.linkOf(this.#self, key)?.source === 'own'
      if (!isMeasured) this.#graph.setLink(this.#self, key, link)
    }
    for (const entry of around.entries) {
      for (const home of foreign) this.#graph.setLink(entry, home, link)
    }
  }

  #routesFor(time: Time, wish: RouteWish, around: Surroundings, context: RankContext): Relays[] {
    const { peer, mode, canUse = () => true } = wish
    const found = kShortest(this.#graph, this.#self, peer, {
      k: ROUTES_MAX_FOUND,
      maxRelays: MAX_HOPS - 1,
      costOf: this.#costs(context, around),
      mayRelay: key => canUse(key) && this.relays.mayRelay(time.unixMs, key),
    })
    const usual = waysTo(peer, around).filter(relays => relays.every(canUse))
    const aside = this.#detours(time, peer, around).filter(relays => relays.every(canUse))
    const byName = new Map([...usual, ...found, ...aside].map(relays => [relays.join(''), relays]))
    return [...byName.values()].filter(relays => mode === 'fast' || relays.length > 0)
  }

  #detours({ now, unixMs }: Time, peer: KeyId, around: Surroundings): Relays[] {
    return detours({
      entries: around.entries,
      homes: around.isServer ? [] : foreignHomes(peer, around),
      hasFailed: (entry, home) => this.#experience.isDoubtful(now, linkName(entry, home)),
      strangers: () => this.relays.servers(unixMs).filter(key => key !== peer),
    })
  }

  /** Costs of links, less those that no circuit can take, or that are no shorter way than a link of our own. */
  #costs(context: RankContext, around: Surroundings): (from: KeyId, to: KeyId) => number {
    const { peer } = context
    const [entries, homes] = [new Set(around.entries), new Set(around.homes)]
    const starts = new Set([...around.entries, ...(around.neighbours ?? [])])
    const cost = linkCosts(context)
    return (from, to) => {
      if (from === this.#self) {
        const isOurs = to === peer ? around.hasDirectLink : starts.has(to)
        return isOurs ? cost(from, to) : Infinity
      }
      const link = this.#graph.linkOf(from, to)
      if (to === peer) {
        const isNamed = link?.source !== 'record' || around.isServer || homes.has(from)
        return isNamed ? cost(from, to) : Infinity
      }
      if (!entries.has(to) && to !== this.#self) return cost(from, to)
      const ownMs = this.#graph.linkOf(this.#self, to)?.latencyMs
      const viaMs = this.#graph.linkOf(this.#self, from)?.latencyMs
      const isShorter =
        ownMs !== undefined &&
        viaMs !== undefined &&
        link?.latencyMs !== undefined &&
        viaMs + link.latencyMs < ownMs
      return isShorter ? cost(from, to) : Infinity
    }
  }
}
