// A simulated world: one virtual clock and event queue, the nodes, the links between them, and who can
// reach whom. Runs as fast as the machine allows; the same seed gives the same trace digest, always.
// Faults are in faults.ts; what programs see is in sim-host.ts.

import { EventQueue } from './event-queue.ts'
import type { HostEnd } from './host-end.ts'
import { Rng } from './rng.ts'
import type { Clock, LinkProfile } from './sim-link.ts'
import { SimLink } from './sim-link.ts'
import type { NodeOptions } from './sim-node.ts'
import { SimNode } from './sim-node.ts'
import type { Topology } from './topology.ts'
import { uniformTopology } from './topology.ts'
import { Trace } from './trace.ts'

/** Events without any progress of the clock after which a run is taken for a livelock. */
const MAX_EVENTS_PER_INSTANT = 1_000_000
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

export class World implements Clock {
  readonly seed: string | number
  readonly rng: Rng
  readonly queue = new EventQueue()
  readonly trace = new Trace()
  readonly #topology: Topology
  readonly #nodes: SimNode[] = []
  readonly #servers = new Map<string, SimNode>()
  readonly #links = new Map<SimLink, PlacedLink>()
  readonly #groupOf = new Map<SimNode, number>()
  #nowMs = 0
  #eventsNow = 0

  constructor(seed: string | number, options: WorldOptions = {}) {
    this.seed = seed
    this.rng = new Rng(seed)
    this.#topology = options.topology ?? uniformTopology(this.rng.fork('topology'), DEFAULT_LATENCY)
  }

  /** Virtual milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs
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

  /** Runs `task` later, outside of any node. */
  after(delayMs: number, task: () => void): void {
    this.queue.schedule(this.#nowMs + delayMs, task)
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

  /** Runs one event. @returns `false` when there is none */
  step(): boolean {
    const event = this.queue.take()
    if (event === undefined) return false
    if (event.atMs > this.#nowMs) {
      this.#nowMs = event.atMs
      this.#eventsNow = 0
    }
    this.#eventsNow += 1
    if (this.#eventsNow > MAX_EVENTS_PER_INSTANT) {
      throw new Error(`Livelock at ${this.#nowMs} ms (seed ${this.seed}).`)
    }
    event.run()
    return true
  }

  runFor(durationMs: number): void {
    this.runUntil(() => false, durationMs)
  }

  /** @returns whether the condition came true within that time; asked after every event */
  runUntil(isDone: () => boolean, withinMs: number): boolean {
    const endMs = this.#nowMs + withinMs
    if (isDone()) return true
    for (;;) {
      const next = this.queue.next()
      if (next === undefined || next > endMs) break
      this.step()
      if (isDone()) return true
    }
    this.#nowMs = endMs
    return false
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
