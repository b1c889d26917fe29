// A registry of many virtual servers at the level of the Dht machine: one virtual clock, one event queue,
// one seed. Calls and checks of the machines become messages over links with latency, dials that take
// round trips, refusals and silence. Whole nodes over real links are sim/world.ts.

import type { Dht } from '../../shared/dht/dht.ts'
import type { Time } from '../../shared/machine/machine.ts'
import { LINK_DEAD_MS } from '../../shared/wire/limits.ts'
import { EventQueue } from '../event-queue.ts'
import { Rng } from '../rng.ts'
import { Trace } from '../trace.ts'
import type { Answerer, DhtServerOptions, ServerLife } from './dht-server.ts'
import { DhtServer } from './dht-server.ts'
import type { NetworkProfile } from './network-profile.ts'
import { LINKS_OF_50_MS } from './network-profile.ts'
import { closeLink, linksOf } from './server-links.ts'
import { Traffic } from './traffic.ts'
import { Transport } from './transport.ts'

/** Events without progress of the clock after which a run is taken for a livelock. */
const MAX_EVENTS_PER_INSTANT = 1_000_000
/** Virtual wall clock at the beginning. */
const START_UNIX_MS = 1_800_000_000_000

export interface DhtWorldOptions {
  readonly profile?: NetworkProfile
  /** Machines' saves are kept, so that a server can be restarted. */
  readonly keepsDisks?: boolean
}

export class DhtWorld {
  readonly seed: string | number
  readonly rng: Rng
  readonly transport: Transport
  readonly keepsDisks: boolean
  readonly queue = new EventQueue()
  readonly trace = new Trace()
  readonly traffic = new Traffic()
  readonly #servers: DhtServer[] = []
  readonly #byUrl = new Map<string, DhtServer>()
  #groupOf: ReadonlyMap<DhtServer, number> = new Map()
  #nowMs = 0
  #eventsNow = 0

  constructor(seed: string | number, options: DhtWorldOptions = {}) {
    this.seed = seed
    this.rng = new Rng(seed)
    this.transport = new Transport(this, options.profile ?? LINKS_OF_50_MS)
    this.keepsDisks = options.keepsDisks ?? false
  }

  get nowMs(): number {
    return this.#nowMs
  }

  get unixMs(): number {
    return START_UNIX_MS + Math.floor(this.#nowMs)
  }

  /** All that were ever added. */
  get servers(): readonly DhtServer[] {
    return this.#servers
  }

  get living(): DhtServer[] {
    return this.#servers.filter(({ life }) => life === 'up')
  }

  addServer(
    options: Omit<DhtServerOptions, 'number'>,
    make: (time: Time) => Dht | Answerer,
  ): DhtServer {
    const server = new DhtServer(this, { ...options, number: this.#servers.length + 1 }, make)
    this.#servers.push(server)
    this.#byUrl.set(server.contact.url, server)
    this.trace.add(this.#nowMs, server.number, 'boot', 0)
    return server
  }

  serverAt(url: string): DhtServer | undefined {
    return this.#byUrl.get(url)
  }

  /** `dead`: its connections are reset and refused; `gone`: nobody is told anything. */
  kill(server: DhtServer, life: Exclude<ServerLife, 'up'>): void {
    if (server.life !== 'up') return
    this.trace.add(this.#nowMs, server.number, 'kill', life === 'gone' ? 1 : 0)
    server.halt(life)
    const links = linksOf(server)
    if (life === 'dead') links.forEach(closeLink)
    else this.after(LINK_DEAD_MS, () => links.forEach(closeLink))
  }

  /** Servers with different numbers do not reach each other; those without one form a group. */
  setGroups(groupOf: ReadonlyMap<DhtServer, number>): void {
    this.#groupOf = groupOf
    this.trace.add(this.#nowMs, 0, 'fault', groupOf.size)
    this.after(LINK_DEAD_MS, () => this.#closeCutLinks())
  }

  canReach(a: DhtServer, b: DhtServer): boolean {
    return this.#groupOf.get(a) === this.#groupOf.get(b)
  }

  after(delayMs: number, task: () => void): void {
    this.queue.schedule(this.#nowMs + delayMs, task)
  }

  woke(server: DhtServer): void {
    this.traffic.wakes += 1
    this.trace.add(this.#nowMs, server.number, 'wake', 0)
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

  #closeCutLinks(): void {
    for (const link of this.#servers.flatMap(linksOf)) {
      if (!this.canReach(link.dialer, link.acceptor)) closeLink(link)
    }
  }
}
