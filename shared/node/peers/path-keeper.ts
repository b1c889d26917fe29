// Which paths one peer's session is to have (docs/PROTOCOL.md 5, 7): one that is used and, while the session is in use,
// a spare one apart from it; exchanged when a clearly better route is known (worthy-paths.ts); none of ours that breaks
// the mode. Says what to do, and opens nothing. What the peer opened is the peer's choice; in mode `private` none of our
// data takes it.

import type { KeyId } from '../../identity/node-id.ts'
import { earliest } from '../../machine/earliest.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathCandidate } from '../../routes/path-choice.ts'
import { PathChoice } from '../../routes/path-choice.ts'
import type { PathMode, RankedRoute } from '../../routes/route.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import { RERANK_INTERVAL_MS, SESSION_IN_USE_MS, SPARE_AFTER_MS } from '../../wire/limits.ts'
import type { PeerRoutes, RouteNeed } from '../attempt/peer-routes.ts'
import type { PathView } from '../effects.ts'
import type { PeerContext } from './peer-context.ts'
import type { LivePath } from './peer-paths.ts'
import { PeerPaths } from './peer-paths.ts'
import { cheapest, isWorthOpening, worthHaving } from './worthy-paths.ts'

/** `rest`: the session is idle, spares and what is known of routes can go. `ranked`: a path is sought if need be. */
export type KeeperTask =
  | { readonly kind: 'rest' }
  | { readonly kind: 'ranked'; readonly need: RouteNeed | undefined }

export type KnownRoutes = Pick<PeerRoutes, 'toTry' | 'isDoubted'>

/** An open path, and what it is worth. */
interface JudgedPath extends RankedRoute {
  readonly path: LivePath
}

/** The path in use and its spare. */
const PATHS_WANTED = 2
/** Of the time between two searches that find nothing. */
const MAX_DOUBLINGS = 4
/** Of the time between two paths that are opened to take the place of others. */
const MAX_EXCHANGE_DOUBLINGS = 2

export class PathKeeper {
  readonly paths: PeerPaths
  readonly #context: Pick<PeerContext, 'routes' | 'modes'>
  readonly #peer: KeyId
  /** While there are several paths to choose from. */
  #choice: PathChoice<CircuitId> | undefined
  /** When to look whether all is as it should be; `undefined` while the session is idle. */
  #checkAt: number | undefined
  #wokenAt = Number.NEGATIVE_INFINITY
  #isPutOff = false
  /** Other servers of the peer, and others' word, were sought since the session came into use. */
  #hasSought = false
  /** Searches for a spare path in a row that found none. */
  #failures = 0
  /** Paths in a row that were opened to take the place of others, and when the next one may be. */
  #exchanges = 0
  #exchangeAt = Number.NEGATIVE_INFINITY
  /** The path that was in use when this was looked at last. */
  #inUse: CircuitId | undefined

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
    this.#choice ??= new PathChoice(active)
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
    this.#mayExchange()
    if (this.#checkAt !== undefined) this.#checkAt = Math.min(this.#checkAt, now + SPARE_AFTER_MS)
  }

  /** There may be a path now that an idle session is to have, too: to the peer itself, or in another mode. */
  wake({ now }: Time): void {
    this.#wokenAt = now
    this.#checkAt = now
  }

  /** A path came up. */
  added(): void {
    this.#failures = 0
  }

  /** None was found: looks again later each time. */
  noSpare({ now }: Time): void {
    if (this.#checkAt === undefined) return
    const at = now + RERANK_INTERVAL_MS * 2 ** Math.min(this.#failures, MAX_DOUBLINGS)
    this.#failures += 1
    if (!this.#isPutOff) this.#checkAt = at
  }

  /** An attempt runs, and there can be one: looks again soon, as what made it look may have come meanwhile. */
  putOff({ now }: Time): void {
    if (this.#checkAt === undefined) return
    this.#checkAt = now + SPARE_AFTER_MS
    this.#isPutOff = true
  }

  /** The path in use does not answer: with a spare one that is no matter, without one it is sought right now. */
  doubted({ now }: Time): void {
    if (this.#checkAt !== undefined && this.#fit().length < PATHS_WANTED) this.#checkAt = now
  }

  nextTimeout(): number | undefined {
    return earliest(this.#checkAt, this.#choice?.nextTimeout())
  }

  /**
   * @param active the path in use
   * @param known routes to the peer, while they are remembered
   * @returns what is to be done now, if anything
   */
  check(
    time: Time,
    usedAt: number,
    active: CircuitId | undefined,
    known: KnownRoutes | undefined,
  ): KeeperTask | undefined {
    if (this.#checkAt === undefined || time.now < this.#checkAt) return undefined
    this.#isPutOff = false
    if (this.#inUse !== active) this.#mayExchange()
    this.#inUse = active
    if (!isInUse(time.now, Math.max(usedAt, this.#wokenAt))) {
      this.#checkAt = undefined
      this.#hasSought = false
      this.#failures = 0
      this.#mayExchange()
      return { kind: 'rest' }
    }
    this.#checkAt = time.now + RERANK_INTERVAL_MS
    return { kind: 'ranked', need: this.#need(time, active, known) }
  }

  /** Those of our paths that are more than is wanted. @param isIdle so that one is enough */
  surplus({ now }: Time, active: CircuitId | undefined, isIdle: boolean): LivePath[] {
    const own = this.paths.own().filter(({ circuit }) => circuit !== active)
    if (own.length === 0) return []
    const judged = own.map(path => this.#open(now, path))
    const lead = this.#lead(now, active, judged)
    const others = judged.filter(({ path }) => path !== lead?.path)
    if (lead === undefined || isIdle) return others.map(({ path }) => path)
    const worthy = worthHaving(lead, others)
    const isOnTrial = ({ path, score }: JudgedPath): boolean =>
      now < path.addedAt + RERANK_INTERVAL_MS &&
      (path.rttMs === undefined || score.total < lead.score.total)
    return others.filter(one => !worthy.has(one) && !isOnTrial(one)).map(({ path }) => path)
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

  #need(
    time: Time,
    active: CircuitId | undefined,
    known: KnownRoutes | undefined,
  ): RouteNeed | undefined {
    const fit = this.#fit()
    const need = { mode: this.mode, inUse: fit.map(({ relays }) => relays) }
    if (fit.length >= PATHS_WANTED) return known && this.#exchange(time, active, known, need)
    if (known === undefined || known.isDoubted) return need
    const isHopeful = known.toTry(time, need).length > 0 || !this.#hasSought
    this.#hasSought = true
    return isHopeful ? need : undefined
  }

  /** For what would take the place of an open path. Private routes are drawn, not ranked. */
  #exchange(
    time: Time,
    active: CircuitId | undefined,
    known: KnownRoutes,
    need: RouteNeed,
  ): RouteNeed | undefined {
    const { now } = time
    const isTrying = this.paths.own().length > PATHS_WANTED
    if (this.mode === 'private' || isTrying || now < this.#exchangeAt) return undefined
    const judged = this.#fit().map(path => this.#open(now, path))
    const lead = this.#lead(now, active, judged)
    if (lead === undefined) return undefined
    const others = judged.filter(one => one.path !== lead.path)
    const isWorthy = (route: RankedRoute): boolean => isWorthOpening(route, lead, others)
    if (!known.toTry(time, need).some(isWorthy)) return undefined
    const pause = 2 ** Math.min(this.#exchanges, MAX_EXCHANGE_DOUBLINGS)
    this.#exchangeAt = now + RERANK_INTERVAL_MS * pause
    this.#exchanges += 1
    return { ...need, isWorthy }
  }

  /** Things have changed: what was opened in vain before may be of use now. */
  #mayExchange(): void {
    this.#exchanges = 0
    this.#exchangeAt = Number.NEGATIVE_INFINITY
  }

  /** What is in use, if it may be, else what should be. @param open fit ones */
  #lead(
    now: number,
    active: CircuitId | undefined,
    open: readonly JudgedPath[],
  ): JudgedPath | undefined {
    const inUse = active === undefined ? undefined : this.paths.get(active)
    return inUse !== undefined && this.#isFit(inUse) ? this.#open(now, inUse) : cheapest(open)
  }

  #fit(): LivePath[] {
    return this.paths.all().filter(path => this.#isFit(path))
  }

  #isFit({ relays, openedFor }: LivePath): boolean {
    if (this.mode === 'private') return openedFor === 'private'
    return this.mode === 'fast' || relays.length > 0
  }

  #open(now: number, path: LivePath): JudgedPath {
    return { ...this.#judged(now, path), path }
  }

  #candidate(now: number, path: LivePath): PathCandidate<CircuitId> {
    const isDirect = path.relays.length === 0 && path.rttMs !== undefined
    return { id: path.circuit, cost: this.#judged(now, path).score.total, isDirect }
  }

  #judged(now: number, { relays, rttMs }: LivePath): RankedRoute {
    return this.#context.routes.judged(now, this.#peer, relays, rttMs)
  }
}

function isInUse(now: number, usedAt: number): boolean {
  return now < usedAt + SESSION_IN_USE_MS
}
