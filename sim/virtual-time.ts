// The clock of a simulated world and what happens at which time: runs the events one after the other, as fast as the
// machine allows. Knows nothing of what they do.

import { EventQueue } from './event-queue.ts'

/** Events without any progress of the clock after which a run is taken for a livelock. */
const MAX_EVENTS_PER_INSTANT = 1_000_000

export class VirtualTime {
  readonly seed: string | number
  readonly queue = new EventQueue()
  #nowMs = 0
  #eventsNow = 0

  /** @param seed named when a run does not get on */
  constructor(seed: string | number) {
    this.seed = seed
  }

  /** Virtual milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** Runs `task` later, outside of any node. */
  after(delayMs: number, task: () => void): void {
    this.queue.schedule(this.#nowMs + delayMs, task)
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
}
