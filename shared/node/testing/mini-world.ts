// A tiny network of whole nodes for the tests of this folder: real cores under real drivers, joined by
// in-memory links on a virtual clock. Everything is seeded and ordered, so a run repeats exactly. A test
// may delay, change, drop or record each message, cut or freeze links, and kill and boot nodes.
// The simulator in sim/ does all of this at scale; shared/ must not depend on it.

import type { LinkId } from '../../link/link-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import type { Seeded } from '../../session/testing/seeded.ts'
import { seeded } from '../../session/testing/seeded.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { MiniNodeOptions } from './mini-node.ts'
import { MiniNode } from './mini-node.ts'
import { MiniRtc } from './mini-rtc.ts'

/** One message on its way. */
export interface Wired {
  readonly from: MiniNode
  readonly to: MiniNode
  readonly bytes: Uint8Array
}

interface End {
  readonly node: MiniNode
  readonly link: LinkId
}

/** Two ends, the dialer first. */
export interface Wire {
  readonly ends: readonly [End, End]
  /** Half-open: nothing arrives any more and nobody is told. */
  isFrozen: boolean
  /** When the last message of each direction arrives: a wire keeps the order. */
  readonly arrivals: [number, number]
}

type Task = () => void

export { START_UNIX_MS } from './start-time.ts'

export class MiniWorld {
  now = 0
  /** One way. */
  delayMs = 5
  /** More than that, for some. */
  lagMs: (from: MiniNode, to: MiniNode) => number = () => 0
  /** Whether beacons go from one to the other. */
  hears: (from: MiniNode, to: MiniNode) => boolean = () => true
  /** Whether two can make a WebRTC connection. */
  connects: (a: MiniNode, b: MiniNode) => boolean = () => true
  /** Sees every message; what it returns is delivered. */
  tap: (wired: Wired) => Uint8Array | undefined = ({ bytes }) => bytes
  readonly random: Seeded
  readonly nodes: MiniNode[] = []
  readonly rtc = new MiniRtc(this)
  readonly #tasks = new DeadlineHeap<Task>()
  readonly #wires = new Set<Wire>()

  constructor(seed = 1) {
    this.random = seeded(seed)
  }

  /** A running node. Servers are dialed by their name as host. */
  node(name: string, options: MiniNodeOptions): MiniNode {
    const node = new MiniNode(this, name, options, this.random.bytes(32))
    this.nodes.push(node)
    node.boot()
    return node
  }

  server(name: string, options: Omit<MiniNodeOptions, 'type'> = {}): MiniNode {
    return this.node(name, { ...options, type: 'server' })
  }

  client(name: string, servers: readonly MiniNode[], options: MiniNodeOptions = {}): MiniNode {
    return this.node(name, { ...options, servers: servers.map(server => server.url) })
  }

  // ---- time ----

  at(atMs: number, task: Task): Task {
    const once = (): void => task()
    this.#tasks.set(once, Math.max(atMs, this.now))
    return once
  }

  cancel(task: Task): void {
    this.#tasks.delete(task)
  }

  run(ms: number): void {
    const until = this.now + ms
    while ((this.#tasks.next() ?? Number.POSITIVE_INFINITY) <= until) this.#step()
    this.now = until
  }

  /** @throws Error when `condition` does not come true in time */
  until(condition: () => boolean, withinMs = 30_000): void {
    const end = this.now + withinMs
    while (!condition()) {
      const next = this.#tasks.next()
      if (next === undefined || next > end) throw new Error(`not within ${withinMs} ms`)
      this.#step()
    }
  }

  // ---- links ----

  wiresBetween(a: MiniNode, b: MiniNode): Wire[] {
    return [...this.#wires].filter(({ ends }) => {
      const [one, other] = ends.map(({ node }) => node)
      return (one === a && other === b) || (one === b && other === a)
    })
  }

  get wires(): readonly Wire[] {
    return [...this.#wires]
  }

  cut(a: MiniNode, b: MiniNode): void {
    for (const wire of this.wiresBetween(a, b)) this.cutWire(wire)
  }

  /** The transport breaks; both ends are told. */
  cutWire(wire: Wire): void {
    this.#wires.delete(wire)
    for (const { node, link } of wire.ends) node.lost(link)
  }

  freeze(a: MiniNode, b: MiniNode): void {
    for (const wire of this.wiresBetween(a, b)) wire.isFrozen = true
  }

  /** As if `from` had sent it over its newest link to `to`. */
  inject(from: MiniNode, to: MiniNode, bytes: Uint8Array): void {
    const end = this.wiresBetween(from, to)
      .at(-1)
      ?.ends.find(({ node }) => node === to)
    if (end === undefined) throw new Error(`no link from ${from.name} to ${to.name}`)
    to.driver.linkMessage(end.link, bytes)
  }

  // ---- for MiniNode ----

  connect(dialer: MiniNode, link: LinkId, url: ServerUrl): void {
    this.at(this.now + this.delayMs, () => {
      const server = this.nodes.find(node => node.isUp && node.hosts.includes(url.host))
      if (server === undefined || !dialer.isUp) {
        dialer.lost(link)
        return
      }
      const accepted = server.accept()
      this.join({ node: dialer, link }, { node: server, link: accepted })
      const life = dialer.life
      this.at(this.now + this.delayMs, () => {
        if (dialer.life === life) dialer.driver.linkOpened(link, {})
      })
    })
  }

  /** Two ends are the ends of one wire from now on. */
  join(one: End, other: End): void {
    this.#wires.add({ ends: [one, other], isFrozen: false, arrivals: [0, 0] })
  }

  multicast(from: MiniNode, bytes: Uint8Array): void {
    const { address } = from
    if (address === undefined) return
    this.at(this.now + this.delayMs, () => {
      const others = this.nodes.filter(node => node !== from && this.hears(from, node))
      for (const other of others) other.hear(bytes, address)
    })
  }

  transmit(from: MiniNode, link: LinkId, bytes: Uint8Array): void {
    this.#deliver(from, link, ({ to, peerLink }) => {
      const arrived = this.tap({ from, to, bytes })
      if (arrived !== undefined) to.driver.linkMessage(peerLink, arrived)
    })
  }

  disconnect(from: MiniNode, link: LinkId): void {
    this.#deliver(from, link, ({ wire, to, peerLink }) => {
      this.#wires.delete(wire)
      to.lost(peerLink)
    })
  }

  /** A node is gone: what was under way arrives, then the other ends are told, unless `isSilent`. */
  vanish(node: MiniNode, isSilent: boolean): void {
    for (const wire of this.#wires) {
      const end = wire.ends.find(one => one.node === node)
      if (end === undefined) continue
      if (isSilent) wire.isFrozen = true
      else this.disconnect(node, end.link)
    }
  }

  #deliver(
    from: MiniNode,
    link: LinkId,
    arrive: (at: { wire: Wire; to: MiniNode; peerLink: LinkId }) => void,
  ): void {
    for (const wire of this.#wires) {
      const side = wire.ends.findIndex(end => end.node === from && end.link === link)
      const peer = wire.ends[1 - side]
      if (side < 0 || peer === undefined) continue
      const dueMs = this.now + this.delayMs + this.lagMs(from, peer.node)
      const atMs = Math.max(dueMs, wire.arrivals[side] ?? 0)
      wire.arrivals[side] = atMs
      const { life } = peer.node
      this.at(atMs, () => {
        if (wire.isFrozen || !this.#wires.has(wire) || peer.node.life !== life) return
        arrive({ wire, to: peer.node, peerLink: peer.link })
      })
      return
    }
  }

  #step(): void {
    this.now = Math.max(this.now, this.#tasks.next() ?? this.now)
    this.#tasks.takeExpired(this.now)?.()
  }
}
