// One simulated computer: a clock of its own, a disk that survives restarts, addresses it listens on, and
// at most one running program (a SimHost and the HostEvents built over it). Its event loop runs one task at
// a time and can be frozen; after a stall timers run before waiting messages, as in Node and browsers.

import type { AcceptedChannel, Host } from '../shared/node/host.ts'
import type { ScheduledEvent } from './event-queue.ts'
import type { Rng } from './rng.ts'
import type { ProgramEvents } from './sim-host.ts'
import { SimHost } from './sim-host.ts'
import type { Nat } from './sim-rtc.ts'
import type { World } from './world.ts'

/** Starts a program on a node. `saved` is what earlier runs kept with `Host.save`. */
export type Program = (host: Host, saved: ReadonlyMap<string, Uint8Array>) => ProgramEvents

export interface NodeOptions {
  /** Makes it a server: the channel every incoming link is announced with; `origins` are its addresses. */
  readonly listen?: AcceptedChannel
  /** Wall clock error. */
  readonly skewMs?: number
}

/** Writes that can be lost. */
const MAX_REPLACED = 64

export class SimNode {
  readonly number: number
  readonly name: string
  readonly world: World
  readonly rng: Rng
  readonly listen: AcceptedChannel | undefined
  readonly disk = new Map<string, Uint8Array>()
  /** What the last writes replaced, oldest first, for a disk that turns out not to have taken them. */
  readonly replaced: (readonly [key: string, before: Uint8Array | undefined])[] = []
  isDiskWorking = true
  /** Wall clock error, in milliseconds; may be changed while running. */
  skewMs: number
  /** Timers fire at multiples of this, as in a hidden browser tab; 0 = on time. */
  timerGridMs = 0
  /** What is between this computer and the others. */
  nat: Nat = 'open'
  /** `false` after a power cut, until the next boot. */
  isUp = true

  /** The monotonic clock starts anywhere, so that nobody compares two of them. */
  readonly #bootOffsetMs: number
  #host: SimHost | undefined
  #backlog: (() => void)[] = []
  #isRunning = false
  #thaw: ScheduledEvent | undefined

  constructor(world: World, number: number, name: string, options: NodeOptions) {
    this.world = world
    this.number = number
    this.name = name
    this.rng = world.rng.fork(`node/${name}`)
    this.listen = options.listen
    this.skewMs = options.skewMs ?? 0
    this.#bootOffsetMs = this.rng.below(1_000_000)
  }

  get host(): SimHost | undefined {
    return this.#host
  }

  get isFrozen(): boolean {
    return this.#thaw !== undefined
  }

  /** Monotonic clock of this computer. */
  get monotonicMs(): number {
    return this.world.nowMs + this.#bootOffsetMs
  }

  /** World time at which this computer's monotonic clock shows `at`. */
  toWorldMs(at: number): number {
    return at - this.#bootOffsetMs
  }

  /** Writes to the disk, or (`undefined`) erases. */
  write(key: string, value: Uint8Array | undefined): void {
    this.replaced.push([key, this.disk.get(key)])
    if (this.replaced.length > MAX_REPLACED) this.replaced.shift()
    if (value === undefined) this.disk.delete(key)
    else this.disk.set(key, value)
  }

  /** Runs a program; the one that ran before must have been killed or shut down. */
  boot(program: Program): void {
    if (this.#host !== undefined) throw new Error(`${this.name} runs already.`)
    this.isUp = true
    const host = new SimHost(this)
    this.#host = host
    this.world.trace.add(this.world.nowMs, this.number, 'boot', 0)
    host.attach(program(host, new Map(this.disk)))
  }

  /** Takes the program down: links die with a word to their other ends, or (`silent`: power cut) without. */
  kill(options: { readonly silent?: boolean } = {}): void {
    const isSilent = options.silent ?? false
    this.world.trace.add(this.world.nowMs, this.number, 'kill', isSilent ? 1 : 0)
    if (isSilent) this.isUp = false
    this.#endStall()
    this.#backlog = []
    this.#host?.destroy(isSilent)
    this.#host = undefined
  }

  /** One task of the event loop: now, or when the current one or a stall is over. */
  enqueue(task: () => void): void {
    if (this.#isRunning || this.isFrozen) this.#backlog.push(task)
    else this.#runAll(task)
  }

  /** The event loop stalls: a long computation, a suspended laptop or tab. Links stay. */
  freeze(forMs: number): void {
    this.#endStall()
    this.#thaw = this.world.queue.schedule(this.world.nowMs + forMs, () => {
      this.#thaw = undefined
      this.#runAll(() => this.#host?.fireDueTimer())
    })
  }

  #endStall(): void {
    if (this.#thaw !== undefined) this.world.queue.cancel(this.#thaw)
    this.#thaw = undefined
  }

  #runAll(first: () => void): void {
    this.#isRunning = true
    try {
      first()
      let task = this.#backlog.shift()
      while (task !== undefined) {
        task()
        if (this.isFrozen) return
        task = this.#backlog.shift()
      }
    } finally {
      this.#isRunning = false
    }
  }
}
