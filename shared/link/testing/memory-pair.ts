// The in-memory twin of a transport: the simplest thing that keeps the contract of transport-pair.ts. A
// message takes one microtask; an end is full while too many bytes are on their way.

import { nobleSuite } from '../../crypto/noble-suite.ts'
import type { CloseReason } from '../../wire/close-code.ts'
import { wsBinding } from '../binding.ts'
import type { TransportEnd, TransportEvent, TransportPair } from './transport-pair.ts'

const HIGH_WATER_BYTES = 65_536

type Item =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly reason: CloseReason }

class MemoryEnd implements TransportEnd {
  readonly #maxMessageBytes: number
  #other: MemoryEnd | undefined
  #listener: ((event: TransportEvent) => void) | undefined
  readonly #early: TransportEvent[] = []
  readonly #onItsWay: Item[] = []
  #bytesOnTheirWay = 0
  #isFull = false
  #isClosed = false
  #isCarrying = false

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes
  }

  connect(other: MemoryEnd): void {
    this.#other = other
  }

  send(bytes: Uint8Array): 'ok' | 'full' {
    if (this.#isClosed) return 'ok'
    this.#onItsWay.push({ kind: 'message', bytes: bytes.slice() })
    this.#bytesOnTheirWay += bytes.length
    this.#isFull ||= this.#bytesOnTheirWay > HIGH_WATER_BYTES
    void this.#carry()
    return this.#isFull ? 'full' : 'ok'
  }

  close(reason: CloseReason): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#onItsWay.push({ kind: 'close', reason })
    void this.#carry()
  }

  cut(): void {
    this.#isClosed = true
    this.#onItsWay.length = 0
    this.#other?.lose('unreachable')
  }

  listen(listener: (event: TransportEvent) => void): void {
    this.#listener = listener
    for (const event of this.#early.splice(0)) listener(event)
  }

  lose(reason: CloseReason): void {
    if (this.#isClosed) return
    this.#tell({ kind: 'lost', reason })
    this.#isClosed = true
  }

  async #carry(): Promise<void> {
    if (this.#isCarrying) return
    this.#isCarrying = true
    for (;;) {
      await Promise.resolve()
      const item = this.#onItsWay.shift()
      if (item === undefined) break
      if (item.kind === 'close') this.#other?.lose(item.reason)
      else this.#arrive(item.bytes)
    }
    this.#isCarrying = false
  }

  #arrive(bytes: Uint8Array): void {
    this.#bytesOnTheirWay -= bytes.length
    if (bytes.length > this.#maxMessageBytes) {
      this.#other?.lose('tooLarge')
      this.lose('tooLarge')
      return
    }
    this.#other?.take(bytes)
    if (!this.#isFull || this.#bytesOnTheirWay > 0) return
    this.#isFull = false
    this.#tell({ kind: 'writable' })
  }

  take(bytes: Uint8Array): void {
    this.#tell({ kind: 'message', bytes })
  }

  #tell(event: TransportEvent): void {
    if (this.#isClosed) return
    if (this.#listener === undefined) this.#early.push(event)
    else this.#listener(event)
  }
}

export async function makeMemoryPair(maxMessageBytes = 65_536): Promise<TransportPair> {
  const initiator = new MemoryEnd(maxMessageBytes)
  const responder = new MemoryEnd(maxMessageBytes)
  initiator.connect(responder)
  responder.connect(initiator)
  const binding = wsBinding(nobleSuite, 'ws://memory')
  return {
    initiator,
    responder,
    maxMessageBytes,
    fullWithinBytes: 2 * HIGH_WATER_BYTES,
    carriesReason: true,
    initiatorBinding: binding,
    responderBindings: [binding],
    async dispose() {
      initiator.cut()
      responder.cut()
    },
  }
}
