// Looking a key up through our servers (docs/PROTOCOL.md 4): ask several, verify every answer, the
// highest sequence wins. Never trusts a server for more than not answering.

import type { CborMap } from '../bytes/cbor.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { publicKeyOf } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import { LOOKUP_SERVERS } from '../wire/limits.ts'
import type { SignedRecord } from '../wire/record.ts'
import { decodeRecord, verifyRecord } from '../wire/record.ts'
import { readFoundBody } from '../wire/registry-bodies.ts'
import type { RpcAnswer } from './rpc-client.ts'

/** Who wants to know. */
export type LookupOwner =
  | { readonly kind: 'request'; readonly request: number }
  | { readonly kind: 'dial'; readonly peer: KeyId }

export type LookupEffect =
  | {
      readonly kind: 'ask'
      readonly link: LinkId
      readonly lookup: number
      readonly key: Uint8Array
    }
  /** A dial may start with the first valid record; `isFinal` tells the last effect of a lookup. */
  | {
      readonly kind: 'found'
      readonly lookup: number
      readonly owner: LookupOwner
      readonly record: SignedRecord
      readonly isFinal: boolean
    }
  | {
      readonly kind: 'notFound'
      readonly lookup: number
      readonly owner: LookupOwner
      /** Whether at least one server said that it has no record; else nobody answered. */
      readonly isKnownAbsent: boolean
    }

interface Lookup {
  readonly key: KeyId
  readonly owner: LookupOwner
  open: number
  wasAnswered: boolean
  best: SignedRecord | undefined
}

export class Lookups {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #lookups = new Map<number, Lookup>()
  readonly #effects = new EffectQueue<LookupEffect>()
  #nextId = 1

  constructor(suite: CryptoSuite, net: Uint8Array) {
    this.#suite = suite
    this.#net = net
  }

  /** @param links open links to servers, best first; with none the lookup ends at once */
  start(key: KeyId, owner: LookupOwner, links: readonly LinkId[]): number {
    const lookup = this.#nextId++
    const asked = links.slice(0, LOOKUP_SERVERS)
    this.#lookups.set(lookup, {
      key,
      owner,
      open: asked.length,
      wasAnswered: false,
      best: undefined,
    })
    const publicKey = publicKeyOf(key)
    for (const link of asked) this.#effects.push({ kind: 'ask', link, lookup, key: publicKey })
    this.#finishIfDone(lookup)
    return lookup
  }

  cancel(lookup: number): void {
    this.#lookups.delete(lookup)
  }

  /** @param unixMs the network's clock */
  onAnswer(unixMs: number, lookup: number, answer: RpcAnswer): void {
    const state = this.#lookups.get(lookup)
    if (state === undefined) return
    state.open -= 1
    if (answer.kind === 'ok') this.#take(unixMs, lookup, state, answer.body)
    this.#finishIfDone(lookup)
  }

  poll(): LookupEffect | undefined {
    return this.#effects.shift()
  }

  #take(unixMs: number, lookup: number, state: Lookup, body: CborMap): void {
    const bytes = tryRead(() => readFoundBody(body))
    if (bytes === 'malformed') return
    state.wasAnswered = true
    if (bytes === undefined) return
    const signed = tryRead(() => decodeRecord(bytes))
    if (signed === 'malformed') return
    if (state.best !== undefined && signed.record.seq <= state.best.record.seq) return
    const verdict = verifyRecord(this.#suite, signed, {
      unixMs,
      net: this.#net,
      expectedKey: publicKeyOf(state.key),
    })
    if (verdict !== 'valid') return
    const isFirst = state.best === undefined
    state.best = signed
    if (isFirst && state.open > 0) {
      this.#effects.push({
        kind: 'found',
        lookup,
        owner: state.owner,
        record: signed,
        isFinal: false,
      })
    }
  }

  #finishIfDone(lookup: number): void {
    const state = this.#lookups.get(lookup)
    if (state === undefined || state.open > 0) return
    this.#lookups.delete(lookup)
    const { owner, best } = state
    this.#effects.push(
      best === undefined
        ? { kind: 'notFound', lookup, owner, isKnownAbsent: state.wasAnswered }
        : { kind: 'found', lookup, owner, record: best, isFinal: true },
    )
  }
}

function tryRead<T>(read: () => T): T | 'malformed' {
  try {
    return read()
  } catch (error) {
    if (error instanceof DecodeError) return 'malformed'
    throw error
  }
}
