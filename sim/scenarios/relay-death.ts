// A transfer from one client to another, and the death of a relay in the middle of it: with a word (the process
// is killed, its links close) or without (power, a cable), which only silence tells. How long the transfer
// stands still is what a switch of paths costs an application.

import type { ErrorCode } from '../../shared/node/mesh-error.ts'
import { LINK_DEAD_MS } from '../../shared/wire/limits.ts'
import { cutPower, killNode } from '../faults.ts'
import type { DeliveryReport } from '../observers.ts'
import { Rng } from '../rng.ts'
import { numberedMessage } from '../testing/numbered.ts'
import type { Topology } from '../topology.ts'
import { uniformTopology } from '../topology.ts'
import type { Member, Server } from './server-network.ts'
import { pathOf, ServerNetwork } from './server-network.ts'

export interface RelayDeathOptions {
  /** Both clients have the same two servers (one relay between them), or two each of their own (two relays). */
  readonly servers: 'shared' | 'apart'
  /** Place of the relay that dies on the path, from the sender: 0, or 1 where there are two. */
  readonly victim: 0 | 1
  readonly isSilent: boolean
  /** 0: one message long before and one long after, to see what a session does that nobody uses. */
  readonly bytes: number
}

export interface RelayDeathReport {
  readonly delivery: DeliveryReport
  readonly failures: readonly ErrorCode[]
  /** The longest time without a message from the death on, while there were some under way. */
  readonly stallMs: number
  /** How many pauses after the death an application would have noticed. */
  readonly stalls: number
  /** From the death until one of the two knew that its path was gone, and from then until one had another. */
  readonly noticedMs: number | undefined
  readonly rebuiltMs: number | undefined
  readonly peersDown: number
  readonly transferMs: number
  readonly trace: string
}

/** One way, of every link. */
const LATENCY_MS = 50
export const PIECE_BYTES = 16_384
/** A pause that people see. */
const NOTICEABLE_MS = 300
const WITHIN_MS = 120_000
/** Within this after the death was noticed there must be another way (R11). */
export const REBUILD_MS = 3_000

export function runRelayDeath(seed: string | number, options: RelayDeathOptions): RelayDeathReport {
  return new RelayDeath(seed, options).run()
}

class RelayDeath {
  readonly #options: RelayDeathOptions
  readonly #net: ServerNetwork
  readonly #alice: Member
  readonly #bob: Member
  readonly #failures: ErrorCode[] = []
  #diedAtMs: number | undefined

  /** @throws Error when the clients do not find each other */
  constructor(seed: string | number, options: RelayDeathOptions) {
    this.#options = options
    this.#net = new ServerNetwork(seed, { servers: 6, topology: lines(seed) })
    this.#net.startServers()
    this.#net.world.runFor(5_000)
    const homesOf = (first: number): Server[] => this.#net.servers.slice(first, first + 2)
    this.#alice = this.#net.addClient(homesOf(0))
    this.#bob = this.#net.addClient(homesOf(options.servers === 'shared' ? 0 : 2))
    if (!this.#net.untilOnline()) throw new Error('Some client did not get online.')
    this.#net.world.runFor(5_000)
    if (this.#net.dial(this.#alice, this.#bob).kind !== 'done')
      throw new Error('No way to the peer.')
    this.#net.world.runFor(10_000)
  }

  run(): RelayDeathReport {
    const { observer, world } = this.#net
    const startedAtMs = world.nowMs
    const pauses = this.#options.bytes > 0 ? this.#transfer() : this.#idle()
    const transferMs = world.nowMs - startedAtMs
    const { noticedMs, rebuiltMs } = this.#switch()
    return {
      delivery: observer.report(),
      failures: this.#failures,
      stallMs: Math.max(0, ...pauses),
      stalls: pauses.filter(ms => ms > NOTICEABLE_MS).length,
      noticedMs,
      rebuiltMs,
      peersDown: [this.#alice, this.#bob].flatMap(({ events }) =>
        events.filter(({ event }) => event.kind === 'peerDown'),
      ).length,
      transferMs,
      trace: world.trace.digest(),
    }
  }

  /** @returns the pauses between messages from the death on */
  #transfer(): number[] {
    const { world, observer } = this.#net
    const pieces = Math.ceil(this.#options.bytes / PIECE_BYTES)
    const dieAfter = Math.floor(pieces * world.rng.fork('death').between(0.2, 0.8))
    for (let piece = 0; piece < pieces; piece += 1) this.#send(PIECE_BYTES)
    const pauses: number[] = []
    let arrivedAtMs = world.nowMs
    let waiting = pieces
    world.runUntil(() => {
      if (observer.waiting === waiting) return observer.confirmedCount === pieces
      waiting = observer.waiting
      if (this.#diedAtMs !== undefined) pauses.push(world.nowMs - arrivedAtMs)
      arrivedAtMs = world.nowMs
      if (this.#diedAtMs === undefined && pieces - waiting >= dieAfter) this.#killVictim()
      return false
    }, WITHIN_MS)
    return pauses
  }

  /** @returns how long a message took that was sent when the death should have been noticed */
  #idle(): number[] {
    const { world, observer } = this.#net
    this.#send(PIECE_BYTES)
    world.runFor(world.rng.fork('death').between(10_000, 30_000))
    this.#killVictim()
    world.runFor(LINK_DEAD_MS + REBUILD_MS)
    const sentAtMs = world.nowMs
    this.#send(PIECE_BYTES)
    world.runUntil(() => observer.waiting === 0, WITHIN_MS)
    const tookMs = world.nowMs - sentAtMs
    world.runUntil(() => observer.confirmedCount === 2, WITHIN_MS)
    return [tookMs]
  }

  #send(bytes: number): void {
    const { world, observer } = this.#net
    const { node, program } = this.#alice
    const number = observer.sent(node.name, this.#bob.node.name, world.nowMs)
    const data = numberedMessage(number, bytes)
    node.enqueue(() =>
      program.send(this.#bob.program.key, data, answer => {
        if (answer.kind === 'done') observer.confirmed()
        else this.#failures.push(answer.failure.code)
      }),
    )
  }

  #killVictim(): void {
    const key = pathOf(this.#alice, this.#bob)?.hops[this.#options.victim]
    const victim = this.#net.servers.find(({ program }) => program.key === key)
    if (victim === undefined) throw new Error('There is no such relay on the path.')
    this.#diedAtMs = this.#net.world.nowMs
    if (this.#options.isSilent) cutPower(victim.node)
    else killNode(victim.node)
  }

  /** When one of the two stopped using its way, and when one had another one: the caller sees all relays. */
  #switch(): Pick<RelayDeathReport, 'noticedMs' | 'rebuiltMs'> {
    const diedAtMs = this.#diedAtMs ?? 0
    const news = [this.#alice, this.#bob].flatMap(member => this.#wayChanges(member))
    const [left] = news.toSorted((a, b) => a.atMs - b.atMs)
    const backAtMs = Math.min(...news.filter(({ way }) => way !== '').map(({ atMs }) => atMs))
    if (left === undefined || backAtMs === Number.POSITIVE_INFINITY) {
      return { noticedMs: undefined, rebuiltMs: undefined }
    }
    return { noticedMs: left.atMs - diedAtMs, rebuiltMs: backAtMs - left.atMs }
  }

  /** What a client said of its way, from the death on, that was not the way of then. */
  #wayChanges({ events }: Member): { readonly atMs: number; readonly way: string }[] {
    const ways = events.flatMap(({ atMs, event }) =>
      event.kind === 'peerPath' ? [{ atMs, way: event.path?.hops.join() ?? '' }] : [],
    )
    const diedAtMs = this.#diedAtMs ?? 0
    const before = ways.findLast(({ atMs }) => atMs < diedAtMs)
    return ways.filter(({ atMs, way }) => atMs >= diedAtMs && way !== before?.way)
  }
}

/** All of one length and of 20 Mbit/s: 10 MB take about four seconds. */
function lines(seed: string | number): Topology {
  return uniformTopology(new Rng(seed).fork('lines'), {
    minLatencyMs: LATENCY_MS,
    maxLatencyMs: LATENCY_MS,
    jitterMs: 5,
    bytesPerMs: 2_500,
    bufferBytes: 262_144,
  })
}
