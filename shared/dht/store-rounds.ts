// Storing one thing at many servers (docs/PROTOCOL.md 4.5): a few at a time, each of them once, and how many
// took it. Where a store was refused is not told here: those who look it up again do.

import type { CborMap } from '../bytes/cbor.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import { DHT_STORE_PARALLELISM } from '../wire/limits.ts'
import type { CallOwner, CallTable } from './call-table.ts'
import type { Contact } from './contact.ts'
import type { CallAnswer } from './dht-effects.ts'

export interface StoreSpec {
  readonly method: 'storeRecord' | 'storeService'
  readonly body: CborMap
  readonly targets: readonly Contact[]
}

export interface StoreRoundEffect {
  readonly kind: 'stored'
  readonly round: number
  /** Servers that took it. */
  readonly copies: number
}

interface Round {
  readonly spec: StoreSpec
  next: number
  inFlight: number
  copies: number
}

export class StoreRounds {
  readonly #calls: CallTable
  readonly #rounds = new Map<number, Round>()
  readonly #effects = new EffectQueue<StoreRoundEffect>()
  #nextId = 1

  constructor(calls: CallTable) {
    this.#calls = calls
  }

  /** Ends in one `stored`, also without targets. */
  start(spec: StoreSpec): number {
    const id = this.#nextId++
    const round = { spec, next: 0, inFlight: 0, copies: 0 }
    this.#rounds.set(id, round)
    this.#advance(id, round)
    return id
  }

  answer({ round: id }: Extract<CallOwner, { kind: 'store' }>, answer: CallAnswer): void {
    const round = this.#rounds.get(id)
    if (round === undefined) return
    round.inFlight--
    if (answer.kind === 'ok') round.copies++
    this.#advance(id, round)
  }

  poll(): StoreRoundEffect | undefined {
    return this.#effects.shift()
  }

  #advance(id: number, round: Round): void {
    const { method, body, targets } = round.spec
    while (round.inFlight < DHT_STORE_PARALLELISM) {
      const target = targets[round.next]
      if (target === undefined) break
      round.next++
      round.inFlight++
      this.#calls.call(target, method, body, { kind: 'store', round: id })
    }
    if (round.inFlight > 0) return
    this.#rounds.delete(id)
    this.#effects.push({ kind: 'stored', round: id, copies: round.copies })
  }
}
