// What the conformance suite asks of a transport: two ends that are connected, as a host sees them
// (shared/node/host.ts). Needs no test runner, so that a page in a browser can use it.

import type { CloseReason } from '../../wire/close-code.ts'

export type TransportEvent =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** After `send` said `full`: go on. */
  | { readonly kind: 'writable' }
  /** The transport is gone, and this end did not close it. The last event. */
  | { readonly kind: 'lost'; readonly reason: CloseReason }

export interface TransportEnd {
  /** Takes the message in any case. Harmless after the end. */
  send(bytes: Uint8Array): 'ok' | 'full'
  /** Sends what is left, then closes. No event follows at this end. */
  close(reason: CloseReason): void
  /** Goes away without a word, as a machine does that loses its power. No event follows at this end. */
  cut(): void
  /** Called once. Events from before are kept for it. */
  listen(listener: (event: TransportEvent) => void): void
}

export interface TransportPair {
  readonly initiator: TransportEnd
  readonly responder: TransportEnd
  readonly maxMessageBytes: number
  /** `send` must have said `full` after so many bytes that nobody read. */
  readonly fullWithinBytes: number
  /** Whether `close` tells the other end its reason (WebSocket does, a data channel does not). */
  readonly carriesReason: boolean
  readonly initiatorBinding: Uint8Array
  readonly responderBindings: readonly Uint8Array[]
  /** Frees whatever is left of the pair. */
  dispose(): Promise<void>
}

/** The events of one end, to be waited for. A test that waits in vain is ended by its runner. */
export class Inbox {
  readonly #events: TransportEvent[] = []
  #wake: (() => void) | undefined

  constructor(end: TransportEnd) {
    end.listen(event => {
      this.#events.push(event)
      this.#wake?.()
    })
  }

  /** Everything that is here and was not taken. */
  get waiting(): readonly TransportEvent[] {
    return this.#events
  }

  async next(): Promise<TransportEvent> {
    for (;;) {
      const event = this.#events.shift()
      if (event !== undefined) return event
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  /** The next message; other events before it are passed over, but the end is not. */
  async message(): Promise<Uint8Array> {
    const event = await this.next()
    if (event.kind === 'message') return event.bytes
    assert(event.kind !== 'lost', 'the transport ended where a message was due')
    return this.message()
  }

  async lost(): Promise<CloseReason> {
    const event = await this.next()
    return event.kind === 'lost' ? event.reason : this.lost()
  }

  async writable(): Promise<void> {
    const event = await this.next()
    assert(event.kind !== 'lost', 'the transport ended where it should become writable')
    if (event.kind !== 'writable') await this.writable()
  }
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}
