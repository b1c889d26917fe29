// Messages that the application sends once more after a restart, under their old ids, while they are on their way
// from the last life already: who waits for them, and how long. Sends nothing.

import type { Time } from '../../machine/machine.ts'
import { MESSAGE_TIMEOUT_MS } from '../../wire/limits.ts'
import type { RequestId } from '../inputs.ts'
import type { Failure } from '../mesh-error.ts'
import { failureOfMessage } from '../peer-failure.ts'
import type { SendCommand } from './session-vault.ts'

export interface Adopted {
  readonly send: SendCommand
  readonly until: number
}

export interface Overdue {
  /** The application's. */
  readonly request: RequestId
  /** Ours, under which the message is on its way. */
  readonly given: RequestId
  readonly failure: Failure
}

export class AdoptedSends {
  readonly #byGiven = new Map<RequestId, Adopted>()

  /** @param given under which the message is on its way @returns false when somebody waits for it already */
  add({ now }: Time, given: RequestId, send: SendCommand): boolean {
    if (this.#byGiven.has(given)) return false
    this.#byGiven.set(given, { send, until: now + Math.min(send.timeoutMs, MESSAGE_TIMEOUT_MS) })
    return true
  }

  /** The message is settled. */
  end(given: RequestId): Adopted | undefined {
    const adopted = this.#byGiven.get(given)
    this.#byGiven.delete(given)
    return adopted
  }

  /** The application does not wait any more. @returns under which request the message is on its way */
  take(request: RequestId): RequestId | undefined {
    for (const [given, { send }] of this.#byGiven) {
      if (send.request !== request) continue
      this.#byGiven.delete(given)
      return given
    }
    return undefined
  }

  /** Those whose time is up; they are forgotten. */
  expired(now: number): Overdue[] {
    const overdue: Overdue[] = []
    for (const [given, { send, until }] of this.#byGiven) {
      if (until > now) continue
      this.#byGiven.delete(given)
      overdue.push({ request: send.request, given, failure: failureOfMessage('TIMEOUT') })
    }
    return overdue
  }

  nextTimeout(): number | undefined {
    let next = Number.POSITIVE_INFINITY
    for (const { until } of this.#byGiven.values()) next = Math.min(next, until)
    return next === Number.POSITIVE_INFINITY ? undefined : next
  }
}
