// Servers come and go (scenario R1): within ten minutes 30 % of them are replaced by new ones with fresh
// keys and empty tables, which join through a random living one; half of those who leave say nothing. No
// record is published again, and half of them nobody looks up: what keeps those is the holders' repair alone.

import type { DhtServer } from '../dht-server.ts'
import type { LookupReport } from '../lookups.ts'
import { eachRecordFromAnywhere, LookupObserver, lookUpAll } from '../lookups.ts'
import type { RegistryNetOptions } from '../registry-net.ts'
import { RegistryNet } from '../registry-net.ts'
import { trafficSince } from '../traffic.ts'
import { warmStart } from '../warm-start.ts'

export interface ChurnOptions extends RegistryNetOptions {
  readonly servers: number
  readonly records: number
  /** Default: an hour. */
  readonly durationMs?: number
  /** Share of the servers that is replaced within ten minutes; default 0.3. */
  readonly share?: number
  readonly lookupsPerS?: number
}

export interface ChurnReport {
  readonly replaced: number
  /** Made while servers came and went, by servers that had been up for five seconds. */
  readonly during: LookupReport
  /** All records once, afterwards. */
  readonly after: LookupReport
  /** Records that no living server keeps. */
  readonly lost: number
  readonly copies: number
  readonly fewestCopies: number
  /** What one server sends and answers in a second to keep the registry up, lookups taken out. */
  readonly upkeepMessagesPerS: number
  readonly upkeepBytesPerS: number
  readonly trace: string
}

const TEN_MINUTES_MS = 600_000
const PUBLISH_EVERY_MS = 10
/** A server is asked by clients once it has joined; R21 gives it five seconds. */
const JOIN_MS = 5_000

export function runChurn(seed: string | number, options: ChurnOptions): ChurnReport {
  const { servers, records, durationMs = 3_600_000, share = 0.3, lookupsPerS = 2 } = options
  const net = new RegistryNet(seed, options)
  net.addServers(servers)
  warmStart(net.world)
  for (const server of net.honest) net.publishOwn(server)
  net.publishMany(records, records * PUBLISH_EVERY_MS)

  const before = net.world.traffic.count()
  const churn = new Churn(net)
  const endMs = net.world.nowMs + durationMs
  churn.replaceEvery(TEN_MINUTES_MS / (servers * share), endMs)
  churn.lookUpEvery(1_000 / lookupsPerS, endMs)
  net.world.runFor(durationMs)
  const traffic = trafficSince(before, net.world.traffic.count())
  net.world.runFor(30_000)

  const copies = net.copyCounts().sort((a, b) => a - b)
  const after = lookUpAll(net, eachRecordFromAnywhere(net, 'after')).report()
  const during = churn.observer.report()
  const serverSeconds = (servers * durationMs) / 1_000
  const messages = traffic.requests + traffic.responses
  const upkeep = messages - 2 * during.lookups * after.messages.p50
  return {
    replaced: churn.replaced,
    during,
    after,
    lost: copies.filter(count => count === 0).length,
    copies: copies[copies.length >> 1] ?? 0,
    fewestCopies: copies[0] ?? 0,
    upkeepMessagesPerS: upkeep / serverSeconds,
    upkeepBytesPerS: (traffic.bytes * (upkeep / messages)) / serverSeconds,
    trace: net.world.trace.digest(),
  }
}

export function churnFigures(report: ChurnReport) {
  return {
    replaced: report.replaced,
    'found %, meanwhile': report.during.found * 100,
    'found %, afterwards': report.after.found * 100,
    'records lost': report.lost,
    'fewest copies': report.fewestCopies,
    'first ms p95': report.during.firstMs.p95,
    'final ms p50': report.during.finalMs.p50,
    'final ms p95': report.during.finalMs.p95,
    'upkeep messages/s': report.upkeepMessagesPerS,
    'upkeep bytes/s': report.upkeepBytesPerS,
  }
}

/** Figures of which less is worse. */
export const HIGH_IS_BEST = ['found %, meanwhile', 'found %, afterwards', 'fewest copies']

class Churn {
  readonly observer = new LookupObserver()
  replaced = 0
  readonly #net: RegistryNet
  readonly #joinedAtMs = new Map<DhtServer, number>()

  constructor(net: RegistryNet) {
    this.#net = net
  }

  replaceEvery(everyMs: number, untilMs: number): void {
    const { world } = this.#net
    const rng = this.#net.rng.fork('churn')
    const replaceOne = (): void => {
      if (world.nowMs >= untilMs) return
      world.kill(rng.pick(world.living), rng.chance(0.5) ? 'gone' : 'dead')
      const seed = rng.pick(world.living)
      const newcomer = this.#net.addServer()
      this.#joinedAtMs.set(newcomer, world.nowMs)
      this.#net.join(newcomer, [seed])
      this.replaced += 1
      world.after(everyMs, replaceOne)
    }
    world.after(everyMs, replaceOne)
  }

  lookUpEvery(everyMs: number, untilMs: number): void {
    const { world } = this.#net
    const records = this.#net.records.slice(0, this.#net.records.length / 2)
    const rng = this.#net.rng.fork('readers')
    const lookUpOne = (): void => {
      if (world.nowMs >= untilMs) return
      const from = rng.pick(world.living.filter(server => this.#hasJoined(server)))
      const published = rng.pick(records)
      from.find(published.identity.keyId, report => this.observer.ended(from, published, report))
      world.after(everyMs, lookUpOne)
    }
    world.after(everyMs, lookUpOne)
  }

  #hasJoined(server: DhtServer): boolean {
    const joinedAtMs = this.#joinedAtMs.get(server)
    return joinedAtMs === undefined || this.#net.world.nowMs >= joinedAtMs + JOIN_MS
  }
}
