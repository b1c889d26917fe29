// What is done about values (docs/PROTOCOL.md 4.3 to 4.5): found for those who ask, spread when one is
// published here, repaired from time to time. One thing in three forms: look it up everywhere it belongs, and
// store the best where it lacks.

import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { Time } from '../machine/machine.ts'
import { storeRecordBody } from '../wire/dht-bodies.ts'
import { DHT_MAX_WAITERS } from '../wire/limits.ts'
import type { RegistryValue } from '../wire/registry-value.ts'
import type { Contact, DhtIds } from './contact.ts'
import type { DhtEffect, QueryId } from './dht-effects.ts'
import { HeldFinds } from './held-finds.ts'
import type { Queries, QueryEffect } from './queries.ts'
import type { RecordStore } from './record-store.ts'
import type { RegionLookup } from './region-lookup.ts'
import type { StoreRoundEffect, StoreRounds } from './store-rounds.ts'
import { ValueSearch } from './value-search.ts'

export interface ValueJobsConfig {
  readonly suite: CryptoSuite
  readonly net: Uint8Array
  readonly ids: DhtIds
  readonly ownKey: KeyId
  readonly records: RecordStore
  readonly queries: Queries
  readonly rounds: StoreRounds
}

interface FindJob {
  readonly kind: 'find'
  readonly search: ValueSearch
  readonly waiters: QueryId[]
  isValueTold: boolean
}

interface SpreadJob {
  readonly kind: 'spread'
  readonly search: ValueSearch
  readonly published: RegistryValue
}

interface RepairJob {
  readonly kind: 'repair'
  readonly search: ValueSearch
}

type Job = FindJob | SpreadJob | RepairJob

interface Spreading {
  readonly key: KeyId
  readonly isPublished: boolean
  readonly copiesBefore: number
}

/** How many copies there are now, of a value that was brought to where it belongs. */
export interface Spread {
  readonly key: KeyId
  readonly copies: number
}

export class ValueJobs {
  readonly #config: ValueJobsConfig
  readonly #jobs = new Map<number, Job>()
  /** The lookup of each key that somebody waits for. */
  readonly #finds = new Map<KeyId, number>()
  readonly #held = new HeldFinds()
  readonly #spreading = new Map<number, Spreading>()
  readonly #effects = new EffectQueue<DhtEffect>()

  constructor(config: ValueJobsConfig) {
    this.#config = config
  }

  /** Whether who is looked for waits for others to be reached. */
  get isHolding(): boolean {
    return this.#held.isHolding
  }

  /** Until then at most; not at all without. */
  hold(untilMs: number | undefined): void {
    this.#held.until(untilMs)
  }

  /** Whoever was held and is no longer. */
  startHeld(time: Time): void {
    let held = this.#held.release(time.now)
    for (; held !== undefined; held = this.#held.release(time.now)) {
      this.find(time, held.key, held.query)
    }
  }

  nextTimeout(): number | undefined {
    return this.#held.nextTimeout()
  }

  /** Ends in a final `found` for `query`. Those who ask for one key at once share one lookup. */
  find(time: Time, key: KeyId, query: QueryId): void {
    if (this.#held.hold(query, key)) return
    const running = this.#jobs.get(this.#finds.get(key) ?? 0)
    if (running?.kind === 'find') this.#join(running, query)
    else this.#startFind(time, key, query)
  }

  /** Brings what was just published here to where it belongs; ends in `replicated`. */
  spread(time: Time, key: KeyId, published: RegistryValue): void {
    const search = this.#search(key, published)
    this.#start(time, { kind: 'spread', search, published })
  }

  /** Looks whether everybody who should still has what is kept here. */
  repair(time: Time, key: KeyId): void {
    const own = this.#config.records.get(time, key)
    if (own !== undefined) this.#start(time, { kind: 'repair', search: this.#search(key, own) })
  }

  /** Gives one server what is kept here. */
  push(time: Time, key: KeyId, target: Contact): void {
    const value = this.#config.records.bytes(time, key)
    if (value === undefined) return
    const body = storeRecordBody(value)
    this.#config.rounds.start({ method: 'storeRecord', body, targets: [target] })
  }

  /** @returns whether it was about one of these jobs */
  onQuery(time: Time, effect: QueryEffect): boolean {
    const job = this.#jobs.get(effect.query)
    if (job === undefined) return false
    if (effect.kind === 'better') this.#tellFirst(job)
    else {
      this.#jobs.delete(effect.query)
      this.#done(time, job, effect.lookup)
    }
    return true
  }

  onStored({ round, copies: stored }: StoreRoundEffect): Spread | undefined {
    const spreading = this.#spreading.get(round)
    if (spreading === undefined) return undefined
    this.#spreading.delete(round)
    const { key, isPublished, copiesBefore } = spreading
    const copies = copiesBefore + stored
    if (isPublished) this.#effects.push({ kind: 'replicated', key, copies })
    return { key, copies }
  }

  poll(): DhtEffect | undefined {
    return this.#effects.shift()
  }

  #join(job: FindJob, query: QueryId): void {
    const { search, waiters, isValueTold } = job
    const { best: value, answers } = search
    if (waiters.length >= DHT_MAX_WAITERS) {
      this.#effects.push({ kind: 'found', query, value, isFinal: true, answers })
      return
    }
    waiters.push(query)
    if (isValueTold) this.#effects.push({ kind: 'found', query, value, isFinal: false, answers })
  }

  #startFind(time: Time, key: KeyId, query: QueryId): void {
    const search = this.#search(key, this.#config.records.get(time, key))
    const job: FindJob = { kind: 'find', search, waiters: [query], isValueTold: false }
    this.#tellFirst(job)
    this.#finds.set(key, this.#start(time, job))
  }

  #search(key: KeyId, own: RegistryValue | undefined): ValueSearch {
    return new ValueSearch(this.#config.suite, this.#config.net, key, own)
  }

  #start(time: Time, job: Job): number {
    const { ids, queries } = this.#config
    const { search, kind } = job
    const isRepair = kind === 'repair'
    const query = queries.start(time, {
      target: ids.of(search.key),
      goal: { kind: 'value', search, isRepair },
      isBackground: isRepair,
    })
    this.#jobs.set(query, job)
    return query
  }

  #tellFirst(job: Job): void {
    if (job.kind !== 'find' || job.isValueTold || job.search.best === undefined) return
    job.isValueTold = true
    this.#tell(job, false)
  }

  #tell({ search, waiters }: FindJob, isFinal: boolean): void {
    const { best: value, answers } = search
    for (const query of waiters)
      this.#effects.push({ kind: 'found', query, value, isFinal, answers })
  }

  #done(time: Time, job: Job, lookup: RegionLookup | undefined): void {
    const { search, kind } = job
    if (kind === 'find') {
      this.#finds.delete(search.key)
      this.#tell(job, true)
    }
    const best = search.best
    if (best === undefined) return
    this.#keepNewer(time, search.key, best)
    if (kind === 'spread' && job.published.kind === 'record' && best.kind === 'revocation') {
      this.#effects.push({ kind: 'revoked', key: search.key, value: best })
    }
    this.#storeWhereItLacks(job, best, lookup?.closest ?? [])
  }

  /** What we keep is kept up to date; what is not ours to keep is not kept for having been asked for. */
  #keepNewer(time: Time, key: KeyId, best: RegistryValue): void {
    const { records, ownKey } = this.#config
    if (records.bytes(time, key) === undefined) return
    const offer = { isHome: false, isNear: true, source: ownKey }
    records.offer(time, best.signed.bytes, best.kind, offer)
  }

  #storeWhereItLacks({ kind, search }: Job, best: RegistryValue, closest: Contact[]): void {
    const targets = search.lacking(closest)
    const copiesBefore = search.copies(closest)
    if (kind === 'find' && targets.length === 0) return
    const body = storeRecordBody({ kind: best.kind, bytes: best.signed.bytes })
    const round = this.#config.rounds.start({ method: 'storeRecord', body, targets })
    if (kind === 'find') return
    this.#spreading.set(round, { key: search.key, isPublished: kind === 'spread', copiesBefore })
  }
}
