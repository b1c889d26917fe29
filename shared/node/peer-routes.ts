// The ways to a peer that one attempt can take, with all of their keys: put together from the peer's record, our
// servers and the peer's (ways.ts), each handed out once. Opens no circuit and judges no failure.

import { mapKey } from '../bytes/map-key.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { SetupHop } from '../routing/onion-setup.ts'
import type { NodeRecord } from '../wire/record.ts'
import { currentOnionKey } from './onion-key-choice.ts'
import type { LookupNews } from './path-attempt.ts'
import type { ServerPort } from './peer-context.ts'
import { PeerHomes } from './peer-homes.ts'
import type { Relays, Surroundings } from './ways.ts'
import { foreignHomes, waysTo } from './ways.ts'

export interface Route {
  readonly relays: Relays
  /** The relays, then the peer. */
  readonly hops: readonly SetupHop[]
}

export class PeerRoutes {
  readonly #servers: ServerPort
  readonly #peer: KeyId
  readonly #homes: PeerHomes
  #record: NodeRecord | undefined
  /** Hops that were tried, onion keys included: with other ones they are worth another try. */
  readonly #tried = new Set<string>()

  constructor(servers: ServerPort, peer: KeyId) {
    this.#servers = servers
    this.#peer = peer
    this.#homes = new PeerHomes(servers, peer)
  }

  /** Whether servers of the peer are being looked up. */
  get isSeeking(): boolean {
    return this.#homes.isSeeking
  }

  /** The peer is attached to no server, by its own word. */
  get isNowhere(): boolean {
    return this.#record?.type === 'client' && this.#record.servers.length === 0
  }

  /** A newer record of the peer replaces an older one. */
  learn(record: NodeRecord, servers: readonly NodeRecord[]): void {
    if (this.#record === undefined || record.seq > this.#record.seq) this.#record = record
    this.#homes.learn(servers, this.#homeKeys())
  }

  /** @returns whether it is news of a server that was looked up here */
  lookedUp(news: LookupNews): boolean {
    return this.#homes.lookedUp(news)
  }

  /** The next way that was not tried. */
  next(time: Time): Route | undefined {
    const entries = new Map(this.#servers.entries(time).map(({ key, hop }) => [key, hop]))
    const target = this.#target(time) ?? entries.get(this.#peer)
    if (target === undefined) return undefined
    for (const relays of waysTo(this.#peer, this.#surroundings(time))) {
      const known = relays.map(key => entries.get(key) ?? this.#homes.hop(time, key))
      const hops = [...known, target].filter(hop => hop !== undefined)
      if (hops.length <= relays.length) continue
      const wasTried = this.#tried.has(nameOf(hops)) || this.#tried.has(nameOf(hops.slice(-2)))
      if (!wasTried) return { relays, hops }
    }
    return undefined
  }

  taken({ hops }: Route): void {
    this.#tried.add(nameOf(hops))
  }

  /** Someone behind the first relay said no: and would say so over another server of ours, too. */
  refused({ hops }: Route): void {
    if (hops.length > 2) this.#tried.add(nameOf(hops.slice(1)))
  }

  /** Looks up servers of the peer whose onion key we lack, or that may have another one since they said no. */
  seek(time: Time): void {
    const target = this.#target(time)
    if (target === undefined) return
    const keys = foreignHomes(this.#peer, this.#surroundings(time)).filter(key => {
      const hop = this.#homes.hop(time, key)
      return hop === undefined || this.#tried.has(nameOf([hop, target]))
    })
    this.#homes.seek(time, keys)
  }

  cancel(): void {
    this.#homes.cancel()
  }

  #target({ unixMs }: Time): SetupHop | undefined {
    const record = this.#record
    const onionKey = record && currentOnionKey(record, unixMs)
    return record && onionKey && { id: record.key, onionKey }
  }

  #surroundings(time: Time): Surroundings {
    return {
      hasDirectLink: this.#servers.hasDirectLink(this.#peer),
      entries: this.#servers.entries(time).map(({ key }) => key),
      homes: this.#homeKeys(),
      isServer: this.#record?.type === 'server',
    }
  }

  #homeKeys(): KeyId[] {
    return this.#record?.servers.map(keyIdOf) ?? []
  }
}

/** The same for the same hops with the same onion keys. */
function nameOf(hops: readonly SetupHop[]): string {
  return hops.map(({ id, onionKey }) => mapKey(id) + mapKey(onionKey)).join('')
}
