// What a client that relays says of routes to those who have a link to it (docs/PROTOCOL.md 5.2): over itself alone to
// whom it is linked, and what other neighbours that relay say when the question may be passed on. A question makes at
// most so many messages as it may be passed on, goes round once, and opens no link.

import { mapKey } from '../../bytes/map-key.ts'
import { tryDecode } from '../../bytes/try-decode.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import { sampled } from '../../link/jitter.ts'
import type { LinkId } from '../../link/link-id.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import { ShareCounts } from '../../machine/share-counts.ts'
import { TokenBucket } from '../../machine/token-bucket.ts'
import { TokenBuckets } from '../../machine/token-buckets.ts'
import {
  LAN_MAX_LINKS,
  MAX_DIRECT_LINKS,
  MESH_RELAYS_PER_ANSWER,
  ROUTES_PASSED_ON_BURST,
  ROUTES_PASSED_ON_PER_S,
  ROUTES_QUESTIONS_BURST,
  ROUTES_QUESTIONS_PER_S,
  ROUTES_QUESTIONS_SEEN,
  ROUTES_WAITING,
  ROUTES_WAITING_PER_LINK,
} from '../../wire/limits.ts'
import { relaysAnswer } from '../../wire/relays-body.ts'
import type { RoutesAnswer, RoutesBody } from '../../wire/route-bodies.ts'
import { readRoutesBody, routesAnswer } from '../../wire/route-bodies.ts'
import type { RpcErrorCode } from '../../wire/rpc-messages.ts'
import { decodeRequest, encodeResponse } from '../../wire/rpc-messages.ts'
import type { LinkedNeighbour } from '../neighbours/linked-neighbour.ts'
import { isRelaying } from '../neighbours/linked-neighbour.ts'
import type { RouteQueries, RouteQueriesEffect } from '../routes/route-queries.ts'
import { ToldRoutes } from './told-routes.ts'

export type NeighbourQuestionsEffect =
  | { readonly kind: 'sendFrame'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'misbehaved'; readonly link: LinkId }

export interface NeighbourQuestionsConfig {
  readonly random: RandomBytes
  readonly ownKey: KeyId
  readonly queries: Pick<RouteQueries, 'passOn' | 'isOwn'>
  /** Whom we have links to, each key once. */
  readonly linked: (time: Time) => readonly LinkedNeighbour[]
  /** Whether we carry circuits right now. */
  readonly isRelay: (time: Time) => boolean
}

/** Who asked, over which link. */
export interface Asker {
  readonly link: LinkId
  readonly key: KeyId
}

interface Waiting {
  readonly asker: Asker
  /** Of the request. */
  readonly id: number
  readonly told: ToldRoutes
  /** Of those that it was passed on to. */
  unanswered: number
}

const NOTHING: RoutesAnswer = { routes: [], records: [] }
const QUESTION_RATE = { perSecond: ROUTES_QUESTIONS_PER_S, burst: ROUTES_QUESTIONS_BURST }
const PASS_ON_RATE = { perSecond: ROUTES_PASSED_ON_PER_S, burst: ROUTES_PASSED_ON_BURST }

export class NeighbourQuestions {
  readonly #config: NeighbourQuestionsConfig
  readonly #rates = new TokenBuckets<KeyId>(QUESTION_RATE, LAN_MAX_LINKS + MAX_DIRECT_LINKS)
  readonly #passedOn: TokenBucket
  readonly #seen = new LruMap<string, true>(ROUTES_QUESTIONS_SEEN)
  readonly #waiting = new Map<number, Waiting>()
  readonly #links = new ShareCounts<LinkId>(ROUTES_WAITING_PER_LINK)
  readonly #effects = new EffectQueue<NeighbourQuestionsEffect>()
  #lastQuestion = 0

  constructor(config: NeighbourQuestionsConfig, now: number) {
    this.#config = config
    this.#passedOn = new TokenBucket(PASS_ON_RATE, now)
  }

  request(time: Time, asker: Asker, frame: Uint8Array): void {
    const request = tryDecode(() => decodeRequest(frame))
    if (request === undefined) {
      this.#effects.push({ kind: 'misbehaved', link: asker.link })
      return
    }
    const { id, method, body } = request
    const isInRate = this.#rates.take(time.now, asker.key)
    const question = tryDecode(() => readRoutesBody(body))
    if (!isInRate) this.#refuse(asker, id, 'BUSY')
    else if (method === 'relays') this.#nameRelays(time, asker, id)
    else if (method !== 'routes') this.#refuse(asker, id, 'UNKNOWN_METHOD')
    else if (question === undefined) this.#refuse(asker, id, 'BAD_REQUEST')
    else this.#answer(time, asker, id, question)
  }

  /** One of those that a question was passed on to has answered, or will not. */
  heard({ question, from, answer }: Extract<RouteQueriesEffect, { kind: 'passedOn' }>): void {
    const waiting = this.#waiting.get(question)
    if (waiting === undefined) return
    if (answer !== undefined) waiting.told.add(from, answer)
    waiting.unanswered -= 1
    if (waiting.unanswered > 0) return
    this.#forget(question, waiting)
    this.#send(waiting.asker, waiting.id, waiting.told.best())
  }

  linkClosed(link: LinkId): void {
    if (!this.#links.has(link)) return
    for (const [question, waiting] of this.#waiting) {
      if (waiting.asker.link === link) this.#forget(question, waiting)
    }
  }

  poll(): NeighbourQuestionsEffect | undefined {
    return this.#effects.shift()
  }

  /** Neighbours of ours that carry circuits as well. */
  #nameRelays(time: Time, { key, link }: Asker, id: number): void {
    const { random, linked, isRelay } = this.#config
    const others = isRelay(time) ? linked(time).filter(one => one.key !== key) : []
    const records = sampled(random, others.filter(isRelaying), MESH_RELAYS_PER_ANSWER).flatMap(
      ({ record }) => record?.bytes ?? [],
    )
    const bytes = encodeResponse({ id, body: relaysAnswer(records) })
    this.#effects.push({ kind: 'sendFrame', link, bytes })
  }

  #answer(time: Time, asker: Asker, id: number, question: RoutesBody): void {
    const key = keyIdOf(question.key)
    const isOurs = key === asker.key || key === this.#config.ownKey
    const linked = this.#config.isRelay(time) && !isOurs ? this.#config.linked(time) : []
    const direct = linked.find(neighbour => neighbour.key === key)
    if (direct !== undefined) {
      const { record } = direct
      this.#send(asker, id, { routes: [{ relays: [] }], records: record ? [record.bytes] : [] })
    } else if (!this.#passOn(time, asker, id, question, linked)) this.#send(asker, id, NOTHING)
  }

  /** @returns whether somebody is asked, so that the answer comes later */
  #passOn(
    time: Time,
    asker: Asker,
    id: number,
    question: RoutesBody,
    linked: readonly LinkedNeighbour[],
  ): boolean {
    const { random, queries, ownKey } = this.#config
    const others = linked.filter(one => one.key !== asker.key && isRelaying(one))
    const hasRoom = this.#waiting.size < ROUTES_WAITING && this.#links.hasRoom(asker.link)
    if (question.ttl === 0 || others.length === 0 || !hasRoom || !this.#isNew(question))
      return false
    if (!this.#passedOn.take(time.now)) return false
    const sources = sampled(random, others, question.ttl)
    const told = new ToldRoutes([ownKey, asker.key, keyIdOf(question.key)], sources)
    this.#lastQuestion += 1
    this.#waiting.set(this.#lastQuestion, { asker, id, told, unanswered: sources.length })
    this.#links.added(asker.link)
    const body = { ...question, ttl: question.ttl - 1 }
    const servers = sources.map(({ link, key }) => ({ link, key, isServer: false }))
    queries.passOn(time, this.#lastQuestion, body, servers)
    return true
  }

  /** Not one that came before, and none of ours that went round. */
  #isNew({ id }: RoutesBody): boolean {
    const name = mapKey(id)
    if (this.#seen.has(name) || this.#config.queries.isOwn(id)) return false
    this.#seen.set(name, true)
    return true
  }

  #forget(question: number, { asker }: Waiting): void {
    this.#waiting.delete(question)
    this.#links.removed(asker.link)
  }

  #send({ link }: Asker, id: number, answer: RoutesAnswer): void {
    const bytes = encodeResponse({ id, body: routesAnswer(answer) })
    this.#effects.push({ kind: 'sendFrame', link, bytes })
  }

  #refuse({ link }: Asker, id: number, error: RpcErrorCode): void {
    this.#effects.push({ kind: 'sendFrame', link, bytes: encodeResponse({ id, error }) })
  }
}
