// Dials under way from this server to others: at most so many at once, the rest in a row; what waits for one
// of them, and until when. A dial is of one key at one address, so that a false address told of a server
// takes nothing from the true one. Opens nothing itself: the parent dials and tells the outcome.

import type { CborMap } from '../../bytes/cbor.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import {
  MAX_WAITING_SERVER_CALLS,
  SERVER_CALL_TIMEOUT_MS,
  SERVER_DIAL_TIMEOUT_MS,
} from '../../wire/limits.ts'
import type { RpcMethod } from '../../wire/rpc-messages.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf } from '../address/server-url.ts'
import { DialQueue } from './dial-queue.ts'
import type { ServerRequest } from './server-request.ts'

/** What to ask. */
export interface ServerCall {
  readonly method: RpcMethod
  readonly body: CborMap
  readonly owner: ServerRequest
}

/** A request that waits for a link. */
export interface WaitingCall extends ServerCall {
  readonly untilMs: number
}

export interface Dial {
  readonly id: number
  readonly url: ServerUrl
  /** `undefined` for an address that the operator gave without a key. */
  readonly key: KeyId | undefined
  readonly isUntrusted: boolean
  /** Whether it was reached there before, or is trusted: it goes first. */
  readonly isKnown: boolean
  readonly calls: Set<WaitingCall>
}

/** To an address that the operator gave, or that is on our own network. */
export const TRUSTED_DIAL = { isUntrusted: false, isKnown: true } as const

/** One key at one address. */
export type DialTarget = string & { readonly brand: 'DialTarget' }

export function dialTarget(origin: string, key: KeyId | undefined): DialTarget {
  return `${origin}#${key ?? ''}` as DialTarget
}

interface Entry extends Dial {
  /** Whether it is dialed also when none of its calls waits any more. */
  isNeeded: boolean
  link: LinkId | undefined
}

export class ServerDials {
  readonly #byTarget = new Map<DialTarget, Entry>()
  readonly #byId = new Map<number, Entry>()
  readonly #byLink = new Map<LinkId, Entry>()
  readonly #queue = new DialQueue<Entry>()
  /** Those under way, each with its end; all take equally long, so the first one ends first. */
  readonly #running = new Map<Entry, number>()
  /** All that wait, the longest waiting first. */
  readonly #calls = new Map<WaitingCall, Entry>()
  #nextId = 1

  /** @returns the dial of that key at that address, which may be under way; `undefined` when too many wait */
  open(
    url: ServerUrl,
    key: KeyId | undefined,
    { isUntrusted, isKnown }: Pick<Dial, 'isUntrusted' | 'isKnown'>,
  ): Dial | undefined {
    const target = dialTarget(originOf(url), key)
    const known = this.#byTarget.get(target)
    if (known !== undefined) return known
    if (!this.#queue.hasRoom(isKnown)) return undefined
    const id = this.#nextId++
    const calls = new Set<WaitingCall>()
    const entry = { id, url, key, isUntrusted, isKnown, calls, isNeeded: false, link: undefined }
    this.#byTarget.set(target, entry)
    this.#byId.set(id, entry)
    this.#queue.add(entry)
    return entry
  }

  /** The outcome of that dial matters, whoever else waits for it. */
  need({ id }: Dial): void {
    const entry = this.#byId.get(id)
    if (entry !== undefined) entry.isNeeded = true
  }

  /** @returns `false` when too many wait */
  wait(now: number, { id }: Dial, call: ServerCall): boolean {
    const entry = this.#byId.get(id)
    if (entry === undefined || this.#calls.size >= MAX_WAITING_SERVER_CALLS) return false
    const waiting = { ...call, untilMs: now + SERVER_CALL_TIMEOUT_MS }
    entry.calls.add(waiting)
    this.#calls.set(waiting, entry)
    return true
  }

  /** The next one whose turn it is; the parent dials it. */
  next(now: number): Dial | undefined {
    const entry = this.#queue.take()
    if (entry !== undefined) this.#running.set(entry, now + SERVER_DIAL_TIMEOUT_MS)
    return entry
  }

  dialing(id: number, link: LinkId): void {
    const entry = this.#byId.get(id)
    if (entry === undefined || !this.#running.has(entry)) return
    entry.link = link
    this.#byLink.set(link, entry)
  }

  /** The dial that this link ends, well or badly; it is over. */
  take(link: LinkId): Dial | undefined {
    const entry = this.#byLink.get(link)
    if (entry === undefined) return undefined
    this.#byLink.delete(link)
    this.#running.delete(entry)
    this.#queue.ended(entry)
    for (const call of entry.calls) this.#calls.delete(call)
    this.#forget(entry)
    return entry
  }

  /** Links whose time is up: the parent closes them, which ends their dials. */
  overdue(now: number): LinkId[] {
    const links: LinkId[] = []
    for (const [{ link }, untilMs] of this.#running) {
      if (untilMs > now) break
      if (link !== undefined) links.push(link)
    }
    return links
  }

  /** Requests that have waited long enough. A dial under way goes on; one that only they wanted is not begun. */
  takeExpiredCalls(now: number): WaitingCall[] {
    const expired: WaitingCall[] = []
    for (const [call, entry] of this.#calls) {
      if (call.untilMs > now) break
      this.#calls.delete(call)
      entry.calls.delete(call)
      expired.push(call)
      const isUseless = entry.calls.size === 0 && !entry.isNeeded
      if (isUseless && this.#queue.delete(entry)) this.#forget(entry)
    }
    return expired
  }

  nextTimeout(): number | undefined {
    const firstCall = this.#calls.keys().next().value
    return earliest(this.#running.values().next().value, firstCall?.untilMs)
  }

  #forget({ id, url, key }: Entry): void {
    this.#byId.delete(id)
    this.#byTarget.delete(dialTarget(originOf(url), key))
  }
}
