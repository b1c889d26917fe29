// What this node knows of the ways to others (docs/PROTOCOL.md 5): who has a link to whom, what it went through with
// links and routes, relays and guards. Names the routes to a peer with what each is worth, and the order in which to
// try them. Opens nothing; that a relay can be used (its onion key is known) is for whoever asks to say.

import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import { kShortest } from '../../routes/k-shortest.ts'
import { LinkHistory, linkName, routeName } from '../../routes/link-history.ts'
import type { RankContext } from '../../routes/rank.ts'
import { linkCosts, metricsOf, rank } from '../../routes/rank.ts'
import type { PathMode, RankedRoute, Relays } from '../../routes/route.ts'
import { RouteGraph } from '../../routes/route-graph.ts'
import { ASSUMED_LINK_MS, scoreOf } from '../../routes/score.ts'
import type { EndReason } from '../../routing/circuit.ts'
import { MAX_HOPS, RECORD_LINK_MS, ROUTES_MAX_FOUND, TOLD_LINK_MS } from '../../wire/limits.ts'
import { detours } from './detours.ts'
import { PrivateRoutes } from './private-routes.ts'
import { RelayBook } from './relay-book.ts'
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
  /** Whether a circuit can go over this relay now. Any, when left out. */
  canUse?(relay: KeyId): boolean
}

/** One failure of a link that was as good as any gets it below. */
const FAILED_BELOW = 0.8

export class RouteFinder {
  readonly relays: RelayBook
  readonly #self: KeyId
  readonly #graph = new RouteGraph()
  readonly #history = new LinkHistory()
  readonly #private: PrivateRoutes

  constructor({ suite, random, net, self, guards, guardTime }: RouteFinderConfig) {
    this.#self = self
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
  opened({ now }: Time, peer: KeyId, relays: Relays): void {
    this.#history.succeeded(now, routeName(relays, peer))
    this.#history.succeeded(now, linkName(this.#self, relays[0] ?? peer))
    for (const link of this.#linksBehindFirst(relays, peer)) this.#history.succeeded(now, link)
    for (const relay of relays) this.#history.succeeded(now, relay)
  }

  /** A circuit was not opened, or broke. Whose fault it was is seldom told: the links beyond our own share it. */
  failed({ now }: Time, peer: KeyId, relays: Relays, reason: EndReason): void {
    const [first] = relays
    const ownLink = linkName(this.#self, first ?? peer)
    if (reason === 'linkLost') {
      // Whatever is behind it had no part in that.
      this.#history.failed(now, ownLink)
      return
    }
    this.#history.failed(now, routeName(relays, peer))
    const links = this.#linksBehindFirst(relays, peer)
    // The first relay says this of its own link to the next; a limit is of that relay itself.
    // In silence nobody is above suspicion, the first relay included.
    const suspects = reason === 'timeout' ? [ownLink, ...links] : links
    const atFault = reason === 'unreachable' ? links.slice(0, 1) : suspects
    if (first !== undefined && (reason === 'quota' || reason === 'busy')) {
      this.#history.failed(now, first)
    } else for (const link of atFault) this.#history.failed(now, link)
  }

  /** The round trip to the peer over a path, and what it delivered while it was full. */
  pathMeasured(
    { now }: Time,
    peer: KeyId,
    relays: Relays,
    rttMs: number,
    bytesPerS?: number,
  ): void {
    const seen = { rttMs, ...(bytesPerS !== undefined && { bytesPerS }) }
    this.#history.succeeded(now, routeName(relays, peer), seen)
    this.#infer(now, peer, relays, rttMs)
  }

  /** If all links of a measured path are known but one, it takes the rest: so other routes over it are judged better. */
  #infer(now: number, peer: KeyId, relays: Relays, rttMs: number): void {
    const nodes = [this.#self, ...relays, peer]
    let restMs = rttMs
    let unknown: string | undefined
    for (const [at, to] of nodes.slice(1).entries()) {
      const from = nodes[at] as KeyId
      const toldMs = this.#graph.linkOf(from, to)?.latencyMs
      if (toldMs !== undefined) restMs -= toldMs
      else if (unknown === undefined) unknown = linkName(from, to)
      else return
    }
    if (unknown !== undefined) this.#history.succeeded(now, unknown, { rttMs: Math.max(0, restMs) })
  }

  // ---- what it says ----

  /** All routes, the cheapest first. In `private` mode a few of the many that there may be, drawn anew each time. */
  ranked(time: Time, wish: RouteWish, around: Surroundings): RankedRoute[] {
    const { peer, mode } = wish
    const context = this.#contextFor(time.now, peer)
    if (mode === 'private') return rank(this.#private.some(time, wish, around), context)
    this.#expect(time, peer, around)
    return rank(this.#routesFor(time, wish, around, context), context)
  }

  /** The same in the order in which to try them; less what would fail with a path in use. */
  toTry(time: Time, wish: RouteWish, around: Surroundings): RankedRoute[] {
    const { peer, inUse = [], mode } = wish
    const routes = this.ranked(time, wish, around)
    const fresh = routes.filter(({ relays }) => inUse.every(path => isSpareFor(relays, path)))
    if (mode === 'private') return fresh
    // A spare that is missing is wanted soon, and gets few tries: none for what is likely to fail again.
    const isMissing = inUse.length === 1
    return orderToTry(fresh, inUse, relays => isMissing && this.#hasFailed(time.now, peer, relays))
  }

  /** What a route is worth. @param rttMs measured just now over an open path */
  judged(now: number, peer: KeyId, relays: Relays, rttMs?: number): RankedRoute {
    const known = metricsOf(relays, this.#contextFor(now, peer))
    const metrics = rttMs === undefined ? known : { ...known, latencyMs: rttMs, isMeasured: true }
    return { relays, metrics, score: scoreOf(metrics) }
  }

  /** Why there is no private route, if nothing but these surroundings is to blame. */
  whyNoPrivate(time: Time, wish: RouteWish, around: Surroundings) {
    return this.#private.whyNone(time, wish, around)
  }

  /** What is to be kept of the guards, if they changed since this was last called. */
  takeGuards(): Uint8Array | undefined {
    return this.#private.takeGuards()
  }

  #contextFor(now: number, peer: KeyId): RankContext {
    return { self: this.#self, peer, now, graph: this.#graph, history: this.#history }
  }

  #linksBehindFirst(relays: Relays, peer: KeyId): string[] {
    return relays.map((relay, at) => linkName(relay, relays[at + 1] ?? peer))
  }

  /** On one of its links, lately; our own is seen by itself. */
  #hasFailed(now: number, peer: KeyId, relays: Relays): boolean {
    return this.#linksBehindFirst(relays, peer).some(link => this.#isDoubtful(now, link))
  }

  #isDoubtful(now: number, link: string): boolean {
    return this.#history.of(now, link).reliability < FAILED_BELOW
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
      hasFailed: (entry, home) => this.#isDoubtful(now, linkName(entry, home)),
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
