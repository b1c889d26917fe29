// What a server of the registry does unasked (docs/PROTOCOL.md 4.2, 4.5): upkeep of its table, repair of what
// it keeps, pushes to new neighbours. Begins what is due as far as there is room beside what people wait for.

import { earliest } from '../machine/earliest.ts'
import type { Time } from '../machine/machine.ts'
import type { Queries, QueryEffect } from './queries.ts'
import type { Replication } from './replication.ts'
import type { RoutingTable } from './routing-table.ts'
import type { StoreRounds } from './store-rounds.ts'
import type { Upkeep, UpkeepLookup } from './upkeep.ts'
import type { ValueJobs } from './value-jobs.ts'

export interface BackgroundConfig {
  /** Copies that a value is to have. */
  readonly k: number
  readonly upkeep: Upkeep
  readonly replication: Replication
  readonly table: RoutingTable
  readonly queries: Queries
  readonly values: ValueJobs
}

export class Background {
  readonly #config: BackgroundConfig
  readonly #lookups = new Map<number, UpkeepLookup>()

  constructor(config: BackgroundConfig) {
    this.#config = config
  }

  begin(time: Time): void {
    this.#beginUpkeep(time)
    this.#beginRepairs(time)
    this.#beginPushes(time)
  }

  /** A lookup that `begin` may have started. */
  onQuery({ now }: Time, news: QueryEffect): void {
    const lookup = this.#lookups.get(news.query)
    if (lookup === undefined || news.kind !== 'done') return
    this.#lookups.delete(news.query)
    this.#config.upkeep.finished(now, lookup, news.lookup?.kthDistance)
  }

  /** What stores came to. Too few copies are too few only where we know of more servers. */
  takeStored({ now }: Time, rounds: StoreRounds): void {
    const { k, replication, table, values } = this.#config
    for (let news = rounds.poll(); news !== undefined; news = rounds.poll()) {
      const spread = values.onStored(news)
      if (spread === undefined) continue
      replication.spread(now, spread.key, spread.copies < Math.min(k, table.size) / 2)
    }
  }

  /** While there is no room nothing is due: the end of what runs is an input of its own. */
  nextTimeout(): number | undefined {
    const { queries, upkeep, replication } = this.#config
    if (!queries.hasBackgroundRoom) return undefined
    return earliest(upkeep.nextTimeout(), replication.nextTimeout())
  }

  #beginUpkeep(time: Time): void {
    const { queries, upkeep } = this.#config
    while (queries.hasBackgroundRoom) {
      const lookup = upkeep.next(time.now)
      if (lookup === undefined) return
      const { target } = lookup
      const query = queries.start(time, { target, goal: { kind: 'nodes' }, isBackground: true })
      this.#lookups.set(query, lookup)
    }
  }

  #beginRepairs(time: Time): void {
    const { queries, replication, values } = this.#config
    while (queries.hasBackgroundRoom) {
      const key = replication.due(time.now)
      if (key === undefined) return
      values.repair(time, key)
    }
  }

  #beginPushes(time: Time): void {
    const { replication, table, values } = this.#config
    for (;;) {
      const push = replication.pushDue(time.now)
      if (push === undefined) return
      const target = table.get(push.contact)
      if (target !== undefined) values.push(time, push.key, target)
    }
  }
}
