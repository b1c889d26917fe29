// What a node knows of who has a link to whom (docs/PROTOCOL.md 5): its own links, what others told, what records
// name. One link for each pair, whichever way it was dialed. Judges no word of others: our own beats what was told,
// which beats a record. Finds no routes (k-shortest.ts).

import type { KeyId } from '../identity/node-id.ts'
import { ROUTES_MAX_LINKS, ROUTES_MAX_LINKS_PER_NODE } from '../wire/limits.ts'

/** `own`: a link of ours. `told`: an answer to `routes`. `record`: both ends sign it, or servers can dial each other. */
export type LinkSource = 'own' | 'told' | 'record'

export interface GraphLink {
  /** Round trip over this link, where somebody measured it. */
  readonly latencyMs: number | undefined
  readonly source: LinkSource
  /** `Time.now` from which on it does not count any more. */
  readonly untilMs: number
}

interface Edge {
  readonly a: KeyId
  readonly b: KeyId
  /** At most one of each source, the most trusted first. */
  links: readonly GraphLink[]
  /** Rises with every `setLink`. */
  order: number
}

const TRUST: Readonly<Record<LinkSource, number>> = { own: 0, told: 1, record: 2 }
/** What goes first when there is no room: words cost nothing, records a signature at each end. */
const WORTH: Readonly<Record<LinkSource, number>> = { told: 0, record: 1, own: 2 }

export class RouteGraph {
  readonly #edges = new Map<KeyId, Map<KeyId, Edge>>()
  #size = 0
  #order = 0
  /** Nothing expires before this. */
  #nextExpiryMs = Infinity

  /** Pairs that have a link. */
  get size(): number {
    return this.#size
  }

  /** Adds or replaces the link from this source. When there is no room, what others told first makes way, the oldest first. */
  setLink(a: KeyId, b: KeyId, link: GraphLink): void {
    if (a === b) return
    const edge = this.#edges.get(a)?.get(b) ?? this.#add(a, b)
    const others = edge.links.filter(({ source }) => source !== link.source)
    edge.links = [...others, link].sort((x, y) => TRUST[x.source] - TRUST[y.source])
    edge.order = this.#order++
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, link.untilMs)
    for (const key of [a, b]) {
      const atNode = this.#edges.get(key)
      if (atNode && atNode.size > ROUTES_MAX_LINKS_PER_NODE) this.#evict(atNode.values())
    }
    if (this.#size > ROUTES_MAX_LINKS) this.#evict(this.#all())
  }

  /** Forgets what has expired. The other methods know no time: call this before a search. */
  expire(now: number): void {
    if (now < this.#nextExpiryMs) return
    this.#nextExpiryMs = Infinity
    for (const edge of [...this.#all()]) {
      edge.links = edge.links.filter(({ untilMs }) => untilMs > now)
      if (edge.links.length === 0) this.#remove(edge)
      for (const { untilMs } of edge.links) {
        this.#nextExpiryMs = Math.min(this.#nextExpiryMs, untilMs)
      }
    }
  }

  /** From the most trusted source. */
  linkOf(a: KeyId, b: KeyId): GraphLink | undefined {
    return this.#edges.get(a)?.get(b)?.links[0]
  }

  neighbours(key: KeyId): Iterable<KeyId> {
    return this.#edges.get(key)?.keys() ?? []
  }

  #add(a: KeyId, b: KeyId): Edge {
    const edge: Edge = { a, b, links: [], order: 0 }
    this.#at(a).set(b, edge)
    this.#at(b).set(a, edge)
    this.#size++
    return edge
  }

  #at(key: KeyId): Map<KeyId, Edge> {
    const known = this.#edges.get(key)
    if (known !== undefined) return known
    const fresh = new Map<KeyId, Edge>()
    this.#edges.set(key, fresh)
    return fresh
  }

  #remove({ a, b }: Edge): void {
    this.#size--
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const atNode = this.#edges.get(from)
      atNode?.delete(to)
      if (atNode?.size === 0) this.#edges.delete(from)
    }
  }

  #evict(edges: Iterable<Edge>): void {
    let least: Edge | undefined
    for (const edge of edges) {
      if (least === undefined || compareWorth(edge, least) < 0) least = edge
    }
    if (least !== undefined) this.#remove(least)
  }

  /** Each edge once. */
  *#all(): Generator<Edge> {
    for (const [key, edges] of this.#edges) {
      for (const edge of edges.values()) if (edge.a === key) yield edge
    }
  }
}

function compareWorth(x: Edge, y: Edge): number {
  return worthOf(x) - worthOf(y) || x.order - y.order
}

function worthOf({ links }: Edge): number {
  return Math.max(...links.map(({ source }) => WORTH[source]))
}
