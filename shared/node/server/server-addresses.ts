// What this server knows of others' addresses: where each was reached last, where it was not, and which
// addresses may be dialed at all. Dials nothing.

import type { Contact } from '../../dht/contact.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import {
  MAX_FAILED_SERVERS,
  MAX_REMEMBERED_SERVERS,
  MAX_TRUSTED_ADDRESSES,
  SERVER_PROOF_MS,
  SERVER_RETRY_MS,
} from '../../wire/limits.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf, tryParseServerUrl } from '../address/server-url.ts'
import type { NetworkName } from '../host.ts'
import type { DialTarget } from './server-dials.ts'
import { dialTarget } from './server-dials.ts'

/** What a link that we opened has told. */
export interface LinkNews {
  readonly network: NetworkName | undefined
  /** The server's signed record, if it told one. */
  readonly record: Uint8Array | undefined
}

/** A server that we reached. */
export interface Reached extends LinkNews {
  readonly key: KeyId
  /** As dialed. */
  readonly url: ServerUrl
}

export interface Dialable {
  readonly url: ServerUrl
  /** Somebody else's word: it must be public. */
  readonly isUntrusted: boolean
  /** Whether that server was reached there before, or is trusted. */
  readonly isKnown: boolean
}

interface Proof {
  readonly reached: Reached
  readonly atMs: number
}

export class ServerAddresses {
  readonly #allowsPlain: boolean
  readonly #proofs = new LruMap<KeyId, Proof>(MAX_REMEMBERED_SERVERS)
  /** Until when it is believed that a server cannot be reached there. */
  readonly #failedUntil = new LruMap<DialTarget, number>(MAX_FAILED_SERVERS)
  /** Those that the operator gave, or that are on our own network. */
  readonly #trusted = new LruMap<string, true>(MAX_TRUSTED_ADDRESSES)

  /** @param allowsPlain whether addresses without TLS are dialed too: a lab, or an operator who allowed it */
  constructor(allowsPlain: boolean) {
    this.#allowsPlain = allowsPlain
  }

  trust(origin: string): void {
    this.#trusted.set(origin, true)
  }

  /** @returns `undefined` for an address that is not dialed */
  dialable({ key, url: origin }: Contact): Dialable | undefined {
    const url = tryParseServerUrl(origin)
    if (url === undefined) return undefined
    const isUntrusted = !this.#trusted.has(origin)
    if (url.scheme === 'ws' && isUntrusted && !this.#allowsPlain) return undefined
    const proof = this.#proofs.peek(key)
    const isKnown = !isUntrusted || (proof && originOf(proof.reached.url)) === origin
    return { url: { ...url, key: publicKeyOf(key) }, isUntrusted, isKnown }
  }

  reached(now: number, reached: Reached): void {
    const { key, url } = reached
    this.#proofs.set(key, { reached, atMs: now })
    this.#failedUntil.delete(dialTarget(originOf(url), key))
  }

  /** What was learned when it was reached there, if that was the last time and not long ago. */
  proofOf(now: number, key: KeyId, origin: string): Reached | undefined {
    const proof = this.#proofs.get(key)
    if (proof === undefined || now >= proof.atMs + SERVER_PROOF_MS) return undefined
    return originOf(proof.reached.url) === origin ? proof.reached : undefined
  }

  failed(now: number, origin: string, key: KeyId | undefined): void {
    this.#failedUntil.set(dialTarget(origin, key), now + SERVER_RETRY_MS)
  }

  hasFailed(now: number, { key, url: origin }: Contact): boolean {
    return now < (this.#failedUntil.peek(dialTarget(origin, key)) ?? Number.NEGATIVE_INFINITY)
  }
}
