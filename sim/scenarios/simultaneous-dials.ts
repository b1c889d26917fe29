// Pairs of clients that dial each other at the same moment, each with a first message at hand: the lower key's
// handshake wins, both messages arrive, and both sides see one session. Every client is in many such pairs at
// once, so that the limits of setups for one client are felt as well.

import type { KeyId } from '../../shared/identity/node-id.ts'
import type { ErrorCode } from '../../shared/node/mesh-error.ts'
import type { DeliveryReport, Percentiles } from '../observers.ts'
import { Samples } from '../observers.ts'
import { numberedMessage } from '../testing/numbered.ts'
import type { Leftovers } from '../world.ts'
import type { Member } from './server-network.ts'
import { ServerNetwork } from './server-network.ts'

export interface SimultaneousDialsOptions {
  readonly servers: number
  readonly clients: number
  /** Others that each client dials: as many dial it. */
  readonly dialsEach: number
  /** The two of a pair dial within this time; 0 = at the very same moment. */
  readonly apartMs: number
  /** Pairs come one after the other, this far apart. */
  readonly everyMs: number
}

export interface SimultaneousDialsReport {
  readonly pairs: number
  readonly dialMs: Percentiles
  readonly failures: readonly ErrorCode[]
  /** The first messages: one of each side of each pair. */
  readonly delivery: DeliveryReport
  /** How often a side was told that its peer came up, or went; and the sides told exactly once. */
  readonly peersUp: number
  readonly peersDown: number
  readonly sidesUpOnce: number
  /** Circuits at all clients together once all was quiet: both ends of each. */
  readonly circuits: number
  readonly trace: string
  readonly leftovers: Leftovers
}

const HOMES = 2
/** For paths that lost a race to be taken down, and for sessions that nobody needs to fall. */
const QUIET_MS = 15_000

export function runSimultaneousDials(
  seed: string | number,
  options: SimultaneousDialsOptions,
): SimultaneousDialsReport {
  return new SimultaneousDials(seed, options).run()
}

class SimultaneousDials {
  readonly #net: ServerNetwork
  readonly #options: SimultaneousDialsOptions
  readonly #dials = new Samples()
  readonly #failures: ErrorCode[] = []
  #settled = 0

  /** @throws Error when a client does not get online */
  constructor(seed: string | number, options: SimultaneousDialsOptions) {
    const { servers, clients } = options
    this.#options = options
    this.#net = new ServerNetwork(seed, { servers })
    this.#net.startServers()
    this.#net.world.runFor(3_000)
    for (let number = 0; number < clients; number += 1) {
      const homes = Array.from({ length: HOMES }, (_, i) => number + i)
      this.#net.addClient(homes.map(home => at(this.#net.servers, home)))
    }
    if (!this.#net.untilOnline()) throw new Error('Some client did not get online.')
    this.#net.world.runFor(3_000)
  }

  run(): SimultaneousDialsReport {
    const { world, observer, clients } = this.#net
    const pairs = (clients.length * this.#options.dialsEach) / 2
    this.#dialAll()
    // A dial and a message of each side.
    world.runUntil(() => this.#settled === 4 * pairs, 60_000)
    world.runFor(QUIET_MS)
    const circuits = clients.reduce((sum, { program }) => sum + program.load.circuits, 0)
    const sessions = this.#sessions()
    this.#net.shutDown()
    return {
      pairs,
      dialMs: this.#dials.percentiles(),
      failures: this.#failures,
      delivery: observer.report(),
      ...sessions,
      circuits,
      trace: world.trace.digest(),
      leftovers: world.leftovers(),
    }
  }

  #dialAll(): void {
    const { dialsEach, apartMs, everyMs } = this.#options
    const { world, clients } = this.#net
    const rng = world.rng.fork('dials')
    let pair = 0
    for (let apart = 1; apart <= dialsEach / 2; apart += 1) {
      clients.forEach((one, number) => {
        const other = at(clients, number + apart)
        const startMs = pair * everyMs
        world.after(startMs + rng.between(0, apartMs), () => this.#dial(one, other))
        world.after(startMs + rng.between(0, apartMs), () => this.#dial(other, one))
        pair += 1
      })
    }
  }

  #dial(from: Member, to: Member): void {
    const { world, observer } = this.#net
    const startedAtMs = world.nowMs
    const number = observer.sent(from.node.name, to.node.name, startedAtMs)
    const peer = to.program.key
    from.node.enqueue(() => {
      from.program.dial(peer, answer => {
        if (answer.kind === 'done') this.#dials.add(world.nowMs - startedAtMs)
        else this.#failures.push(answer.failure.code)
        this.#settled += 1
      })
      from.program.send(peer, numberedMessage(number, 100), answer => {
        if (answer.kind === 'done') observer.confirmed()
        else this.#failures.push(answer.failure.code)
        this.#settled += 1
      })
    })
  }

  #sessions(): Pick<SimultaneousDialsReport, 'peersUp' | 'peersDown' | 'sidesUpOnce'> {
    let [peersUp, peersDown, sidesUpOnce] = [0, 0, 0]
    for (const { events } of this.#net.clients) {
      const ups = new Map<KeyId, number>()
      for (const { event } of events) {
        if (event.kind === 'peerUp') ups.set(event.peer, (ups.get(event.peer) ?? 0) + 1)
        if (event.kind === 'peerDown') peersDown += 1
      }
      for (const count of ups.values()) {
        peersUp += count
        if (count === 1) sidesUpOnce += 1
      }
    }
    return { peersUp, peersDown, sidesUpOnce }
  }
}

function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T
}
