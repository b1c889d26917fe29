// What this node's own circuits tell of links, relays and routes (docs/PROTOCOL.md 5.1): whom an answer speaks for, and
// whom a failure is laid to. The remembering is in shared/routes/link-history.ts; nobody else is believed.

import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { Experience } from '../../routes/link-history.ts'
import { LinkHistory, linkName, routeName } from '../../routes/link-history.ts'
import type { Relays } from '../../routes/route.ts'
import type { RouteGraph } from '../../routes/route-graph.ts'
import type { EndReason } from '../../routing/circuit.ts'

/** One failure of a link that was as good as any gets it below. */
const FAILED_BELOW = 0.8

export class RouteExperience {
  readonly #self: KeyId
  readonly #graph: Pick<RouteGraph, 'linkOf'>
  readonly #history = new LinkHistory()

  constructor(self: KeyId, graph: Pick<RouteGraph, 'linkOf'>) {
    this.#self = self
    this.#graph = graph
  }

  /** By the names of link-history.ts. */
  of(now: number, name: string): Experience {
    return this.#history.of(now, name)
  }

  /** A circuit over these relays was answered by the peer. */
  opened({ now }: Time, peer: KeyId, relays: Relays): void {
    this.#history.succeeded(now, routeName(relays, peer))
    for (const part of this.#partsOf(relays, peer)) this.#history.succeeded(now, part)
  }

  /** A circuit was not opened, or broke. Whose fault it was is seldom told: the links beyond our own share it. */
  failed({ now }: Time, peer: KeyId, relays: Relays, reason: EndReason): void {
    const [first] = relays
    const ownLink = this.#ownLink(relays, peer)
    if (reason === 'linkLost') {
      // Whatever is behind it had no part in that.
      this.#history.failed(now, ownLink)
      return
    }
    this.#history.failed(now, routeName(relays, peer))
    const links = linksBehindFirst(relays, peer)
    // The first relay says this of its own link to the next; a limit is of that relay itself.
    // In silence nobody is above suspicion, the first relay included.
    const suspects = reason === 'timeout' ? [ownLink, ...links] : links
    const atFault = reason === 'unreachable' ? links.slice(0, 1) : suspects
    if (first !== undefined && (reason === 'quota' || reason === 'busy')) {
      this.#history.failed(now, first)
    } else for (const link of atFault) this.#history.failed(now, link)
  }

  /** The round trip to the peer over a path, which so works, and what it delivered while it was full. */
  pathMeasured(
    { now }: Time,
    peer: KeyId,
    relays: Relays,
    rttMs: number,
    bytesPerS?: number,
  ): void {
    const seen = { rttMs, ...(bytesPerS !== undefined && { bytesPerS }) }
    this.#history.worked(now, routeName(relays, peer), seen)
    for (const part of this.#partsOf(relays, peer)) this.#history.worked(now, part)
    this.#infer(now, peer, relays, rttMs)
  }

  /** On one of its links, lately; our own is seen by itself. */
  hasFailed(now: number, peer: KeyId, relays: Relays): boolean {
    return linksBehindFirst(relays, peer).some(link => this.isDoubtful(now, link))
  }

  isDoubtful(now: number, name: string): boolean {
    return this.of(now, name).reliability < FAILED_BELOW
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
    if (unknown !== undefined) this.#history.worked(now, unknown, { rttMs: Math.max(0, restMs) })
  }

  /** Its links and relays. */
  #partsOf(relays: Relays, peer: KeyId): string[] {
    return [this.#ownLink(relays, peer), ...linksBehindFirst(relays, peer), ...relays]
  }

  #ownLink(relays: Relays, peer: KeyId): string {
    return linkName(this.#self, relays[0] ?? peer)
  }
}

function linksBehindFirst(relays: Relays, peer: KeyId): string[] {
  return relays.map((relay, at) => linkName(relay, relays[at + 1] ?? peer))
}
