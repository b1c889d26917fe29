// A registry of many virtual servers at the level of the Dht machine: one virtual clock, one event queue,
// one seed. Calls and checks of the machines become messages over links with latency, dials that take
// round trips, refusals and silence. Whole nodes over real links are sim/world.ts.

import type { Dht } from '../../shared/dht/dht.ts'
import type { Time } from '../../shared/machine/machine.ts'
import { LINK_DEAD_MS } from '../../shared/wire/limits.ts'
import { Rng } from '../rng.ts'
import { Trace } from '../trace.ts'
import { VirtualTime } from '../virtual-time.ts'
import type { Answerer, DhtServerOptions, ServerLife } from './dht-server.ts'
import { DhtServer } from './dht-server.ts'
import type { NetworkProfile } from './network-profile.ts'
import { LINKS_OF_50_MS } from './network-profile.ts'
import { closeLink, linksOf } from './server-links.ts'
import { Traffic } from './traffic.ts'
import { Transport } from './transport.ts'

/** Virtual wall clock at the beginning. */
const START_UNIX_MS = 1_800_000_000_000

export interface DhtWorldOptions {
  readonly profile?: NetworkProfile
  /** Machines' saves are kept, so that a server can be restarted. */
  readonly keepsDisks?: boolean
}

export class DhtWorld extends VirtualTime {
  readonly rng: Rng
  readonly transport: Transport
  readonly keepsDisks: boolean
  readonly trace = new Trace()
  readonly traffic = new Traffic()
  readonly #servers: DhtServer[] = []
  readonly #byUrl = new Map<string, DhtServer>()
  #groupOf: ReadonlyMap<DhtServer, number> = new Map()

  constructor(seed: string | number, options: DhtWorldOptions = {}) {
    super(seed)
    this.rng = new Rng(seed)
    this.transport = new Transport(this, options.profile ?? LINKS_OF_50_MS)
    this.keepsDisks = options.keepsDisks ?? false
  }

  get unixMs(): number {
    return START_UNIX_MS + Math.floor(this.nowMs)
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
    this.trace.add(this.nowMs, server.number, 'boot', 0)
    return server
  }

  serverAt(url: string): DhtServer | undefined {
    return this.#byUrl.get(url)
  }

  /** `dead`: its connections are reset and refused; `gone`: nobody is told anything. */
  kill(server: DhtServer, life: Exclude<ServerLife, 'up'>): void {
    if (server.life !== 'up') return
    this.trace.add(this.nowMs, server.number, 'kill', life === 'gone' ? 1 : 0)
    server.halt(life)
    const links = linksOf(server)
    if (life === 'dead') links.forEach(closeLink)
    else this.after(LINK_DEAD_MS, () => links.forEach(closeLink))
  }

  /** Servers with different numbers do not reach each other; those without one form a group. */
  setGroups(groupOf: ReadonlyMap<DhtServer, number>): void {
    this.#groupOf = groupOf
    this.trace.add(this.nowMs, 0, 'fault', groupOf.size)
    this.after(LINK_DEAD_MS, () => this.#closeCutLinks())
  }

  canReach(a: DhtServer, b: DhtServer): boolean {
    return this.#groupOf.get(a) === this.#groupOf.get(b)
  }

  woke(server: DhtServer): void {
    this.traffic.wakes += 1
    this.trace.add(this.nowMs, server.number, 'wake', 0)
  }

  #closeCutLinks(): void {
    for (const link of this.#servers.flatMap(linksOf)) {
      if (!this.canReach(link.dialer, link.acceptor)) closeLink(link)
    }
  }
}
