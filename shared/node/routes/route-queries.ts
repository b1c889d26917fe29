// Questions for routes to a key (docs/PROTOCOL.md 5.2): asks servers and neighbours, and passes on what neighbours ask.
// What comes back is hearsay: records are verified here, routes are candidates that only a circuit can prove. Decides
// neither whom to ask nor what a route is worth.

import { equalBytes } from '../../bytes/equal.ts'
import { mapKey } from '../../bytes/map-key.ts'
import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import type { Relays } from '../../routes/route.ts'
import {
  ROUTES_ASK_AGAIN_MS,
  ROUTES_HOP_TIMEOUT_MS,
  ROUTES_KEYS_REMEMBERED,
  ROUTES_MAX_TTL,
  ROUTES_QUESTION_BYTES,
  ROUTES_QUESTIONS_SEEN,
  ROUTES_RECORDS_REMEMBERED,
  ROUTES_TIMEOUT_MS,
} from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { decodeRecord, recordExpiryMs, verifyRecord } from '../../wire/record.ts'
import type { RoutesAnswer, RoutesBody } from '../../wire/route-bodies.ts'
import { readRoutesAnswer, routesBody } from '../../wire/route-bodies.ts'
import type { RpcAnswer, RpcClientEffect } from '../registry/rpc-client.ts'
import { RpcClient } from '../registry/rpc-client.ts'

/** Whom to ask, over which link. */
export interface RouteSource {
  readonly link: LinkId
  readonly key: KeyId
  readonly isServer: boolean
}

/** Who is asked beside neighbours. */
export interface RouteAudience {
  /** Default: true. */
  readonly servers?: boolean
}

/** A way that somebody says there is: a candidate, nothing more. */
export interface HeardRoute {
  /** Nearest first; the first one is who told of it. Never we, never the sought key, none twice. */
  readonly relays: Relays
  /** From the first relay to the last, as told. */
  readonly latencyMs?: number
}

export interface RoutesHeard {
  readonly kind: 'routesHeard'
  readonly key: KeyId
  readonly from: KeyId
  readonly routes: readonly HeardRoute[]
  /** Verified: of relays in these routes, and of the key itself. */
  readonly records: readonly SignedRecord[]
}

export type RouteQueriesEffect =
  | Exclude<RpcClientEffect<Owner>, { kind: 'answer' }>
  | RoutesHeard
  /** What came of a question that was passed on, exactly one for each that it went to. */
  | {
      readonly kind: 'passedOn'
      readonly question: number
      readonly from: KeyId
      readonly answer: RoutesAnswer | undefined
    }

export interface RouteQueriesConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly net: Uint8Array
  readonly ownKey: KeyId
}

type Owner =
  | { readonly kind: 'own'; readonly key: KeyId; readonly from: KeyId }
  | { readonly kind: 'others'; readonly question: number; readonly from: KeyId }

const NOTHING: RoutesAnswer = { routes: [], records: [] }

export class RouteQueries {
  readonly #config: RouteQueriesConfig
  readonly #rpc = new RpcClient<Owner>('upper')
  /** When each source was asked last, for each key. */
  readonly #askedAt = new LruMap<string, number>(ROUTES_KEYS_REMEMBERED)
  readonly #ownQuestions = new LruMap<string, true>(ROUTES_QUESTIONS_SEEN)
  readonly #verified = new LruMap<KeyId, SignedRecord>(ROUTES_RECORDS_REMEMBERED)
  /** Our own questions without an answer, by the key. */
  readonly #open = new Map<KeyId, number>()
  readonly #effects = new EffectQueue<RouteQueriesEffect>()

  constructor(config: RouteQueriesConfig) {
    this.#config = config
  }

  /**
   * Each source that is asked makes one `routesHeard`, in time, with nothing in it where it does not answer. One asked
   * within ROUTES_ASK_AGAIN_MS is not asked again.
   */
  ask(time: Time, key: KeyId, sources: readonly RouteSource[]): void {
    const due = sources.filter(({ key: from }) => from !== key && this.#isDue(time, key, from))
    if (due.length === 0) return
    const id = this.#config.random(ROUTES_QUESTION_BYTES)
    this.#ownQuestions.set(mapKey(id), true)
    for (const { link, key: from, isServer } of due) {
      this.#askedAt.set(key + from, time.now)
      this.#open.set(key, (this.#open.get(key) ?? 0) + 1)
      const body = routesBody({ id, key: publicKeyOf(key), ttl: isServer ? 0 : ROUTES_MAX_TTL })
      this.#rpc.request(time, link, 'routes', body, { kind: 'own', key, from }, ROUTES_TIMEOUT_MS)
    }
    this.#drain(time)
  }

  /** Whether a question of ours for that key waits for an answer. */
  isAsking(key: KeyId): boolean {
    return this.#open.has(key)
  }

  /** Passes a neighbour's question on, as `body` says. Each of `sources` makes one `passedOn`. */
  passOn(time: Time, question: number, body: RoutesBody, sources: readonly RouteSource[]): void {
    // Whoever passes it on once more waits for less, so that what it hears comes in time.
    const timeoutMs = ROUTES_HOP_TIMEOUT_MS * (body.ttl + 1)
    for (const { link, key: from } of sources) {
      const owner = { kind: 'others', question, from } as const
      this.#rpc.request(time, link, 'routes', routesBody(body), owner, timeoutMs)
    }
    this.#drain(time)
  }

  /** Whether a question that came to us is one of ours that went round. */
  isOwn(id: Uint8Array): boolean {
    return this.#ownQuestions.has(mapKey(id))
  }

  /** Answers of others' requests are ignored. */
  response(time: Time, link: LinkId, bytes: Uint8Array): void {
    this.#rpc.onResponse(link, bytes)
    this.#drain(time)
  }

  linkClosed(time: Time, link: LinkId): void {
    this.#rpc.linkDown(link)
    this.#drain(time)
  }

  timeout(time: Time): void {
    this.#rpc.timeout(time)
    this.#drain(time)
  }

  nextTimeout(): number | undefined {
    return this.#rpc.nextTimeout()
  }

  poll(): RouteQueriesEffect | undefined {
    return this.#effects.shift()
  }

  #isDue({ now }: Time, key: KeyId, from: KeyId): boolean {
    const askedAt = this.#askedAt.get(key + from)
    return askedAt === undefined || now >= askedAt + ROUTES_ASK_AGAIN_MS
  }

  #drain(time: Time): void {
    for (let effect = this.#rpc.poll(); effect !== undefined; effect = this.#rpc.poll()) {
      if (effect.kind === 'answer') this.#answered(time, effect.owner, effect.answer)
      else this.#effects.push(effect)
    }
  }

  /** An answer that makes no sense counts as none. */
  #answered(time: Time, owner: Owner, rpc: RpcAnswer): void {
    const answer = rpc.kind === 'ok' ? tryDecode(() => readRoutesAnswer(rpc.body)) : undefined
    const { from } = owner
    if (owner.kind === 'others') {
      this.#effects.push({ kind: 'passedOn', question: owner.question, from, answer })
      return
    }
    this.#closeOne(owner.key)
    this.#heard(time, owner.key, from, answer ?? NOTHING)
  }

  #closeOne(key: KeyId): void {
    const left = (this.#open.get(key) ?? 0) - 1
    if (left > 0) this.#open.set(key, left)
    else this.#open.delete(key)
  }

  #heard(time: Time, key: KeyId, from: KeyId, answer: RoutesAnswer): void {
    const routes = answer.routes.flatMap(({ relays: told, latencyMs }): HeardRoute[] => {
      const relays = [from, ...told.map(keyIdOf)]
      if (!isRoute(relays, [key, this.#config.ownKey])) return []
      // Between relays: one alone has none.
      return [latencyMs === undefined || told.length === 0 ? { relays } : { relays, latencyMs }]
    })
    const named = new Set([key, from, ...routes.flatMap(({ relays }) => relays)])
    const records = answer.records.flatMap(bytes => this.#verify(time, bytes, key, named) ?? [])
    this.#effects.push({ kind: 'routesHeard', key, from, routes, records })
  }

  #verify(
    { unixMs }: Time,
    bytes: Uint8Array,
    sought: KeyId,
    named: ReadonlySet<KeyId>,
  ): SignedRecord | undefined {
    // A copy: the received bytes are a view into a larger network buffer.
    const signed = tryDecode(() => decodeRecord(bytes.slice()))
    if (signed === undefined) return undefined
    const key = keyIdOf(signed.record.key)
    const isUseful = key === sought || signed.record.type === 'server' || signed.record.relay > 0
    if (!isUseful || !named.has(key)) return undefined
    const known = this.#verified.get(key)
    if (known !== undefined && equalBytes(known.bytes, bytes)) {
      return recordExpiryMs(known.record) > unixMs ? known : undefined
    }
    const { suite, net } = this.#config
    if (verifyRecord(suite, signed, { unixMs, net }) !== 'valid') return undefined
    this.#verified.set(key, signed)
    return signed
  }
}

/** The keys are different ones, and none of `others`. */
export function isRoute(relays: readonly KeyId[], others: readonly KeyId[]): boolean {
  return new Set([...relays, ...others]).size === relays.length + others.length
}
