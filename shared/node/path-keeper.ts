// Which paths one peer's session is to have (docs/PROTOCOL.md 5, 7): one that is used and, while the session is in use,
// a spare one apart from it; exchanged when a clearly better route is known; none of ours that breaks the mode. Says
// what to do, and opens nothing. What the peer opened is the peer's choice; in mode `private` none of our data takes it.

import type { KeyId } from '../identity/node-id.ts'
import { earliest } from '../machine/earliest.ts'
import type { Time } from '../machine/machine.ts'
import { REUSED_RELAY_COST_MS } from '../routes/k-shortest.ts'
import type { PathCandidate } from '../routes/path-choice.ts'
import { isClearlyBetter, PathChoice } from '../routes/path-choice.ts'
import type { PathMode, RankedRoute } from '../routes/route.ts'
import type { CircuitId } from '../routing/circuit.ts'
import { RERANK_INTERVAL_MS, SESSION_IN_USE_MS, SPARE_AFTER_MS } from '../wire/limits.ts'
import type { PathView } from './effects.ts'
import type { PeerContext } from './peer-context.ts'
import type { LivePath } from './peer-paths.ts'
import { PeerPaths } from './peer-paths.ts'
import type { PeerRoutes, RouteNeed } from './peer-routes.ts'

/** `rest`: the session is idle, spares and what is known of routes can go. `ranked`: a path is sought if need be. */
export type KeeperTask =
  | { readonly kind: 'rest' }
  | { readonly kind: 'ranked'; readonly need: RouteNeed | undefined }

/** The path in use and its spare. */
const PATHS_WANTED = 2
/** Of the time between two searches that find nothing. */
const MAX_DOUBLINGS = 4

export class PathKeeper {
  readonly paths: PeerPaths
  readonly #context: Pick<PeerContext, 'routes' | 'modes'>
  readonly #peer: KeyId
  /** While there are several paths to choose from. */
  #choice: PathChoice<CircuitId> | undefined
  /** When to look whether all is as it should be; `undefined` while the session is idle. */
  #checkAt: number | undefined
  /** Other servers of the peer, and others' word, were sought since the session came into use. */
  #hasSought = false
  /** Searches for a spare path in a row that found none. */
  #failures = 0

  constructor(context: Pick<PeerContext, 'circuits' | 'routes' | 'modes'>, peer: KeyId) {
    this.#context = context
    this.#peer = peer
    this.paths = new PeerPaths(context.circuits)
  }

  get mode(): PathMode {
    return this.#context.modes.of(this.#peer)
  }

  /** @returns paths of ours that break it: they must go */
  setMode(mode: PathMode): LivePath[] {
    this.#context.modes.set(this.#peer, mode)
    return this.paths.own().filter(path => !this.#isFit(path))
  }

  /** Whether a path has to be opened: there is none, or none that is private as it must be. */
  get lacksPath(): boolean {
    return this.paths.size === 0 || this.isShut
  }

  /** No path is as private as it must be: our data waits. */
  get isShut(): boolean {
    return this.mode === 'private' && this.#fit().length === 0
  }

  /**
   * The path that data should take.
   * @param leads whether this side chooses: it made the session
   * @returns `undefined`: whatever the session finds best, or the other side says
   */
  preferred({ now }: Time, leads: boolean, active: CircuitId | undefined): CircuitId | undefined {
    const isOurs = leads || this.mode === 'private'
    const isOpen = isOurs && this.paths.size >= PATHS_WANTED
    const fit = isOpen ? this.#fit() : []
    if (fit.length === 0) {
      this.#choice = undefined
      return undefined
    }
    this.#choice ??= chosen(now, active)
    return this.#choice.choose(
      now,
      fit.map(path => this.#candidate(now, path)),
    )
  }

  /** The only paths that may show that we talk with the peer; `undefined`: the mode hides no such thing. */
  get confines(): ReadonlySet<CircuitId> | undefined {
    if (this.mode !== 'private') return undefined
    return new Set(this.#fit().map(({ circuit }) => circuit))
  }

  /** A session begins: if it is not used, what was learned for its sake is soon forgotten. */
  begun({ now }: Time): void {
    this.#checkAt = now + SPARE_AFTER_MS
  }

  /** Call after every input. @param usedAt when the session was last used */
  noticed({ now }: Time, usedAt: number): void {
    if (this.#checkAt === undefined && isInUse(now, usedAt)) this.#checkAt = now + SPARE_AFTER_MS
  }

  /** A path is gone, or there may be other routes: looks soon, if the session is in use. */
  hurry({ now }: Time): void {
    this.#failures = 0
    if (this.#checkAt !== undefined) this.#checkAt = Math.min(this.#checkAt, now + SPARE_AFTER_MS)
  }

  /** A path came up. */
  added(): void {
    this.#failures = 0
  }

  /** None was found: looks again later each time. */
  noSpare({ now }: Time): void {
    if (this.#checkAt === undefined) return
    this.#checkAt = now + RERANK_INTERVAL_MS * 2 ** Math.min(this.#failures, MAX_DOUBLINGS)
    this.#failures += 1
  }

  /** The path in use does not answer: with a spare one that is no matter, without one it is sought right now. */
  doubted({ now }: Time): void {
    if (this.#checkAt !== undefined && this.#fit().length < PATHS_WANTED) this.#checkAt = now
  }

  nextTimeout(): number | undefined {
    return earliest(this.#checkAt, this.#choice?.nextTimeout())
  }

  /** @param known routes to the peer, while they are remembered @returns what is to be done now, if anything */
  check(time: Time, usedAt: number, known: PeerRoutes | undefined): KeeperTask | undefined {
    if (this.#checkAt === undefined || time.now < this.#checkAt) return undefined
    if (!isInUse(time.now, usedAt)) {
      this.#checkAt = undefined
      this.#hasSought = false
      this.#failures = 0
      return { kind: 'rest' }
    }
    this.#checkAt = time.now + RERANK_INTERVAL_MS
    return { kind: 'ranked', need: this.#need(time, known) }
  }

  /** Those of our paths that are more than is wanted. @param isIdle so that one is enough */
  surplus({ now }: Time, active: CircuitId | undefined, isIdle: boolean): LivePath[] {
    const others = this.paths.own().filter(({ circuit }) => circuit !== active)
    const inUse = active === undefined ? undefined : this.paths.get(active)
    const costs = new Map(
      others.map(path => [path, costBeside(this.#judged(now, path), inUse?.relays)]),
    )
    const byCost = others.sort((a, b) => (costs.get(a) ?? 0) - (costs.get(b) ?? 0))
    const isServed = inUse !== undefined && this.#isFit(inUse)
    return byCost.slice((isIdle ? 1 : PATHS_WANTED) - (isServed ? 1 : 0))
  }

  /** What the application sees of a path. */
  view({ now }: Time, path: LivePath): PathView {
    const { relays, rttMs, openedFor } = path
    const score = openedFor && this.#judged(now, path).score
    return {
      hops: relays,
      ...(rttMs !== undefined && { rttMs }),
      mode: this.mode,
      ...(score !== undefined && { score }),
    }
  }

  /** Every open path, judged. */
  judgedPaths({ now }: Time): { readonly path: LivePath; readonly route: RankedRoute }[] {
    return this.paths.all().map(path => ({ path, route: this.#judged(now, path) }))
  }

  #need(time: Time, known: PeerRoutes | undefined): RouteNeed | undefined {
    const fit = this.#fit()
    const need = { mode: this.mode, inUse: fit.map(({ relays }) => relays) }
    if (known === undefined) return fit.length < PATHS_WANTED ? need : undefined
    const routes = known.toTry(time, need)
    if (fit.length < PATHS_WANTED) {
      const isHopeful = routes.length > 0 || !this.#hasSought
      this.#hasSought = true
      return isHopeful ? need : undefined
    }
    // Private routes are drawn, not ranked.
    if (this.mode === 'private') return undefined
    const open = fit.map(path => this.#judged(time.now, path)).sort(byTotal)
    return isWorthOpening(routes, open) ? need : undefined
  }

  #fit(): LivePath[] {
    return this.paths.all().filter(path => this.#isFit(path))
  }

  #isFit({ relays, openedFor }: LivePath): boolean {
    if (this.mode === 'private') return openedFor === 'private'
    return this.mode === 'fast' || relays.length > 0
  }

  #candidate(now: number, path: LivePath): PathCandidate<CircuitId> {
    return { id: path.circuit, cost: this.#judged(now, path).score.total }
  }

  #judged(now: number, { relays, rttMs }: LivePath): RankedRoute {
    return this.#context.routes.judged(now, this.#peer, relays, rttMs)
  }
}

/** Whether one of them is clearly better than the best path, or a clearly better spare beside it than the worst. */
function isWorthOpening(routes: readonly RankedRoute[], open: readonly RankedRoute[]): boolean {
  const [best, worst] = [open[0], open.at(-1)]
  if (best === undefined || worst === undefined) return routes.length > 0
  const spareCost = costBeside(worst, best.relays)
  return routes.some(
    route =>
      isClearlyBetter(route.score.total, best.score.total) ||
      isClearlyBetter(costBeside(route, best.relays), spareCost),
  )
}

/** What a spare is worth beside a path: one that fails together with it is worth little, however quick it is. */
function costBeside({ relays, score }: RankedRoute, inUse: readonly KeyId[] = []): number {
  return score.total + REUSED_RELAY_COST_MS * relays.filter(key => inUse.includes(key)).length
}

function byTotal(a: RankedRoute, b: RankedRoute): number {
  return a.score.total - b.score.total
}

/** Begins with the one in use: what is in use stays until another is clearly better. */
function chosen(now: number, active: CircuitId | undefined): PathChoice<CircuitId> {
  const choice = new PathChoice<CircuitId>()
  if (active !== undefined) choice.choose(now, [{ id: active, cost: 0 }])
  return choice
}

function isInUse(now: number, usedAt: number): boolean {
  return now < usedAt + SESSION_IN_USE_MS
}
