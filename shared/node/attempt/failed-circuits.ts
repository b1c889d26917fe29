// What became of the circuits of one attempt that failed: the node's memory and the log are told, and it is kept what
// not to try again and what to say if all fail. What to do next is for the attempt to say (path-attempt.ts).

import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { EndReason } from '../../routing/circuit.ts'
import type { Failure } from '../mesh-error.ts'
import type { AttemptContext } from './attempt-types.ts'
import type { Opening } from './circuit-race.ts'
import { failureOfCircuit, TellingFailure } from './telling-failure.ts'
import { TriedHops } from './tried-hops.ts'

type Context = Pick<AttemptContext, 'servers' | 'routes' | 'log'>

export class FailedCircuits {
  readonly tried = new TriedHops()
  readonly telling = new TellingFailure()
  readonly #context: Context
  readonly #peer: KeyId
  #hasLostLink = false

  constructor(context: Context, peer: KeyId) {
    this.#context = context
    this.#peer = peer
  }

  /** A link of ours went with a circuit on it: it may be back in a moment. */
  get hasLostLink(): boolean {
    return this.#hasLostLink
  }

  /** @returns whether the peer, or a server of the peer, may have new onion keys or be elsewhere */
  add(time: Time, opening: Opening, reason: EndReason): boolean {
    const { route } = opening
    const failure = this.#note(time, opening, reason)
    if (reason === 'linkLost') {
      // Nobody said no: once the link is back, the same way is as good as before.
      this.tried.forget(route)
      this.#hasLostLink = true
      return false
    }
    this.telling.note(route.relays, failure)
    const isRefusal = reason === 'closed' || reason === 'protocol'
    if (isRefusal) this.tried.refused(route)
    return isRefusal
  }

  /** Another one was answered first, this one late or never. */
  addOverdue(time: Time, opening: Opening): void {
    this.#note(time, opening, 'timeout')
  }

  #note(time: Time, { route, startedAt }: Opening, reason: EndReason): Failure {
    const { relays } = route
    const quota = this.#context.servers.quota(time, relays[0] ?? this.#peer)
    const failure = failureOfCircuit(relays, reason, quota)
    this.#context.routes.failed(time, this.#peer, relays, reason)
    this.#context.log.add(time, this.#peer, 'circuit', relays, startedAt, failure)
    return failure
  }
}
