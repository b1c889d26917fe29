// The routes to one peer, with all of their keys: put together from the peer's record, our servers and the peer's, and
// what this node knows of relays (route-finder.ts). Opens no circuit and judges no failure.

import { mapKey } from '../../bytes/map-key.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { PrivateTries } from '../../routes/private-path.ts'
import type { PrivateFacts } from '../../routes/private-reasons.ts'
import type { PathMode, RankedRoute, Relays } from '../../routes/route.ts'
import type { SetupHop } from '../../routing/onion-setup.ts'
import type { NodeRecord } from '../../wire/record.ts'
import type { Failure } from '../mesh-error.ts'
import { currentOnionKey, liveOnionKey } from '../onion-key-choice.ts'
import { failureOfPrivate } from '../peer-failure.ts'
import type { EntryServer, PeerContext, ServerPort } from '../peers/peer-context.ts'
import type { RouteWish } from '../routes/route-finder.ts'
import type { Surroundings } from '../routes/ways.ts'
import { foreignHomes } from '../routes/ways.ts'
import type { LookupNews } from './path-attempt.ts'
import { PeerHomes } from './peer-homes.ts'

export interface Route {
  readonly relays: Relays
  /** The relays, then the peer. */
  readonly hops: readonly SetupHop[]
  /** Round trip that is expected of it. */
  readonly latencyMs: number
}

/** What is asked of a route. */
export interface RouteNeed {
  readonly mode: PathMode
  /** Paths that there are, for a spare one. */
  readonly inUse?: readonly Relays[]
  /** In mode `private`: what came of the tries before. */
  readonly tries?: PrivateTries
  /** Ways around links that failed come first. */
  readonly prefersDetours?: boolean
  /** Whether a route is good enough to be tried. Any, when left out. */
  isWorthy?(route: RankedRoute): boolean
}

export class PeerRoutes {
  readonly #context: Pick<PeerContext, 'servers' | 'routes'>
  readonly #peer: KeyId
  readonly #homes: PeerHomes
  #record: NodeRecord | undefined
  #isDoubted = false

  constructor(context: Pick<PeerContext, 'servers' | 'routes'>, peer: KeyId) {
    this.#context = context
    this.#peer = peer
    this.#homes = new PeerHomes(context.servers, peer)
  }

  /** Whether servers of the peer are being looked up. */
  get isSeeking(): boolean {
    return this.#homes.isSeeking
  }

  /** The newest one that was learned. */
  get record(): NodeRecord | undefined {
    return this.#record
  }

  /** It led nowhere: the peer may be elsewhere by now, and is looked up anew where a path is missing. */
  get isDoubted(): boolean {
    return this.#isDoubted
  }

  doubt(): void {
    this.#isDoubted = true
  }

  /** The peer is attached to no server, by its own word. */
  get isNowhere(): boolean {
    return this.#record?.type === 'client' && this.#record.servers.length === 0
  }

  /** A key that was known, of the peer or of a server of the peer, has expired: there must be a newer one. */
  hasExpired(time: Time): boolean {
    const isPeers =
      this.#record !== undefined && liveOnionKey(this.#record, time.unixMs) === undefined
    const homes = foreignHomes(this.#peer, this.#surroundings(time))
    return isPeers || homes.some(key => this.#homes.hasExpired(time, key))
  }

  /** A newer record of the peer replaces an older one. */
  learn(record: NodeRecord, servers: readonly NodeRecord[]): void {
    const { relays } = this.#context.routes
    if (this.#record === undefined || record.seq > this.#record.seq) this.#record = record
    if (record.type === 'server') relays.learn(record)
    for (const server of servers) if (server.type === 'server') relays.learn(server)
    this.#homes.learn(servers, this.#homeKeys())
  }

  /** @returns whether it is news of a server that was looked up here */
  lookedUp(news: LookupNews): boolean {
    return this.#homes.lookedUp(news)
  }

  /** All routes that there may be, the cheapest first. */
  ranked(time: Time, mode: PathMode): RankedRoute[] {
    const wish = { peer: this.#peer, mode }
    return this.#context.routes.ranked(time, wish, this.#surroundings(time))
  }

  /** Those that can be tried now, in that order. */
  toTry(time: Time, need: RouteNeed): RankedRoute[] {
    if (this.#target(time) === undefined) return []
    const canUse = this.#usability(time)
    const { isWorthy = () => true, ...rest } = need
    const wish: RouteWish = { peer: this.#peer, ...rest, canUse }
    return this.#context.routes.toTry(time, wish, this.#surroundings(time)).filter(isWorthy)
  }

  /** With the keys of its hops; `undefined` when one of them is not known. */
  withKeys(time: Time, { relays, metrics }: RankedRoute): Route | undefined {
    const keys = this.#startKeys(time)
    const hops = relays.map(key => this.#hop(time, key, keys))
    const all = [...hops, this.#target(time)].filter(hop => hop !== undefined)
    const { latencyMs } = metrics
    return all.length > relays.length ? { relays, hops: all, latencyMs } : undefined
  }

  /** Why there is no route of mode `private`, if that is not the peer's fault. */
  privateFailure(time: Time): Failure | undefined {
    const wish = { peer: this.#peer, mode: 'private' } as const
    const missing = this.#context.routes.missingRelay(time, wish, this.#surroundings(time))
    return missing && failureOfPrivate(missing)
  }

  /** Who could stand where on a route of mode `private`. */
  privateFacts(time: Time): PrivateFacts {
    const canUse = this.#usability(time)
    const wish: RouteWish = { peer: this.#peer, mode: 'private', canUse }
    return this.#context.routes.privateFacts(time, wish, this.#surroundings(time))
  }

  /** Looks up servers of the peer whose onion key we lack, or that may have another one since they said no. */
  seek(time: Time, isDoubted: (hops: readonly SetupHop[]) => boolean): void {
    const target = this.#target(time)
    if (target === undefined) return
    const keys = foreignHomes(this.#peer, this.#surroundings(time)).filter(key => {
      const hop = this.#homes.hop(time, key)
      return hop === undefined || isDoubted([hop, target])
    })
    this.#homes.seek(time, keys)
  }

  cancel(): void {
    this.#homes.cancel()
  }

  #target(time: Time): SetupHop | undefined {
    const { unixMs } = time
    const record = this.#record ?? this.#context.routes.relays.get(unixMs, this.#peer)
    const onionKey = record && currentOnionKey(record, unixMs)
    if (record && onionKey) return { id: record.key, onionKey }
    return this.#context.servers.entries(time).find(({ key }) => key === this.#peer)?.hop
  }

  /** Whether the keys that a circuit needs of a relay are known. */
  #usability(time: Time): (key: KeyId) => boolean {
    const keys = this.#startKeys(time)
    return key => this.#hop(time, key, keys) !== undefined
  }

  #hop(time: Time, key: KeyId, starts: ReadonlyMap<KeyId, SetupHop>): SetupHop | undefined {
    const start = starts.get(key)
    if (start !== undefined) return start
    const isHome = this.#homeKeys().includes(key)
    return isHome ? this.#homes.hop(time, key) : this.#context.routes.relays.hop(time.unixMs, key)
  }

  #startKeys(time: Time): ReadonlyMap<KeyId, SetupHop> {
    return new Map(startsOf(this.#context.servers, time).map(({ key, hop }) => [key, hop]))
  }

  #surroundings(time: Time): Surroundings {
    const { servers } = this.#context
    return {
      hasDirectLink: servers.hasDirectLink(this.#peer),
      entries: servers.entries(time).map(({ key }) => key),
      neighbours: servers.neighbours(time).map(({ key }) => key),
      homes: this.#homeKeys(),
      isServer: this.#record?.type === 'server',
    }
  }

  #homeKeys(): KeyId[] {
    return this.#record?.servers.map(keyIdOf) ?? []
  }
}

/** Whom a circuit can start at. */
export function startsOf(servers: ServerPort, time: Time): EntryServer[] {
  return [...servers.entries(time), ...servers.neighbours(time)]
}

/** The same for the same hops with the same onion keys. */
export function nameOfHops(hops: readonly SetupHop[]): string {
  return hops.map(({ id, onionKey }) => mapKey(id) + mapKey(onionKey)).join('')
}
