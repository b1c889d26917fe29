// Looking a key up through our servers (docs/PROTOCOL.md 4): ask several, verify every answer, the newest
// value wins. A server that has found something and searches on is asked again for the rest, one that is busy after
// a pause. Never trusts a server for more than not answering.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import {
  BUSY_PAUSE_MAX_MS,
  BUSY_PAUSE_MS,
  FIND_STRAGGLER_MS,
  FIND_TIMEOUT_MS,
  LOOKUP_SERVERS,
} from '../../wire/limits.ts'
import type { NodeRecord } from '../../wire/record.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import type { RegistryReader } from './registry-reader.ts'
import type { RpcAnswer } from './rpc-client.ts'

/** Who wants to know. */
export type LookupOwner =
  | { readonly kind: 'request'; readonly request: number }
  | { readonly kind: 'dial'; readonly peer: KeyId }

/** The news of a lookup: several that are not final, then exactly one that is. */
export interface LookedUp {
  readonly kind: 'lookedUp'
  readonly lookup: number
  readonly owner: LookupOwner
  /** `absent`: at least one server says that there is none; `busy`: too busy to say; `noAnswer`: none answered. */
  readonly result: RegistryValue | 'absent' | 'busy' | 'noAnswer'
  /** Records of the servers that a found record names, as far as they are known. */
  readonly servers: readonly NodeRecord[]
  readonly isFinal: boolean
}

export type LookupEffect =
  | LookedUp
  | {
      readonly kind: 'ask'
      readonly link: LinkId
      readonly lookup: number
      readonly key: KeyId
      /** To the end, instead of up to the first value. */
      readonly isFull: boolean
    }

interface Asked {
  readonly isFull: boolean
}

interface Lookup {
  readonly key: KeyId
  readonly owner: LookupOwner
  readonly endAt: number
  /** Servers that are still to answer, and whether for the second time. */
  readonly asked: Map<LinkId, Asked>
  /** Those that were too busy, and are asked again after the pause. */
  readonly busy: Map<LinkId, Asked>
  /** How often it has paused; also whether any server was busy. */
  pauses: number
  /** By a server that has searched to the end. */
  wasAnswered: boolean
  best: RegistryValue | undefined
  /** How many records of servers were told with it. */
  serversTold: number
}

export class Lookups {
  readonly #reader: RegistryReader
  readonly #lookups = new Map<number, Lookup>()
  /** When each ends with what there is. */
  readonly #deadlines = new DeadlineHeap<number>()
  /** When busy servers are asked again. */
  readonly #pauses = new DeadlineHeap<number>()
  readonly #effects = new EffectQueue<LookupEffect>()
  #nextId = 1

  constructor(reader: RegistryReader) {
    this.#reader = reader
  }

  get size(): number {
    return this.#lookups.size
  }

  /** @param links open links to servers, best first; with none the lookup ends at once */
  start(time: Time, key: KeyId, owner: LookupOwner, links: readonly LinkId[]): number {
    const lookup = this.#nextId++
    const state: Lookup = {
      key,
      owner,
      endAt: time.now + FIND_TIMEOUT_MS,
      asked: new Map(),
      busy: new Map(),
      pauses: 0,
      wasAnswered: false,
      best: undefined,
      serversTold: 0,
    }
    this.#lookups.set(lookup, state)
    this.#deadlines.set(lookup, state.endAt)
    for (const link of links.slice(0, LOOKUP_SERVERS)) this.#ask(lookup, state, link, false)
    this.#finishIfDone(time, lookup, state)
    return lookup
  }

  cancel(lookup: number): void {
    this.#lookups.delete(lookup)
    this.#deadlines.delete(lookup)
    this.#pauses.delete(lookup)
  }

  /** Whoever was still to answer there does so with `noAnswer`; who was busy is not asked again. */
  linkClosed(time: Time, link: LinkId): void {
    for (const [lookup, state] of this.#lookups) {
      if (state.busy.delete(link)) this.#finishIfDone(time, lookup, state)
    }
  }

  /** @param time with the network's clock */
  onAnswer(time: Time, lookup: number, link: LinkId, answer: RpcAnswer): void {
    const state = this.#lookups.get(lookup)
    const asked = state?.asked.get(link)
    if (state === undefined || asked === undefined) return
    state.asked.delete(link)
    if (answer.kind === 'ok') {
      const finding = this.#reader.answer(time.unixMs, state.key, answer.body, state.best)
      if (finding !== undefined) {
        if (!finding.isFinal && !asked.isFull) this.#ask(lookup, state, link, true)
        if (finding.isFinal) {
          // One has searched to the end: the others may follow, but not much later.
          const endAt = Math.min(state.endAt, time.now + FIND_STRAGGLER_MS)
          if (!state.wasAnswered) this.#deadlines.set(lookup, endAt)
          state.wasAnswered = true
        }
        this.#adopt(time, lookup, state, finding.value)
      }
    } else if (answer.kind === 'error' && answer.code === 'BUSY') {
      this.#pause(time, lookup, state, link, asked)
    }
    this.#finishIfDone(time, lookup, state)
  }

  timeout(time: Time): void {
    let lookup = this.#deadlines.takeExpired(time.now)
    for (; lookup !== undefined; lookup = this.#deadlines.takeExpired(time.now)) {
      this.#finish(time, lookup)
    }
    lookup = this.#pauses.takeExpired(time.now)
    for (; lookup !== undefined; lookup = this.#pauses.takeExpired(time.now)) {
      this.#askAgain(lookup)
    }
  }

  poll(): LookupEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return earliest(this.#deadlines.next(), this.#pauses.next())
  }

  #ask(lookup: number, state: Lookup, link: LinkId, isFull: boolean): void {
    state.asked.set(link, { isFull })
    this.#effects.push({ kind: 'ask', link, lookup, key: state.key, isFull })
  }

  /** All that are busy are asked together, so that each further pause is longer for all of them. */
  #pause(time: Time, lookup: number, state: Lookup, link: LinkId, asked: Asked): void {
    state.busy.set(link, asked)
    if (this.#pauses.has(lookup)) return
    const pauseMs = Math.min(BUSY_PAUSE_MS * 2 ** state.pauses, BUSY_PAUSE_MAX_MS)
    this.#pauses.set(lookup, time.now + pauseMs)
    state.pauses += 1
    if (state.pauses > 1 || state.best !== undefined) return
    const { owner } = state
    const news = { result: 'busy', servers: [], isFinal: false } as const
    this.#effects.push({ kind: 'lookedUp', lookup, owner, ...news })
  }

  #askAgain(lookup: number): void {
    const state = this.#lookups.get(lookup)
    if (state === undefined) return
    const busy = [...state.busy]
    state.busy.clear()
    for (const [link, { isFull }] of busy) this.#ask(lookup, state, link, isFull)
  }

  #adopt(time: Time, lookup: number, state: Lookup, value: RegistryValue | undefined): void {
    if (value === undefined) return
    const servers = this.#reader.serversOf(time.unixMs, value)
    const isNews = value !== state.best || servers.length > state.serversTold
    state.best = value
    state.serversTold = servers.length
    // Nothing beats a revocation.
    if (value.kind === 'revocation') state.asked.clear()
    if (!isNews || state.asked.size === 0) return
    const { owner } = state
    this.#effects.push({ kind: 'lookedUp', lookup, owner, result: value, servers, isFinal: false })
  }

  /** Busy servers are not waited for when another one has searched to the end, or nothing can be added. */
  #finishIfDone(time: Time, lookup: number, state: Lookup): void {
    const { asked, busy, wasAnswered, best } = state
    const isEnough = wasAnswered || best?.kind === 'revocation'
    if (asked.size === 0 && (busy.size === 0 || isEnough)) this.#finish(time, lookup)
  }

  #finish(time: Time, lookup: number): void {
    const state = this.#lookups.get(lookup)
    if (state === undefined) return
    this.cancel(lookup)
    const { owner, best, wasAnswered, pauses } = state
    const silence = pauses > 0 ? 'busy' : 'noAnswer'
    this.#effects.push({
      kind: 'lookedUp',
      lookup,
      owner,
      result: best ?? (wasAnswered ? 'absent' : silence),
      servers: best === undefined ? [] : this.#reader.serversOf(time.unixMs, best),
      isFinal: true,
    })
  }
}
