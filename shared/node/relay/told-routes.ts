// What neighbours told of routes to one key, put together for whoever asked us: each route one relay longer, with what
// it takes to get to that relay. Believes nothing: the asker verifies records and tries routes.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import { ROUTES_MAX_RELAYS } from '../../wire/limits.ts'
import { decodeRecord } from '../../wire/record.ts'
import type { RoutesAnswer, ToldRoute } from '../../wire/route-bodies.ts'
import type { LinkedNeighbour } from '../neighbours/linked-neighbour.ts'
import { isRoute } from '../routes/route-queries.ts'

export class ToldRoutes {
  readonly #others: readonly KeyId[]
  readonly #asked: ReadonlyMap<KeyId, LinkedNeighbour>
  readonly #routes: ToldRoute[] = []
  /** By the keys that they are of; those of our own neighbours first. */
  readonly #records = new Map<KeyId, Uint8Array>()
  readonly #sought: KeyId

  /** @param others who cannot be relays: us, the asker and, last, the sought key */
  constructor(others: readonly [KeyId, KeyId, KeyId], asked: readonly LinkedNeighbour[]) {
    this.#others = others
    this.#sought = others[2]
    this.#asked = new Map(asked.map(neighbour => [neighbour.key, neighbour]))
  }

  /** What one of those asked answered. */
  add(from: KeyId, { routes, records }: RoutesAnswer): void {
    const neighbour = this.#asked.get(from)
    if (neighbour === undefined) return
    const longer = routes.flatMap(route => this.#longer(neighbour, route) ?? [])
    if (longer.length === 0) return
    this.#routes.push(...longer)
    if (neighbour.record !== undefined) this.#records.set(from, neighbour.record.bytes)
    for (const bytes of records) {
      const signed = tryDecode(() => decodeRecord(bytes))
      const key = signed && keyIdOf(signed.record.key)
      // A copy: the received bytes are a view into a larger network buffer.
      if (key !== undefined && !this.#records.has(key)) this.#records.set(key, bytes.slice())
    }
  }

  /** The shortest ones first, of the same length those with the least latency; with the records that belong to them. */
  best(): RoutesAnswer {
    const routes = [...this.#routes].sort(
      (a, b) => a.relays.length - b.relays.length || latencyOf(a) - latencyOf(b),
    )
    const named = new Set([this.#sought, ...routes.flatMap(({ relays }) => relays.map(keyIdOf))])
    const records = [...named].flatMap(key => this.#records.get(key) ?? [])
    return { routes, records }
  }

  #longer(
    { key, rttMs }: LinkedNeighbour,
    { relays, latencyMs }: ToldRoute,
  ): ToldRoute | undefined {
    const all = [publicKeyOf(key), ...relays]
    const isFine = isRoute(all.map(keyIdOf), this.#others) && all.length <= ROUTES_MAX_RELAYS
    if (!isFine) return undefined
    const restMs = relays.length === 0 ? 0 : latencyMs
    if (rttMs === undefined || restMs === undefined) return { relays: all }
    return { relays: all, latencyMs: rttMs + restMs }
  }
}

function latencyOf({ latencyMs }: ToldRoute): number {
  return latencyMs ?? Number.POSITIVE_INFINITY
}
