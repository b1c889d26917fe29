// The lookups that run (docs/PROTOCOL.md 4.3): turns their steps into calls and answers into their news. Those
// that people wait for start at once as far as the cap goes; those of upkeep and repair a few at a time.
// What is looked for, and what becomes of it, is for the owner.

import type { CborMap } from '../bytes/cbor.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../identity/node-id.ts'
import { BoundedQueue } from '../machine/bounded-queue.ts'
import { DeadlineHeap } from '../machine/deadline-heap.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { Time } from '../machine/machine.ts'
import type { WireContact } from '../wire/dht-bodies.ts'
import {
  findNodeBody,
  findRecordBody,
  findServicesBody,
  readFindNodeAnswer,
  readFindRecordAnswer,
  readFindServicesAnswer,
} from '../wire/dht-bodies.ts'
import {
  DHT_MAX_BACKGROUND_QUERIES,
  DHT_MAX_QUERIES,
  DHT_MAX_WAITING_QUERIES,
} from '../wire/limits.ts'
import type { CallOwner, CallTable } from './call-table.ts'
import type { Contact, DhtId, DhtIds } from './contact.ts'
import type { CallAnswer } from './dht-effects.ts'
import type { DhtParameters } from './dht-parameters.ts'
import { RegionLookup } from './region-lookup.ts'
import type { RoutingTable } from './routing-table.ts'
import type { ServiceSearch } from './service-search.ts'
import type { SizeEstimate } from './size-estimate.ts'
import type { ValueSearch } from './value-search.ts'

export type Goal =
  | { readonly kind: 'nodes' }
  | { readonly kind: 'value'; readonly search: ValueSearch; readonly isRepair: boolean }
  | { readonly kind: 'services'; readonly search: ServiceSearch }

export interface QuerySpec {
  readonly target: DhtId
  readonly goal: Goal
  /** Nobody waits for it. */
  readonly isBackground: boolean
}

export type QueryEffect =
  /** A better value was found, before the end. */
  | { readonly kind: 'better'; readonly query: number }
  /** @param lookup `undefined` when there was no room to run it */
  | { readonly kind: 'done'; readonly query: number; readonly lookup: RegionLookup | undefined }

export interface QueriesConfig {
  readonly parameters: DhtParameters
  readonly ownKey: KeyId
  readonly ids: DhtIds
  readonly table: RoutingTable
  readonly size: SizeEstimate
  readonly calls: CallTable
}

interface Running {
  readonly query: number
  readonly spec: QuerySpec
  readonly lookup: RegionLookup
}

interface Waiting {
  readonly query: number
  readonly spec: QuerySpec
}

export class Queries {
  readonly #config: QueriesConfig
  readonly #running = new Map<number, Running>()
  readonly #waiting = new BoundedQueue<Waiting>({ maxItems: DHT_MAX_WAITING_QUERIES })
  readonly #waitingBehind = new BoundedQueue<Waiting>({ maxItems: DHT_MAX_WAITING_QUERIES })
  readonly #deadlines = new DeadlineHeap<number>()
  readonly #effects = new EffectQueue<QueryEffect>()
  #background = 0
  #nextId = 1

  constructor(config: QueriesConfig) {
    this.#config = config
  }

  /** Whether one more that nobody waits for would start at once. */
  get hasBackgroundRoom(): boolean {
    return this.#background < DHT_MAX_BACKGROUND_QUERIES && this.#waitingBehind.length === 0
  }

  /** Ends in one `done`, also when there is nobody to ask. */
  start(time: Time, spec: QuerySpec): number {
    const query = this.#nextId++
    const queue = spec.isBackground ? this.#waitingBehind : this.#waiting
    if (!queue.push({ query, spec })) {
      this.#effects.push({ kind: 'done', query, lookup: undefined })
    }
    this.#startWaiting(time)
    return query
  }

  answer(
    time: Time,
    owner: Extract<CallOwner, { kind: 'query' }>,
    key: KeyId,
    answer: CallAnswer,
  ): void {
    const running = this.#running.get(owner.query)
    if (running === undefined) return
    const nodes =
      answer.kind === 'ok' ? this.#take(time, running, owner, key, answer.body) : undefined
    const { part } = owner
    const network = answer.kind === 'ok' ? answer.network : undefined
    if (nodes === undefined) running.lookup.failed(part, key)
    else running.lookup.answered(time.now, { part, key, network }, nodes)
    this.#advance(time, running)
  }

  timeout(time: Time): void {
    let query = this.#deadlines.takeExpired(time.now)
    for (; query !== undefined; query = this.#deadlines.takeExpired(time.now)) {
      const running = this.#running.get(query)
      if (running !== undefined) this.#advance(time, running)
    }
  }

  nextTimeout(): number | undefined {
    return this.#deadlines.next()
  }

  poll(): QueryEffect | undefined {
    return this.#effects.shift()
  }

  #startWaiting(time: Time): void {
    while (this.#running.size < DHT_MAX_QUERIES) {
      const next = this.#waiting.shift() ?? this.#takeBehind()
      if (next === undefined) return
      this.#run(time, next)
    }
  }

  #takeBehind(): Waiting | undefined {
    return this.#background < DHT_MAX_BACKGROUND_QUERIES ? this.#waitingBehind.shift() : undefined
  }

  #run(time: Time, { query, spec }: Waiting): void {
    const { parameters, ownKey, table, size } = this.#config
    const lookup = new RegionLookup(parameters, spec.target, {
      now: time.now,
      ownKey,
      region: parameters.coversRegion ? size.region : undefined,
      seeds: target => table.closest(target, parameters.k),
    })
    const running = { query, spec, lookup }
    this.#running.set(query, running)
    if (spec.isBackground) this.#background++
    this.#advance(time, running)
  }

  /** Makes the calls that a lookup wants now, and ends it when it is done. */
  #advance(time: Time, running: Running): void {
    const { query, spec, lookup } = running
    for (let step = lookup.next(time.now); step !== undefined; step = lookup.next(time.now)) {
      const { contact, part, aside } = step
      const owner = { kind: 'query', query, part, isAside: aside !== undefined } as const
      if (aside !== undefined) {
        this.#config.calls.call(contact, 'findNode', findNodeBody(aside), owner)
      } else this.#ask(contact, spec, owner)
    }
    const nextMs = lookup.nextTimeout()
    if (nextMs !== undefined) this.#deadlines.set(query, nextMs)
    if (!lookup.isDone) return
    this.#deadlines.delete(query)
    this.#running.delete(query)
    if (spec.isBackground) this.#background--
    this.#effects.push({ kind: 'done', query, lookup })
    this.#startWaiting(time)
  }

  #ask(contact: Contact, { target, goal }: QuerySpec, owner: CallOwner): void {
    const { calls } = this.#config
    switch (goal.kind) {
      case 'nodes':
        calls.call(contact, 'findNode', findNodeBody(target), owner)
        return
      case 'value': {
        const body = findRecordBody(publicKeyOf(goal.search.key), goal.isRepair)
        calls.call(contact, 'findRecord', body, owner)
        return
      }
      case 'services':
        calls.call(contact, 'findServices', findServicesBody(target), owner)
    }
  }

  /** @returns whom it named; `undefined` when its answer is malformed */
  #take(
    time: Time,
    { query, spec: { goal } }: Running,
    { isAside }: Extract<CallOwner, { kind: 'query' }>,
    from: KeyId,
    body: CborMap,
  ): Contact[] | undefined {
    try {
      if (isAside || goal.kind === 'nodes') return this.#contacts(readFindNodeAnswer(body))
      if (goal.kind === 'services') {
        const { nodes, ads } = readFindServicesAnswer(body)
        goal.search.take(time.unixMs, ads)
        return this.#contacts(nodes)
      }
      const { nodes, value } = readFindRecordAnswer(body)
      if (goal.search.take(time.unixMs, from, value)) this.#effects.push({ kind: 'better', query })
      return this.#contacts(nodes)
    } catch (error) {
      if (error instanceof DecodeError) return undefined
      throw error
    }
  }

  /** At the address that we know to be right, where we know one. */
  #contacts(nodes: readonly WireContact[]): Contact[] {
    const { ids, table } = this.#config
    return nodes.map(({ key, url }) => {
      const keyId = keyIdOf(key)
      return table.get(keyId) ?? ids.contact(keyId, url)
    })
  }
}
