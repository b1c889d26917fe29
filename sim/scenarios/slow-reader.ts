// One sender and many readers of two servers, one of whom reads a kilobyte a second for a while (R8). It must
// cost the others nothing and the servers little, and what it missed must reach it once it reads again.

import type { ErrorCode } from '../../shared/node/mesh-error.ts'
import type { DeliveryReport, Percentiles } from '../observers.ts'
import { Samples } from '../observers.ts'
import type { LinkProfile } from '../sim-link.ts'
import { numberedMessage } from '../testing/numbered.ts'
import type { Leftovers } from '../world.ts'
import type { Member } from './server-network.ts'
import { ServerNetwork } from './server-network.ts'

export interface SlowReaderOptions {
  /** The slow one included. */
  readonly readers: number
  /** Whether it is slow at all. */
  readonly isSlow: boolean
  /** What the slow one is sent at once as it becomes slow. */
  readonly backlogBytes: number
  /** To each of the others, one after the other. */
  readonly messages: number
}

export interface SlowReaderReport {
  /** From send to confirmation, of messages to the others. */
  readonly othersMs: Percentiles
  readonly delivery: DeliveryReport
  /** Of messages to the slow reader. */
  readonly failures: readonly ErrorCode[]
  /** Of messages to the slow reader that were sent after it recovered. */
  readonly confirmedAfter: number
  /** Of its links, how many ended while it was slow: servers let go of who does not read. */
  readonly linksCut: number
  /** Of others' links. */
  readonly othersCut: number
  readonly trace: string
  readonly leftovers: Leftovers
}

const LATENCY_MS = 25
const SLOW_BYTES_PER_MS = 1
const USUAL_BYTES_PER_MS = 2_500
const SLOW_MS = 60_000
/** What is under way as it recovers keeps the speed at which it left. */
const RECOVERY_MS = 400_000
const PIECE_BYTES = 16_384
const MESSAGE_BYTES = 1_000
const SEND_EVERY_MS = 200
/** Messages to it once it reads as usual again. */
const AFTERWARDS = 10

export function runSlowReader(seed: string | number, options: SlowReaderOptions): SlowReaderReport {
  return new SlowReader(seed, options).run()
}

class SlowReader {
  readonly #options: SlowReaderOptions
  readonly #net: ServerNetwork
  readonly #sender: Member
  readonly #readers: readonly Member[]
  readonly #slowLine = line()
  readonly #others = new Samples()
  readonly #failures: ErrorCode[] = []
  #confirmedAfter = 0

  /** @throws Error when a client does not get online */
  constructor(seed: string | number, options: SlowReaderOptions) {
    this.#options = options
    // Nodes are numbered from 1: two servers, the sender, the slow reader, the others.
    const usual = line()
    const topology = (a: number, b: number): LinkProfile =>
      Math.max(a, b) === 4 ? this.#slowLine : usual
    this.#net = new ServerNetwork(seed, { servers: 2, topology })
    this.#net.startServers()
    this.#net.world.runFor(2_000)
    this.#sender = this.#net.addClient(this.#net.servers)
    this.#readers = Array.from({ length: options.readers }, () =>
      this.#net.addClient(this.#net.servers),
    )
    if (!this.#net.untilOnline()) throw new Error('Some client did not get online.')
    this.#net.world.runFor(2_000)
    for (const reader of this.#readers) this.#net.dial(this.#sender, reader)
  }

  run(): SlowReaderReport {
    const { world, observer } = this.#net
    const { backlogBytes, isSlow } = this.#options
    const [slow, ...others] = this.#readers as [Member, ...Member[]]
    const links = new Map(this.#net.clients.map(one => [one, new Set(world.linksOf(one.node))]))
    if (isSlow) this.#slowLine.bytesPerMs = SLOW_BYTES_PER_MS
    for (let sent = 0; sent < backlogBytes; sent += PIECE_BYTES) {
      this.#send(slow, PIECE_BYTES, () => {})
    }
    for (const other of others) this.#talk(other, this.#options.messages)
    world.runFor(SLOW_MS)
    const cutOf = (member: Member): number => {
      const left = new Set(world.linksOf(member.node))
      return [...(links.get(member) ?? [])].filter(link => !left.has(link)).length
    }
    const linksCut = cutOf(slow)
    const othersCut = others.reduce((sum, other) => sum + cutOf(other), cutOf(this.#sender))
    this.#slowLine.bytesPerMs = USUAL_BYTES_PER_MS
    world.runFor(RECOVERY_MS)
    for (let i = 0; i < AFTERWARDS; i += 1) {
      this.#send(slow, MESSAGE_BYTES, () => {
        this.#confirmedAfter += 1
      })
    }
    world.runFor(10_000)
    const delivery = observer.report()
    this.#net.shutDown()
    return {
      othersMs: this.#others.percentiles(),
      delivery,
      failures: this.#failures,
      confirmedAfter: this.#confirmedAfter,
      linksCut,
      othersCut,
      trace: world.trace.digest(),
      leftovers: world.leftovers(),
    }
  }

  #talk(to: Member, left: number): void {
    const { world } = this.#net
    if (left === 0) return
    world.after(to.node.rng.between(0, 2 * SEND_EVERY_MS), () => {
      const sentAtMs = world.nowMs
      this.#send(to, MESSAGE_BYTES, () => this.#others.add(world.nowMs - sentAtMs))
      this.#talk(to, left - 1)
    })
  }

  #send(to: Member, bytes: number, onConfirmed: () => void): void {
    const { observer, world } = this.#net
    const { node, program } = this.#sender
    const number = observer.sent(node.name, to.node.name, world.nowMs)
    node.enqueue(() =>
      program.send(to.program.key, numberedMessage(number, bytes), answer => {
        if (answer.kind === 'failed') this.#failures.push(answer.failure.code)
        else onConfirmed()
      }),
    )
  }
}

function line(): { -readonly [Key in keyof LinkProfile]: LinkProfile[Key] } {
  return {
    latencyMs: LATENCY_MS,
    jitterMs: 5,
    bytesPerMs: USUAL_BYTES_PER_MS,
    bufferBytes: 65_536,
  }
}
