// Finds the way to servers that circuits wait for (docs/PROTOCOL.md 6): those whose address is not known are
// looked up first, at a limited rate, as any stranger's cell can ask for any key. Dials and looks up through
// its ports, and tells for whom there is no way.

import type { Contact } from '../../dht/contact.ts'
import type { QueryId } from '../../dht/dht.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import { TokenBucket } from '../../machine/token-bucket.ts'
import {
  MAX_REACHING,
  PREFETCH_FINDS_BURST,
  PREFETCH_FINDS_PER_S,
  REACH_FINDS_BURST,
  REACH_FINDS_PER_S,
} from '../../wire/limits.ts'

export interface ReachPort {
  /** Where that server is, as far as it is known. */
  readonly contact: (time: Time, server: KeyId) => Contact | undefined
  readonly find: (time: Time, server: KeyId) => QueryId
  readonly hasLinkTo: (server: KeyId) => boolean
  readonly dial: (time: Time, contact: Contact) => void
  readonly noLink: (server: KeyId) => void
}

type Way =
  | { readonly kind: 'find'; readonly query: QueryId }
  | { readonly kind: 'dial'; readonly origin: string }

export class Reaching {
  readonly #port: ReachPort
  readonly #ways = new Map<KeyId, Way>()
  readonly #byQuery = new Map<QueryId, KeyId>()
  readonly #finds: TokenBucket
  /** Of its own: records that name unknown servers must not use up what circuits need. */
  readonly #prefetches: TokenBucket

  constructor(port: ReachPort, now: number) {
    this.#port = port
    this.#finds = new TokenBucket({ perSecond: REACH_FINDS_PER_S, burst: REACH_FINDS_BURST }, now)
    const rate = { perSecond: PREFETCH_FINDS_PER_S, burst: PREFETCH_FINDS_BURST }
    this.#prefetches = new TokenBucket(rate, now)
  }

  get size(): number {
    return this.#ways.size
  }

  /** Ends in a link, or in `noLink`. */
  reach(time: Time, server: KeyId): void {
    if (this.#ways.has(server)) return
    const contact = this.#port.contact(time, server)
    const hasRoom = this.#ways.size < MAX_REACHING
    if (hasRoom && contact !== undefined) this.#dial(time, contact)
    else if (hasRoom && this.#finds.take(time.now)) this.#find(time, server)
    else this.#port.noLink(server)
  }

  /** Looks up a server that will be needed in a moment. */
  prefetch(time: Time, server: KeyId): void {
    if (this.#prefetches.take(time.now)) this.#port.find(time, server)
  }

  /** A lookup brought something, or has ended. */
  found(time: Time, query: QueryId, isFinal: boolean): void {
    const server = this.#byQuery.get(query)
    if (server === undefined) return
    const contact = this.#port.contact(time, server)
    if (contact !== undefined) this.#dial(time, contact)
    else if (isFinal && this.#forget(server)) this.#port.noLink(server)
  }

  reached(server: KeyId): void {
    this.#forget(server)
  }

  unreachable(server: KeyId, origin: string): void {
    const way = this.#ways.get(server)
    const isThere = way?.kind === 'dial' && way.origin === origin
    if (isThere && this.#forget(server)) this.#port.noLink(server)
  }

  #find(time: Time, server: KeyId): void {
    const query = this.#port.find(time, server)
    this.#ways.set(server, { kind: 'find', query })
    this.#byQuery.set(query, server)
  }

  #dial(time: Time, contact: Contact): void {
    this.#forget(contact.key)
    // Where a link has come up meanwhile, whoever opened it, nothing waits any more.
    if (this.#port.hasLinkTo(contact.key)) return
    this.#ways.set(contact.key, { kind: 'dial', origin: contact.url })
    this.#port.dial(time, contact)
  }

  #forget(server: KeyId): boolean {
    const way = this.#ways.get(server)
    if (way?.kind === 'find') this.#byQuery.delete(way.query)
    return this.#ways.delete(server)
  }
}
