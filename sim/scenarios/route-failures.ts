// Clients of several servers talk without a pause while everything between them fails in every way there is:
// servers die and come back, links break, fall silent or damage what they carry, networks part, event loops
// stall. Whatever happened, every message arrives once and in order. Which faults there were is in the report.

import type { ErrorCode } from '../../shared/node/mesh-error.ts'
import * as faults from '../faults.ts'
import type { DeliveryReport } from '../observers.ts'
import type { Rng } from '../rng.ts'
import type { SimNode } from '../sim-node.ts'
import type { Leftovers, PlacedLink } from '../world.ts'
import type { Member } from './server-network.ts'
import { ServerNetwork } from './server-network.ts'

export const FAULT_KINDS = [
  'kill',
  'powerCut',
  'cut',
  'silence',
  'damage',
  'partition',
  'stall',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface RouteFailuresOptions {
  readonly servers: number
  readonly clients: number
  /** Servers that each client is told of. */
  readonly homes: number
  /** Of each client to each of two others. */
  readonly messages: number
  /** Pause between two messages of one flow, mean. */
  readonly sendEveryMs: number
  /** Default: all. */
  readonly faults?: readonly FaultKind[]
  /** Pause between two faults, mean. */
  readonly faultEveryMs: number
  /** Default: 2. With many more some client is without any server for longer than a message waits. */
  readonly faultsAtOnce?: number
  /** Virtual time for the traffic. */
  readonly withinMs: number
}

export interface RouteFailuresReport {
  readonly delivery: DeliveryReport
  /** Messages that failed, by code. */
  readonly failures: Readonly<Partial<Record<ErrorCode, number>>>
  readonly faults: Readonly<Record<FaultKind, number>>
  /** How often a client was told that a peer, which it then has to dial anew, is gone. */
  readonly peersDown: number
  /** Ways that sessions went over, from first to last, at all clients together. */
  readonly pathChanges: number
  /** Links that were open as the traffic began, and of these the ones that still were at its end. */
  readonly linksAtFirst: number
  readonly linksKept: number
  readonly virtualMs: number
  readonly trace: string
  readonly leftovers: Leftovers
}

/** Each other one is this far along in the row of clients. */
const PEERS_APART = [1, 5] as const
/** Of a link that damages what it carries: circuits over it do not live long, and must not. */
const DAMAGE = { loss: 0.05, duplicate: 0.05, reorder: 0.05, corrupt: 0.01 } as const
/** How long each kind of fault lasts, in milliseconds. */
const LASTS_MS: Readonly<Record<FaultKind, readonly [min: number, max: number]>> = {
  kill: [1_000, 8_000],
  powerCut: [1_000, 8_000],
  cut: [0, 0],
  silence: [1_000, 15_000],
  damage: [500, 3_000],
  partition: [500, 6_000],
  stall: [200, 2_000],
}

export function runRouteFailures(
  seed: string | number,
  options: RouteFailuresOptions,
): RouteFailuresReport {
  const run = new RouteFailures(seed, options)
  run.talk()
  return run.finish()
}

class RouteFailures {
  readonly #net: ServerNetwork
  readonly #options: RouteFailuresOptions
  readonly #rng: Rng
  readonly #counts = Object.fromEntries(FAULT_KINDS.map(kind => [kind, 0])) as Record<
    FaultKind,
    number
  >
  readonly #linksAtFirst: readonly PlacedLink[]
  /** Computers that are down or stalled: no two such faults share one. */
  readonly #broken = new Set<SimNode>()
  #deck: FaultKind[] = []
  #faults = 0
  #isParted = false
  #isOver = false

  /** @throws Error when a client does not get online */
  constructor(seed: string | number, options: RouteFailuresOptions) {
    this.#options = options
    this.#net = new ServerNetwork(seed, { servers: options.servers })
    this.#rng = this.#net.world.rng.fork('faults')
    this.#net.startServers()
    this.#net.world.runFor(3_000)
    for (let number = 0; number < options.clients; number += 1) {
      this.#net.addClient(
        Array.from({ length: options.homes }, (_, i) => at(this.#net.servers, number + 3 * i)),
      )
    }
    if (!this.#net.untilOnline()) throw new Error('Some client did not get online.')
    this.#net.world.runFor(2_000)
    this.#linksAtFirst = [...this.#net.world.links]
  }

  talk(): void {
    const { messages, sendEveryMs, withinMs } = this.#options
    const { clients } = this.#net
    clients.forEach((client, number) => {
      for (const apart of PEERS_APART) {
        this.#net.talk(client, at(clients, number + apart), messages, sendEveryMs)
      }
    })
    this.#breakLater()
    const sent = clients.length * PEERS_APART.length * messages
    const settled = (): number => this.#net.observer.confirmedCount + this.#failed
    this.#net.world.runUntil(() => settled() >= sent, withinMs)
    this.#isOver = true
  }

  finish(): RouteFailuresReport {
    const { world, observer, failures, clients } = this.#net
    const virtualMs = world.nowMs
    const links = new Set(world.links)
    const count = (kind: 'peerDown' | 'peerPath'): number =>
      clients.reduce((sum, { events }) => sum + events.filter(e => e.event.kind === kind).length, 0)
    const [peersDown, pathChanges] = [count('peerDown'), count('peerPath')]
    // Faults that still last end by themselves.
    world.runFor(20_000)
    this.#net.shutDown()
    return {
      delivery: observer.report(),
      failures,
      faults: this.#counts,
      peersDown,
      pathChanges,
      linksAtFirst: this.#linksAtFirst.length,
      linksKept: this.#linksAtFirst.filter(link => links.has(link)).length,
      virtualMs,
      trace: world.trace.digest(),
      leftovers: world.leftovers(),
    }
  }

  get #failed(): number {
    return Object.values(this.#net.failures).reduce((sum, count) => sum + count, 0)
  }

  #breakLater(): void {
    const { faultEveryMs, faultsAtOnce = 2, faults: kinds = FAULT_KINDS } = this.#options
    this.#net.world.after(this.#rng.between(0, 2 * faultEveryMs), () => {
      if (this.#isOver) return
      if (this.#faults < faultsAtOnce) this.#break(this.#draw(kinds))
      this.#breakLater()
    })
  }

  /** Each kind once, in random order, then each once again. */
  #draw(kinds: readonly FaultKind[]): FaultKind {
    if (this.#deck.length === 0) this.#deck = this.#rng.shuffle(kinds)
    return this.#deck.pop() as FaultKind
  }

  #break(kind: FaultKind): void {
    const { world } = this.#net
    const forMs = this.#rng.between(...LASTS_MS[kind])
    switch (kind) {
      case 'kill':
      case 'powerCut': {
        const server = this.#whole(this.#net.servers)
        server?.node.kill({ silent: kind === 'powerCut' })
        this.#began(kind, forMs, server && [server], () => server && this.#net.boot(server))
        return
      }
      case 'stall': {
        const member = this.#whole<Member>([...this.#net.servers, ...this.#net.clients])
        if (member !== undefined) faults.freezeNode(member.node, forMs)
        this.#began(kind, forMs, member && [member], () => {})
        return
      }
      case 'partition': {
        if (this.#isParted) return
        this.#isParted = true
        faults.partition(world, [this.#half().map(({ node }) => node)])
        this.#began(kind, forMs, [], () => {
          this.#isParted = false
          faults.heal(world)
        })
        return
      }
      default:
        this.#breakLink(kind, forMs)
    }
  }

  #breakLink(kind: 'cut' | 'silence' | 'damage', forMs: number): void {
    const { world } = this.#net
    const placed = this.#rng.pick([...world.links])
    if (kind === 'cut') faults.cutLink(placed)
    if (kind === 'silence') faults.silenceLink(world, placed)
    if (kind === 'damage') faults.damageLink(placed, this.#rng.fork(world.nowMs), DAMAGE)
    this.#began(kind, forMs, [], () => {
      if (kind === 'silence') faults.unsilenceLink(world, placed)
      if (kind === 'damage') faults.repairLink(placed)
    })
  }

  #began(
    kind: FaultKind,
    forMs: number,
    members: readonly Member[] | undefined,
    repair: () => void,
  ): void {
    if (members === undefined) return
    this.#counts[kind] += 1
    this.#faults += 1
    for (const { node } of members) this.#broken.add(node)
    this.#net.world.after(forMs, () => {
      repair()
      this.#faults -= 1
      for (const { node } of members) this.#broken.delete(node)
    })
  }

  /** One that is not broken already. */
  #whole<T extends Member>(members: readonly T[]): T | undefined {
    const whole = members.filter(({ node }) => !this.#broken.has(node))
    return whole.length === 0 ? undefined : this.#rng.pick(whole)
  }

  /** About half of everybody. */
  #half(): Member[] {
    const everybody: Member[] = [...this.#net.servers, ...this.#net.clients]
    return everybody.filter(() => this.#rng.chance(0.5))
  }
}

function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T
}
