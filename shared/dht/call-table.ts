// The calls that the registry machine has under way: whom it asked, and for what, so that the one answer of
// each finds its way. Deadlines are the caller's of the machine; bounded by the lookups and stores that run.

import type { CborMap } from '../bytes/cbor.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { DhtMethod } from '../wire/rpc-messages.ts'
import type { Contact } from './contact.ts'
import type { CallId, DhtEffect } from './dht-effects.ts'

export type CallOwner =
  /** A part of a running lookup. */
  | {
      readonly kind: 'query'
      readonly query: number
      readonly part: number
      readonly isAside: boolean
    }
  | { readonly kind: 'store'; readonly round: number }

export interface OpenCall {
  readonly contact: Contact
  readonly owner: CallOwner
}

export class CallTable {
  readonly #open = new Map<CallId, OpenCall>()
  readonly #effects = new EffectQueue<DhtEffect>()
  #nextId = 1

  get size(): number {
    return this.#open.size
  }

  call(contact: Contact, method: DhtMethod, body: CborMap, owner: CallOwner): void {
    const call = this.#nextId++ as CallId
    this.#open.set(call, { contact, owner })
    this.#effects.push({ kind: 'call', call, contact, method, body })
  }

  /** The call that is answered now, once. */
  take(call: CallId): OpenCall | undefined {
    const open = this.#open.get(call)
    this.#open.delete(call)
    return open
  }

  poll(): DhtEffect | undefined {
    return this.#effects.shift()
  }
}
