// What was tried to reach peers, and what came of it, the newest of all peers together: one cap for the node, and
// peers that were given up are remembered, too. For explanations only; nothing is decided by it.

import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { Relays } from '../../routes/route.ts'
import { TRIED_STEPS_REMEMBERED, TRIED_STEPS_TOLD } from '../../wire/limits.ts'
import type { Failure } from '../mesh-error.ts'
import type { TriedStep } from './route-views.ts'

interface Step {
  readonly peer: KeyId
  readonly step: TriedStep['step']
  readonly relays: Relays
  readonly startedAt: number
  readonly endedAt: number
  readonly failure: Failure | undefined
}

export class RouteLog {
  #steps: Step[] = []

  /** @param startedAt `Time.now` of its beginning @param failure `undefined` when it went well */
  add(
    { now }: Time,
    peer: KeyId,
    step: TriedStep['step'],
    relays: Relays,
    startedAt: number,
    failure?: Failure,
  ): void {
    this.#steps.push({ peer, step, relays, startedAt, endedAt: now, failure })
    // In large bites: cutting one from the front of an array copies the rest.
    if (this.#steps.length > 2 * TRIED_STEPS_REMEMBERED) {
      this.#steps = this.#steps.slice(-TRIED_STEPS_REMEMBERED)
    }
  }

  /** The newest, oldest first. */
  of({ now }: Time, peer: KeyId): TriedStep[] {
    const ofPeer = this.#steps.filter(step => step.peer === peer).slice(-TRIED_STEPS_TOLD)
    return ofPeer.map(({ step, relays, startedAt, endedAt, failure }) => ({
      step,
      relays,
      agoMs: now - startedAt,
      tookMs: endedAt - startedAt,
      ...(failure !== undefined && { failure }),
    }))
  }

  /** Why these relays did not lead to the peer when last tried; `undefined` when they did, or it is long ago. */
  failureOf(peer: KeyId, relays: Relays): Failure | undefined {
    const name = relays.join('')
    const last = this.#steps.findLast(
      step => step.peer === peer && step.step !== 'lookup' && step.relays.join('') === name,
    )
    return last?.step === 'refusal' ? undefined : last?.failure
  }
}
