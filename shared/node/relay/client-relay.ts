// A client that carries circuits for others over its own links, within a budget of bytes per day (docs/PROTOCOL.md 6.6):
// keeps the budget over restarts, says in its record whether it relays, and answers questions for routes
// (neighbour-questions.ts). The carrying itself is the router's.

import type { LinkId } from '../../link/link-id.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import type { DailyBudget } from '../../routing/daily-budget.ts'
import type { OwnRecord } from '../registry/own-record.ts'
import type { RouteQueriesEffect } from '../routes/route-queries.ts'
import type {
  Asker,
  NeighbourQuestionsConfig,
  NeighbourQuestionsEffect,
} from './neighbour-questions.ts'
import { NeighbourQuestions } from './neighbour-questions.ts'

export const RELAY_BUDGET_KEY = 'relay/budget'

export type ClientRelayEffect =
  | NeighbourQuestionsEffect
  | { readonly kind: 'save'; readonly key: string; readonly value: Uint8Array }
  /** Our record says something else now: it is to be published, and told to neighbours. */
  | { readonly kind: 'recordChanged' }

export class ClientRelay {
  readonly #budget: DailyBudget
  readonly #ownRecord: OwnRecord
  readonly #questions: NeighbourQuestions
  readonly #effects = new EffectQueue<ClientRelayEffect>()
  #isRelay: boolean

  constructor(
    config: Omit<NeighbourQuestionsConfig, 'isRelay'>,
    ownRecord: OwnRecord,
    budget: DailyBudget,
    time: Time,
  ) {
    this.#budget = budget
    this.#ownRecord = ownRecord
    this.#isRelay = !budget.isSpent(time)
    const isRelay = (at: Time): boolean => !budget.isSpent(at)
    this.#questions = new NeighbourQuestions({ ...config, isRelay }, time.now)
    ownRecord.setRelay(this.#isRelay)
  }

  /** A neighbour asks something. */
  request(time: Time, asker: Asker, frame: Uint8Array): void {
    this.#questions.request(time, asker, frame)
  }

  /** What came of a question that was passed on. */
  passedOn(effect: Extract<RouteQueriesEffect, { kind: 'passedOn' }>): void {
    this.#questions.heard(effect)
  }

  linkClosed(link: LinkId): void {
    this.#questions.linkClosed(link)
  }

  /** Call after the router did anything: it spends the budget. */
  advance(time: Time): void {
    const value = this.#budget.takeSave()
    if (value !== undefined) this.#effects.push({ kind: 'save', key: RELAY_BUDGET_KEY, value })
    const isRelay = !this.#budget.isSpent(time)
    if (isRelay === this.#isRelay) return
    this.#isRelay = isRelay
    this.#ownRecord.setRelay(isRelay)
    this.#effects.push({ kind: 'recordChanged' })
  }

  nextTimeout(): number | undefined {
    return this.#budget.nextTimeout()
  }

  poll(): ClientRelayEffect | undefined {
    return this.#questions.poll() ?? this.#effects.shift()
  }
}
