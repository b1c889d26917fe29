// Many lookups in a simulated registry, one at a time per asking server so that each can be measured, and
// what they cost: rounds, messages and virtual milliseconds, and whether the newest value came.

import type { Percentiles } from '../observers.ts'
import { Samples } from '../observers.ts'
import type { DhtServer, FindReport } from './dht-server.ts'
import type { Published, RegistryNet } from './registry-net.ts'
import { isNewest } from './registry-net.ts'

export interface LookupReport {
  readonly lookups: number
  /** Share that ended with the newest value. */
  readonly found: number
  readonly failed: number
  readonly rounds: Percentiles
  readonly messages: Percentiles
  /** Until the first value, of lookups that found one. */
  readonly firstMs: Percentiles
  /** Until all paths had finished. */
  readonly finalMs: Percentiles
}

export class LookupObserver {
  readonly #rounds = new Samples()
  readonly #messages = new Samples()
  readonly #firstMs = new Samples()
  readonly #finalMs = new Samples()
  /** Records that a lookup did not find, with the server that asked. */
  readonly missed: { readonly from: DhtServer; readonly published: Published }[] = []

  ended(from: DhtServer, published: Published, report: FindReport): void {
    this.#rounds.add(report.rounds)
    this.#messages.add(report.messages)
    this.#finalMs.add(report.finalMs)
    if (report.firstMs !== undefined) this.#firstMs.add(report.firstMs)
    if (!isNewest(published, report.value)) this.missed.push({ from, published })
  }

  get count(): number {
    return this.#finalMs.count
  }

  report(): LookupReport {
    return {
      lookups: this.count,
      found: 1 - this.missed.length / Math.max(1, this.count),
      failed: this.missed.length,
      rounds: this.#rounds.percentiles(),
      messages: this.#messages.percentiles(),
      firstMs: this.#firstMs.percentiles(),
      finalMs: this.#finalMs.percentiles(),
    }
  }
}

export interface LookupTask {
  readonly from: DhtServer
  readonly published: Published
}

/** Runs the world until all are done: those of one server in a row, servers side by side. */
export function lookUpAll(
  net: RegistryNet,
  tasks: readonly LookupTask[],
  withinMs = 600_000,
): LookupObserver {
  const observer = new LookupObserver()
  const queues = new Map<DhtServer, LookupTask[]>()
  for (const task of tasks) {
    const queue = queues.get(task.from)
    if (queue === undefined) queues.set(task.from, [task])
    else queue.push(task)
  }
  const next = (from: DhtServer, queue: LookupTask[]): void => {
    const task = queue.shift()
    if (task === undefined) return
    from.find(task.published.identity.keyId, report => {
      observer.ended(from, task.published, report)
      // Not within the answer that ended the last one, whose rounds it would count on.
      net.world.after(0, () => next(from, queue))
    })
  }
  for (const [from, queue] of queues) next(from, queue)
  const areDone = () => observer.count >= tasks.length
  if (!net.world.runUntil(areDone, withinMs)) {
    throw new Error(`${tasks.length - observer.count} lookups never ended.`)
  }
  return observer
}

/** Every record once, each from a random one of the askers. */
export function eachRecordFromAnywhere(
  net: RegistryNet,
  label: string,
  askers: readonly DhtServer[] = net.honest,
): LookupTask[] {
  const rng = net.rng.fork(label)
  return net.records.map(published => ({ from: rng.pick(askers), published }))
}

/** `count` pairs of a random record and a random one of the askers. */
export function randomLookups(
  net: RegistryNet,
  label: string,
  count: number,
  askers: readonly DhtServer[] = net.honest,
): LookupTask[] {
  const rng = net.rng.fork(label)
  return Array.from({ length: count }, () => ({
    from: rng.pick(askers),
    published: rng.pick(net.records),
  }))
}
