// A lookup of a place and of the region around it (docs/PROTOCOL.md 4.4). Usually just the lookup; where the
// nearest look ground, lookups of the pieces of the region follow, and whom these find is asked too.

import type { KeyId } from '../identity/node-id.ts'
import { earliest } from '../machine/earliest.ts'
import type { Contact, DhtId } from './contact.ts'
import type { LookupParameters, LookupStats } from './lookup.ts'
import { Lookup } from './lookup.ts'
import { isCrowded, sweepTargets } from './region-sweep.ts'
import type { RegionEstimate } from './size-estimate.ts'

export interface RegionLookupOptions {
  readonly now: number
  readonly ownKey: KeyId
  readonly region: RegionEstimate | undefined
  /** Whom we know near to an id. */
  readonly seeds: (target: DhtId) => readonly Contact[]
}

export interface Step {
  readonly contact: Contact
  /** To be handed back with the answer. */
  readonly part: number
  /** Ask for servers near to this place, and not the question of the lookup. */
  readonly aside: DhtId | undefined
}

/** Who answered. */
export interface Answerer {
  readonly part: number
  readonly key: KeyId
  /** From which the answer came; `undefined` counts toward no cap. */
  readonly network: string | undefined
}

interface Part {
  readonly lookup: Lookup
  readonly aside: DhtId | undefined
}

export class RegionLookup {
  readonly #parameters: LookupParameters
  readonly #target: DhtId
  readonly #options: RegionLookupOptions
  readonly #main: Lookup
  readonly #parts: Part[]
  #stage: 'main' | 'sweep' | 'rest' | 'done' = 'main'

  constructor(parameters: LookupParameters, target: DhtId, options: RegionLookupOptions) {
    this.#parameters = parameters
    this.#target = target
    this.#options = options
    this.#main = new Lookup(parameters, target, options.seeds(target), options)
    this.#parts = [{ lookup: this.#main, aside: undefined }]
  }

  get isDone(): boolean {
    return this.#stage === 'done'
  }

  get closest(): Contact[] {
    return this.#main.closest
  }

  get kthDistance(): number {
    return this.#main.kthDistance
  }

  get stats(): LookupStats {
    let [rounds, messages] = [0, 0]
    for (const { lookup } of this.#parts) {
      rounds = Math.max(rounds, lookup.stats.rounds)
      messages += lookup.stats.messages
    }
    return { rounds, messages }
  }

  /** Whom to ask what now. Call until `undefined`, after every input. */
  next(now: number): Step | undefined {
    while (this.#stage !== 'done') {
      for (const [part, { lookup, aside }] of this.#parts.entries()) {
        const contact = lookup.next(now)
        if (contact !== undefined) return { contact, part, aside }
      }
      if (!this.#parts.every(({ lookup }) => lookup.isDone)) return undefined
      this.#advance()
    }
    return undefined
  }

  answered(now: number, { part, key, network }: Answerer, nodes: readonly Contact[]): void {
    this.#parts[part]?.lookup.answered(now, key, nodes, network)
  }

  failed(part: number, key: KeyId): void {
    this.#parts[part]?.lookup.failed(key)
  }

  nextTimeout(): number | undefined {
    if (this.#stage === 'done') return undefined
    return earliest(...this.#parts.map(({ lookup }) => lookup.nextTimeout()))
  }

  #advance(): void {
    const { region } = this.#options
    if (this.#stage === 'main' && region && isCrowded(this.#main.kthDistance, region)) {
      this.#sweep(region)
      this.#stage = 'sweep'
    } else if (this.#stage === 'sweep') {
      this.#main.extend(this.#parts.slice(1).flatMap(({ lookup }) => lookup.closest))
      this.#stage = 'rest'
    } else this.#stage = 'done'
  }

  #sweep(region: RegionEstimate): void {
    const { now, ownKey, seeds } = this.#options
    for (const aside of sweepTargets(this.#target, region, this.#parameters.k)) {
      const known = [...seeds(aside), ...this.#main.closest]
      // With the deadline of the whole: `now` is when that began.
      const lookup = new Lookup(this.#parameters, aside, known, { now, ownKey })
      this.#parts.push({ lookup, aside })
    }
  }
}
