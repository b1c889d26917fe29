// The events of one end of a transport, kept until somebody listens.

import type { TransportEvent } from '../../../shared/link/testing/transport-pair.ts'

export class EventBox {
  readonly #early: TransportEvent[] = []
  #listener: ((event: TransportEvent) => void) | undefined
  #isShut = false

  tell(event: TransportEvent): void {
    if (this.#isShut) return
    if (this.#listener === undefined) this.#early.push(event)
    else this.#listener(event)
  }

  listen(listener: (event: TransportEvent) => void): void {
    this.#listener = listener
    for (const event of this.#early.splice(0)) listener(event)
  }

  /** Nothing is told from now on. */
  shut(): void {
    this.#isShut = true
  }
}
