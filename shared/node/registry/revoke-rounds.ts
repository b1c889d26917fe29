// Bringing the revocation of our own key to our servers: sent to all that are attached, done when each has
// answered. One that keeps it is enough, as it passes it on to the whole registry.

import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Revocation } from '../../wire/revocation.ts'
import type { Failure } from '../mesh-error.ts'
import { SERVERS_SILENT } from '../peer-failure.ts'
import type { RpcAnswer } from './rpc-client.ts'
import { failureOfRefusedValue } from './server-refusal.ts'

export interface RevokeEnded {
  readonly kind: 'revokeEnded'
  readonly request: number
  /** How many servers keep it, or why none does. */
  readonly result: { readonly servers: number; readonly revocation: Revocation } | Failure
}

interface Round {
  readonly revocation: Revocation
  open: number
  kept: number
  failure: Failure
}

export class RevokeRounds {
  readonly #rounds = new Map<number, Round>()
  readonly #effects = new EffectQueue<RevokeEnded>()

  /** @param servers how many the parent asks now */
  start(request: number, revocation: Revocation, servers: number): void {
    this.#rounds.set(request, { revocation, open: servers, kept: 0, failure: SERVERS_SILENT })
    this.#endIfDone(request)
  }

  onAnswer(request: number, answer: RpcAnswer): void {
    const round = this.#rounds.get(request)
    if (round === undefined) return
    round.open -= 1
    if (answer.kind === 'ok') round.kept += 1
    if (answer.kind === 'error') {
      round.failure = failureOfRefusedValue(answer, 'The server does not keep the revocation')
    }
    this.#endIfDone(request)
  }

  poll(): RevokeEnded | undefined {
    return this.#effects.shift()
  }

  #endIfDone(request: number): void {
    const round = this.#rounds.get(request)
    if (round === undefined || round.open > 0) return
    this.#rounds.delete(request)
    const { revocation, kept, failure } = round
    const result = kept > 0 ? { servers: kept, revocation } : failure
    this.#effects.push({ kind: 'revokeEnded', request, result })
  }
}
