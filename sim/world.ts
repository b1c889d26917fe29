// A simulated world: one virtual clock and event queue, the nodes, the links between them, and who can
// reach whom. Runs as fast as the machine allows; the same seed gives the same trace digest, always.
// Faults are in faults.ts; what programs see is in sim-host.ts.

import type { HostEnd } from './host-end.ts'
import { Rng } from './rng.ts'
import type { Clock, LinkProfile } from './sim-link.ts'
import { SimLink } from './sim-link.ts'
import type { NodeOptions } from './sim-node.ts'
import { SimNode } from './sim-node.ts'
import { SimRtc } from './sim-rtc.ts'
import type { Topology } from './topology.ts'
import { uniformTopology } from './topology.ts'
import { Trace } from './trace.ts'
import { VirtualTime } from './virtual-time.ts'

const DEFAULT_LATENCY = { minLatencyMs: 10, maxLatencyMs: 50, jitterMs: 5 } as const

export interface WorldOptions {
  /** Default: 10-50 ms per pair, 5 ms jitter, no bandwidth limit. */
  readonly topology?: Topology
}

/** A link and the nodes at its ends. */
export interface PlacedLink {
  readonly link: SimLink
  readonly dialer: SimNode
  readonly acceptor: SimNode
  /** A fault of this link alone, apart from partitions. */
  isSilenced: boolean
}

/** What is still there; all zero in a world whose nodes have closed. */
export interface Leftovers {
  readonly events: number
  readonly timers: number
  readonly channels: number
  readonly links: number
}

export class World extends VirtualTime implements Clock {
  readonly rng: Rng
  readonly trace = new Trace()
  readonly rtc = new SimRtc()
  readonly #topology: Topology
  readonly #nodes: SimNode[] = []
  readonly #servers = new Map<string, SimNode>()
  readonly #links = new Map<SimLink, PlacedLink>()
  readonly #groupOf = new Map<SimNode, number>()

  constructor(seed: string | number, options: WorldOptions = {}) {
    super(seed)
    this.rng = new Rng(seed)
    this.#topology = options.topology ?? uniformTopology(this.rng.fork('topology'), DEFAULT_LATENCY)
  }

  get nodes(): readonly SimNode[] {
    return this.#nodes
  }

  get links(): IterableIterator<PlacedLink> {
    return this.#links.values()
  }

  /** Links that touch this node. */
  linksOf(node: SimNode): PlacedLink[] {
    return [...this.#links.values()].filter(
      ({ dialer, acceptor }) => dialer === node || acceptor === node,
    )
  }

  addNode(name: string, options: NodeOptions = {}): SimNode {
    const node = new SimNode(this, this.#nodes.length + 1, name, options)
    this.#nodes.push(node)
    for (const origin of options.listen?.origins ?? []) this.#servers.set(origin, node)
    return node
  }

  serverAt(origin: string): SimNode | undefined {
    return this.#servers.get(origin)
  }

  profileBetween(a: SimNode, b: SimNode): LinkProfile {
    return this.#topology(a.number, b.number)
  }

  canReach(a: SimNode, b: SimNode): boolean {
    return this.#groupOf.get(a) === this.#groupOf.get(b)
  }

  /** Nodes with different numbers cannot reach each other; nodes without a number form a group too. */
  setGroups(groups: ReadonlyMap<SimNode, number>): void {
    this.#groupOf.clear()
    for (const [node, group] of groups) this.#groupOf.set(node, group)
    for (const placed of this.#links.values()) this.refresh(placed)
  }

  /** Lets a link pass or be silent, by its own fault and by the partition. */
  refresh({ link, dialer, acceptor, isSilenced }: PlacedLink): void {
    if (isSilenced || !this.canReach(dialer, acceptor)) link.hold()
    else link.release()
  }

  /** Makes a link. `accept` names the acceptor's end before anything arrives at it. */
  connect(dialer: HostEnd, acceptor: HostEnd, accept: (link: SimLink) => HostEnd['id']): SimLink {
    const profile = this.profileBetween(dialer.node, acceptor.node)
    const rng = this.rng.fork(`link/${this.queue.scheduledCount}`)
    const link = new SimLink(this, profile, rng, { dialer, acceptor }, gone =>
      this.#links.delete(gone),
    )
    this.#links.set(link, { link, dialer: dialer.node, acceptor: acceptor.node, isSilenced: false })
    link.confirm()
    acceptor.id = accept(link)
    return link
  }

  leftovers(): Leftovers {
    const hosts = this.#nodes.flatMap(node => node.host ?? [])
    return {
      events: this.queue.size,
      timers: hosts.filter(host => host.hasTimer).length,
      channels: hosts.reduce((sum, host) => sum + host.channelCount, 0),
      links: this.#links.size,
    }
  }
}
