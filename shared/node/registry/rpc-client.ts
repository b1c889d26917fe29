// Requests to neighbours and their answers (docs/PROTOCOL.md 3.6): ids, deadlines and caps. Knows no
// method; whoever asked is remembered as data, not as a callback.

import type { CborMap } from '../../bytes/cbor.ts'
import { DecodeError } from '../../bytes/decode-error.ts'
import type { LinkId } from '../../link/link-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import { RPC_MAX_PENDING, RPC_TIMEOUT_MS } from '../../wire/limits.ts'
import type { RpcErrorCode, RpcMethod } from '../../wire/rpc-messages.ts'
import { decodeResponse, encodeRequest } from '../../wire/rpc-messages.ts'

export type RpcAnswer =
  | { readonly kind: 'ok'; readonly body: CborMap }
  | { readonly kind: 'error'; readonly code: RpcErrorCode; readonly hint: string | undefined }
  | { readonly kind: 'noAnswer' }

export type RpcClientEffect<Owner> =
  | { readonly kind: 'sendFrame'; readonly link: LinkId; readonly bytes: Uint8Array }
  | {
      readonly kind: 'answer'
      readonly link: LinkId
      readonly owner: Owner
      readonly answer: RpcAnswer
    }
  | { readonly kind: 'misbehaved'; readonly link: LinkId }

/** Where several of them ask over the same links, each has ids of its own. */
const IDS = {
  lower: { first: 1, last: 0x7fff_ffff },
  upper: { first: 0x8000_0000, last: 0xbfff_ffff },
  highest: { first: 0xc000_0000, last: 0xffff_ffff },
} as const

interface Pending<Owner> {
  readonly link: LinkId
  readonly owner: Owner
}

/** `Owner`: who asked, so that the answer finds its way. */
export class RpcClient<Owner> {
  readonly #pending = new Map<number, Pending<Owner>>()
  readonly #deadlines = new DeadlineHeap<number>()
  readonly #effects = new EffectQueue<RpcClientEffect<Owner>>()
  readonly #ids: (typeof IDS)[keyof typeof IDS]
  #nextId: number

  constructor(ids: keyof typeof IDS = 'lower') {
    this.#ids = IDS[ids]
    this.#nextId = this.#ids.first
  }

  /** The answer, or that there was none, comes back as one `answer` effect. */
  request(
    time: Time,
    link: LinkId,
    method: RpcMethod,
    body: CborMap,
    owner: Owner,
    timeoutMs: number = RPC_TIMEOUT_MS,
  ): void {
    if (this.#pending.size >= RPC_MAX_PENDING) {
      this.#effects.push({ kind: 'answer', link, owner, answer: { kind: 'noAnswer' } })
      return
    }
    const id = this.#nextId
    this.#nextId = id === this.#ids.last ? this.#ids.first : id + 1
    this.#pending.set(id, { link, owner })
    this.#deadlines.set(id, time.now + timeoutMs)
    this.#effects.push({ kind: 'sendFrame', link, bytes: encodeRequest({ id, method, body }) })
  }

  onResponse(link: LinkId, bytes: Uint8Array): void {
    try {
      const response = decodeResponse(bytes)
      const pending = this.#pending.get(response.id)
      // An answer after its deadline is late, not hostile.
      if (pending === undefined || pending.link !== link) return
      this.#settle(
        response.id,
        pending,
        'error' in response
          ? { kind: 'error', code: response.error, hint: response.hint }
          : { kind: 'ok', body: response.body },
      )
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#effects.push({ kind: 'misbehaved', link })
    }
  }

  linkDown(link: LinkId): void {
    for (const [id, pending] of this.#pending) {
      if (pending.link === link) this.#settle(id, pending, { kind: 'noAnswer' })
    }
  }

  timeout(time: Time): void {
    let id = this.#deadlines.takeExpired(time.now)
    for (; id !== undefined; id = this.#deadlines.takeExpired(time.now)) {
      const pending = this.#pending.get(id)
      if (pending !== undefined) this.#settle(id, pending, { kind: 'noAnswer' })
    }
  }

  poll(): RpcClientEffect<Owner> | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return this.#deadlines.next()
  }

  #settle(id: number, pending: Pending<Owner>, answer: RpcAnswer): void {
    this.#pending.delete(id)
    this.#deadlines.delete(id)
    this.#effects.push({ kind: 'answer', link: pending.link, owner: pending.owner, answer })
  }
}
