// What is done about services (docs/PROTOCOL.md 10): advertisements are stored where their topic lies, and
// collected from there for those who ask.

import { tryDecode } from '../bytes/try-decode.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { Time } from '../machine/machine.ts'
import { storeServiceBody } from '../wire/dht-bodies.ts'
import { decodeService, serviceTopic, verifyService } from '../wire/service.ts'
import type { DhtId } from './contact.ts'
import type { DhtEffect, QueryId } from './dht-effects.ts'
import type { Asker } from './dht-requests.ts'
import type { Nearness } from './nearness.ts'
import type { Queries, QueryEffect } from './queries.ts'
import { ServiceSearch } from './service-search.ts'
import type { ServiceStore } from './service-store.ts'
import type { StoreRounds } from './store-rounds.ts'
import type { StoreVerdict } from './store-verdict.ts'
import { refusal } from './store-verdict.ts'

export interface ServiceJobsConfig {
  readonly suite: CryptoSuite
  readonly net: Uint8Array
  readonly services: ServiceStore
  readonly nearness: Nearness
  readonly queries: Queries
  readonly rounds: StoreRounds
}

type Job =
  | { readonly kind: 'find'; readonly query: QueryId; readonly search: ServiceSearch }
  | { readonly kind: 'spread'; readonly bytes: Uint8Array }

export class ServiceJobs {
  readonly #config: ServiceJobsConfig
  readonly #jobs = new Map<number, Job>()
  readonly #effects = new EffectQueue<DhtEffect>()

  constructor(config: ServiceJobsConfig) {
    this.#config = config
  }

  /**
   * Keeps an advertisement if its topic lies here, and stores it where it lies. That it does not lie here is
   * no refusal. Never throws.
   */
  advertise(time: Time, bytes: Uint8Array, from: Asker): StoreVerdict {
    const topic = this.#topicOf(bytes)
    if (topic === undefined) return refusal('INVALID_RECORD', 'the advertisement is malformed')
    const verdict = this.#judge(time, bytes, topic, from)
    if (verdict !== 'stored') return verdict
    this.#start(time, topic, { kind: 'spread', bytes: bytes.slice() })
    return 'stored'
  }

  /** Ends in one `foundServices` for `query`. */
  find(time: Time, topic: DhtId, query: QueryId): void {
    const { suite, net, services } = this.#config
    const search = new ServiceSearch(suite, net, topic)
    search.take(time.unixMs, services.get(time, topic))
    this.#start(time, topic, { kind: 'find', query, search })
  }

  /** @returns whether it was about one of these jobs */
  onQuery(effect: QueryEffect): boolean {
    const job = this.#jobs.get(effect.query)
    if (job === undefined || effect.kind !== 'done') return job !== undefined
    this.#jobs.delete(effect.query)
    if (job.kind === 'find') {
      const { query, search } = job
      this.#effects.push({ kind: 'foundServices', query, ads: search.found, isFinal: true })
    } else {
      const targets = effect.lookup?.closest ?? []
      this.#config.rounds.start({
        method: 'storeService',
        body: storeServiceBody(job.bytes),
        targets,
      })
    }
    return true
  }

  poll(): DhtEffect | undefined {
    return this.#effects.shift()
  }

  /** What is false goes no further, whether or not the topic lies here. */
  #judge(time: Time, bytes: Uint8Array, topic: DhtId, { key, network }: Asker): StoreVerdict {
    const { suite, net, services, nearness } = this.#config
    if (nearness.isNear(topic)) {
      return services.offer(time, bytes, { isNear: true, source: key, network })
    }
    const verdict = verifyService(suite, decodeService(bytes), { unixMs: time.unixMs, net })
    return verdict === 'valid' ? 'stored' : refusal('INVALID_RECORD', verdict)
  }

  #start(time: Time, target: DhtId, job: Job): void {
    const goal =
      job.kind === 'find'
        ? ({ kind: 'services', search: job.search } as const)
        : ({ kind: 'nodes' } as const)
    this.#jobs.set(this.#config.queries.start(time, { target, goal, isBackground: false }), job)
  }

  #topicOf(bytes: Uint8Array): DhtId | undefined {
    const signed = tryDecode(() => decodeService(bytes))
    return signed && serviceTopic(this.#config.suite, signed.ad.name)
  }
}
