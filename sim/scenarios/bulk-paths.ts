// A long transfer between two clients with the same servers, over lines of different length and width: which server
// carries it, how often that changes, and how much arrives. What is sent waits in the sender, as from any application
// that sends as fast as it may.

import { numberedMessage } from '../testing/numbered.ts'
import type { Topology } from '../topology.ts'
import type { Member } from './server-network.ts'
import { ServerNetwork } from './server-network.ts'

/** Between one of the servers and either client. */
export interface Line {
  /** One way. */
  readonly latencyMs: number
  readonly bytesPerMs: number
}

export interface BulkPathsOptions {
  /** Of each server. */
  readonly lines: readonly Line[]
  readonly forMs: number
}

export interface BulkPathsReport {
  /** The servers that carried data, in order, and from when on in milliseconds of the transfer. */
  readonly carriers: readonly { readonly server: number; readonly fromMs: number }[]
  readonly deliveredBytes: number
  readonly failures: number
  /** What the sender says of the route over each server when it is over. */
  readonly bytesPerS: readonly (number | undefined)[]
}

const PIECE_BYTES = 16_384
/** More than the windows of a path and of a session take: something always waits. */
const PIECES_AHEAD = 256
const LINE = { jitterMs: 2, bufferBytes: 262_144 }
const AMONG_SERVERS = { ...LINE, latencyMs: 5, bytesPerMs: Number.POSITIVE_INFINITY }

/** @throws Error when the clients do not find each other */
export function runBulkPaths(seed: string | number, options: BulkPathsOptions): BulkPathsReport {
  return new BulkPaths(seed, options).run()
}

class BulkPaths {
  readonly #options: BulkPathsOptions
  readonly #net: ServerNetwork
  readonly #alice: Member
  readonly #bob: Member
  #failures = 0

  constructor(seed: string | number, options: BulkPathsOptions) {
    this.#options = options
    const { lines } = options
    this.#net = new ServerNetwork(seed, { servers: lines.length, topology: topologyOf(lines) })
    this.#net.startServers()
    this.#alice = this.#net.addClient(this.#net.servers)
    this.#bob = this.#net.addClient(this.#net.servers)
    if (!this.#net.untilOnline()) throw new Error('Some client did not get online.')
    this.#net.world.runFor(10_000)
    if (this.#net.dial(this.#alice, this.#bob).kind !== 'done')
      throw new Error('No way to the peer.')
  }

  run(): BulkPathsReport {
    const { world, observer } = this.#net
    const startedAtMs = world.nowMs
    for (let piece = 0; piece < PIECES_AHEAD; piece += 1) this.#send()
    world.runFor(this.#options.forMs)
    return {
      carriers: this.#carriers(startedAtMs),
      deliveredBytes: observer.confirmedCount * PIECE_BYTES,
      failures: this.#failures,
      bytesPerS: this.#rates(),
    }
  }

  #send(): void {
    const { world, observer } = this.#net
    const { node, program } = this.#alice
    const number = observer.sent(node.name, this.#bob.node.name, world.nowMs)
    const data = numberedMessage(number, PIECE_BYTES)
    node.enqueue(() =>
      program.send(this.#bob.program.key, data, answer => {
        if (answer.kind === 'done') observer.confirmed()
        else this.#failures += 1
        this.#send()
      }),
    )
  }

  #carriers(startedAtMs: number): BulkPathsReport['carriers'] {
    const carriers: { server: number; fromMs: number }[] = []
    for (const { atMs, event } of this.#alice.events) {
      if (event.kind !== 'peerPath' || event.path === undefined) continue
      const server = this.#serverOf(event.path.hops)
      const fromMs = Math.max(0, atMs - startedAtMs)
      if (carriers.at(-1)?.server !== server) carriers.push({ server, fromMs })
    }
    return carriers
  }

  #rates(): (number | undefined)[] {
    const { program } = this.#alice
    const answer = this.#net.ask(this.#alice, onAnswer =>
      program.routes(this.#bob.program.key, onAnswer),
    )
    const routes =
      answer.kind === 'done' && answer.outcome.kind === 'routes' ? answer.outcome.routes : []
    return this.#net.servers.map(({ program: { key } }) => {
      const over = routes.find(({ relays }) => relays.length === 1 && relays[0] === key)
      return over?.metrics.bytesPerS
    })
  }

  #serverOf([first]: readonly string[]): number {
    return this.#net.servers.findIndex(({ program }) => program.key === first)
  }
}

/** Servers are the first nodes of a network, clients the others. */
function topologyOf(lines: readonly Line[]): Topology {
  return (a, b) => {
    const line = lines[Math.min(a, b) - 1]
    const isAmongServers = Math.max(a, b) <= lines.length
    return line === undefined || isAmongServers ? AMONG_SERVERS : { ...LINE, ...line }
  }
}
