// Promises for the requests that the core answers by number, with their AbortSignals. Holds no timer:
// every request's deadline is the core's.

import type { Outcome } from '../shared/node/effects.ts'
import type { Command, RequestId } from '../shared/node/inputs.ts'
import type { Failure } from '../shared/node/mesh-error.ts'
import { MeshError, toMeshError } from '../shared/node/mesh-error.ts'
import { NODE_CLOSED } from '../shared/node/peer-failure.ts'
import { onAbort } from './on-abort.ts'

interface Pending {
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: MeshError) => void
  readonly stopListening: () => void
}

export class Requests {
  readonly #command: (command: Command) => void
  readonly #pending = new Map<RequestId, Pending>()
  #nextId = 1

  constructor(command: (command: Command) => void) {
    this.#command = command
  }

  /** Issues the command that `make` gives for a fresh id, and waits for its outcome. */
  ask(make: (request: RequestId) => Command, signal: AbortSignal | undefined): Promise<Outcome> {
    if (signal?.aborted) return Promise.reject(abortError(signal))
    const request = this.#nextId++
    return new Promise((resolve, reject) => {
      const cancel = (): void => this.#command({ kind: 'cancel', request })
      const stopListening = signal === undefined ? () => {} : onAbort(signal, cancel)
      this.#pending.set(request, { resolve, reject, stopListening })
      this.#command(make(request))
    })
  }

  /** As `ask`, for what only one kind of outcome answers. */
  async askFor<K extends Outcome['kind']>(
    kind: K,
    make: (request: RequestId) => Command,
    signal: AbortSignal | undefined,
  ): Promise<Extract<Outcome, { kind: K }>> {
    const outcome = await this.ask(make, signal)
    if (outcome.kind !== kind) throw new TypeError(`got ${outcome.kind} in the place of ${kind}`)
    return outcome as Extract<Outcome, { kind: K }>
  }

  done(request: RequestId, outcome: Outcome): void {
    this.#take(request)?.resolve(outcome)
  }

  failed(request: RequestId, failure: Failure): void {
    this.#take(request)?.reject(toMeshError(failure))
  }

  /** Everything still open fails: the node is closed. */
  closeAll(): void {
    for (const request of [...this.#pending.keys()]) {
      this.failed(request, NODE_CLOSED)
    }
  }

  #take(request: RequestId): Pending | undefined {
    const pending = this.#pending.get(request)
    this.#pending.delete(request)
    pending?.stopListening()
    return pending
  }
}

export function abortError(signal: AbortSignal): MeshError {
  return new MeshError('ABORTED', 'The operation was aborted.', { cause: signal.reason })
}
