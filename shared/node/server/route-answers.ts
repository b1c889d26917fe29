// What a server says of routes to a key (docs/PROTOCOL.md 5.2): over itself alone where the key is attached here, over
// itself and a server that the key's record names. From what it knows by itself: a question for routes makes it ask
// nobody and dial nobody. Tells nothing of a key that `find` and `watch` would not, and no round trip to it.

import type { CborMap } from '../../bytes/cbor.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { Time } from '../../machine/machine.ts'
import { ROUTES_HOMES_REMEMBERED } from '../../wire/limits.ts'
import { recordExpiryMs } from '../../wire/record.ts'
import type { NodeRecord } from '../../wire/record-body.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import type { ToldRoute } from '../../wire/route-bodies.ts'
import { routesAnswer } from '../../wire/route-bodies.ts'
import type { ServerMesh } from './server-mesh.ts'
import type { ServerSideConfig } from './server-side-types.ts'

export type RouteAnswersConfig = Pick<ServerSideConfig, 'relay' | 'linksOf' | 'rttTo'>

/** Where a key was, by its own word. */
interface Whereabouts {
  readonly servers: readonly KeyId[]
  readonly expiresMs: number
}

const NOTHING = routesAnswer({ routes: [], records: [] })

export class RouteAnswers {
  readonly #config: RouteAnswersConfig
  readonly #ownKey: KeyId
  readonly #mesh: ServerMesh
  /**
   * Of clients whose records were found elsewhere, as askers look a key up first. For the asker alone: or others
   * could tell by an answer that somebody here had looked for the key.
   */
  readonly #found = new LruMap<string, Whereabouts>(ROUTES_HOMES_REMEMBERED)

  constructor(config: RouteAnswersConfig, ownPublicKey: Uint8Array, mesh: ServerMesh) {
    this.#config = config
    this.#ownKey = keyIdOf(ownPublicKey)
    this.#mesh = mesh
  }

  /** What the one at that link looked for was found. */
  found(link: LinkId, value: RegistryValue | undefined): void {
    if (value?.kind !== 'record' || value.signed.record.type === 'server') return
    const { record } = value.signed
    this.#found.set(nameOf(link, keyIdOf(record.key)), whereaboutsOf(record))
  }

  /** @param link of the one that asks */
  body(time: Time, link: LinkId, key: KeyId): CborMap {
    const ownKey = this.#ownKey
    // Nothing leads over a server that does not relay.
    const isRelay = this.#config.relay !== undefined
    const value = this.#mesh.dht.findNow(time, key)
    if (!isRelay || key === ownKey || value?.kind === 'revocation') return NOTHING
    const kept = value && whereaboutsOf(value.signed.record)
    const known = kept ?? this.#found.get(nameOf(link, key))
    const homes = known !== undefined && known.expiresMs > time.unixMs ? known.servers : []
    const others = homes.filter(home => home !== ownKey && home !== key)
    const reachable = others.filter(home => this.#canReach(time, home))
    const routes = [...this.#alone(time, key), ...this.#over(time, reachable)]
    const records = reachable.flatMap(home => this.#recordOf(time, home) ?? [])
    return routesAnswer({ routes, records })
  }

  #alone(time: Time, key: KeyId): ToldRoute[] {
    const isServer = this.#mesh.contact(time, key) !== undefined
    return isServer || this.#config.linksOf(key).length > 0 ? [{ relays: [] }] : []
  }

  /**
   * Those with the shortest round trip first, as the answer may not hold all. Told of servers only: a record may name
   * any key that is attached here, and from several places its round trip would say where it is.
   */
  #over(time: Time, homes: readonly KeyId[]): ToldRoute[] {
    const routes = homes.map((home): ToldRoute => {
      const isServer = this.#mesh.contact(time, home) !== undefined
      const latencyMs = isServer ? this.#config.rttTo(home) : undefined
      const relays = [publicKeyOf(home)]
      return latencyMs === undefined ? { relays } : { relays, latencyMs }
    })
    return routes.sort((a, b) => (a.latencyMs ?? Infinity) - (b.latencyMs ?? Infinity))
  }

  /** A circuit may go on there: by a link, or by a dial. */
  #canReach(time: Time, server: KeyId): boolean {
    return this.#config.linksOf(server).length > 0 || this.#mesh.contact(time, server) !== undefined
  }

  #recordOf(time: Time, server: KeyId): Uint8Array | undefined {
    const remembered = this.#mesh.records.get(time.unixMs, server)
    if (remembered !== undefined) return remembered.bytes
    const kept = this.#mesh.dht.findNow(time, server)
    return kept?.kind === 'record' ? kept.signed.bytes : undefined
  }
}

function nameOf(link: LinkId, key: KeyId): string {
  return `${link} ${key}`
}

function whereaboutsOf(record: NodeRecord): Whereabouts {
  return { servers: record.servers.map(keyIdOf), expiresMs: recordExpiryMs(record) }
}
