// Keys that clients of this server watch and that may live anywhere (docs/PROTOCOL.md 3.6, `watch`): what is
// known of each, which servers are asked to tell of it and what they say, and when to ask again. Asks nobody.

import type { KeyId } from '../../identity/node-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import { TokenBucket } from '../../machine/token-bucket.ts'
import {
  FOLLOW_LOOKUP_COST,
  FOLLOW_LOOKUP_MS,
  FOLLOW_MIN_MS,
  FOLLOW_RENEW_MS,
  FOLLOWS_BURST,
  FOLLOWS_PER_S,
} from '../../wire/limits.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import { supersedes } from '../../wire/registry-value.ts'

interface Followed {
  value: RegistryValue | undefined
  /** The servers that are asked, and whether the key is attached there by their last word. */
  voices: Map<KeyId, boolean | undefined>
  askedAtMs: number
  lookedUpAtMs: number
  isLookedUp: boolean
  /** Whether it was asked again for want of an address; once for each value. */
  hasRetried: boolean
}

/** Time to ask again: those that are known, or whomever a lookup finds. */
export interface DueFollow {
  readonly key: KeyId
  readonly needsLookup: boolean
}

export class FollowedKeys {
  readonly #followed = new Map<KeyId, Followed>()
  /** The keys that a server is asked about. */
  readonly #byServer = new Map<KeyId, Set<KeyId>>()
  readonly #due = new DeadlineHeap<KeyId>()
  readonly #pace: TokenBucket
  #heldUntil = Number.NEGATIVE_INFINITY

  constructor(now: number) {
    this.#pace = new TokenBucket({ perSecond: FOLLOWS_PER_S, burst: FOLLOWS_BURST }, now)
  }

  /** The first lookup is due at once. */
  follow(now: number, key: KeyId): void {
    if (this.#followed.has(key)) return
    this.#followed.set(key, {
      value: undefined,
      voices: new Map(),
      askedAtMs: Number.NEGATIVE_INFINITY,
      lookedUpAtMs: Number.NEGATIVE_INFINITY,
      isLookedUp: false,
      hasRetried: false,
    })
    this.#due.set(key, now)
  }

  forget(key: KeyId): void {
    const followed = this.#followed.get(key)
    if (followed === undefined) return
    for (const server of followed.voices.keys()) this.#unlink(server, key)
    this.#followed.delete(key)
    this.#due.delete(key)
  }

  has(key: KeyId): boolean {
    return this.#followed.has(key)
  }

  /** Call until `undefined`. */
  takeDue(now: number): DueFollow | undefined {
    const dueAt = this.#due.next()
    if (dueAt === undefined || dueAt > now) return undefined
    if (this.#pace.msUntil(now, FOLLOW_LOOKUP_COST) > 0) {
      this.#heldUntil = now + this.#pace.msUntil(now, FOLLOW_LOOKUP_COST)
      return undefined
    }
    const key = this.#due.takeExpired(now)
    const followed = key === undefined ? undefined : this.#followed.get(key)
    if (key === undefined || followed === undefined) return undefined
    const needsLookup =
      followed.value === undefined || now >= followed.lookedUpAtMs + FOLLOW_LOOKUP_MS
    this.#pace.take(now, needsLookup ? FOLLOW_LOOKUP_COST : 1)
    if (needsLookup) followed.lookedUpAtMs = now
    followed.askedAtMs = now
    this.#due.set(key, now + FOLLOW_RENEW_MS)
    return { key, needsLookup }
  }

  nextTimeout(): number | undefined {
    const dueAt = this.#due.next()
    return dueAt === undefined ? undefined : Math.max(dueAt, this.#heldUntil)
  }

  /** Something has changed: it is asked again as soon as may be. */
  hurry(now: number, key: KeyId): void {
    const followed = this.#followed.get(key)
    if (followed !== undefined)
      this.#due.set(key, Math.max(now, followed.askedAtMs + FOLLOW_MIN_MS))
  }

  /** One of its servers could not be asked: its address is being looked up. */
  retry(now: number, key: KeyId): void {
    const followed = this.#followed.get(key)
    if (followed === undefined || followed.hasRetried) return
    followed.hasRetried = true
    this.hurry(now, key)
  }

  /** A link to that server has ended: what it says does not reach us any more. */
  serverLost(now: number, server: KeyId): void {
    for (const key of this.#byServer.get(server) ?? []) this.hurry(now, key)
  }

  /** Whether that value would be news. */
  wouldLearn(key: KeyId, value: RegistryValue): boolean {
    const followed = this.#followed.get(key)
    if (followed === undefined) return false
    return followed.value === undefined || supersedes(value, followed.value)
  }

  /** @param value known to be valid @returns whether it is news */
  learned(key: KeyId, value: RegistryValue): boolean {
    const followed = this.#followed.get(key)
    if (followed === undefined || !this.wouldLearn(key, value)) return false
    followed.value = value
    followed.hasRetried = false
    return true
  }

  valueOf(key: KeyId): RegistryValue | undefined {
    return this.#followed.get(key)?.value
  }

  /** A lookup has ended. */
  lookedUp(key: KeyId): void {
    const followed = this.#followed.get(key)
    if (followed !== undefined) followed.isLookedUp = true
  }

  /** Whether the whole registry was asked. */
  isLookedUp(key: KeyId): boolean {
    return this.#followed.get(key)?.isLookedUp === true
  }

  /** From now on these are asked; what others said no longer counts. */
  asks(key: KeyId, servers: readonly KeyId[]): void {
    const followed = this.#followed.get(key)
    if (followed === undefined) return
    const { voices } = followed
    followed.voices = new Map(servers.map(server => [server, voices.get(server)]))
    for (const server of voices.keys()) {
      if (!followed.voices.has(server)) this.#unlink(server, key)
    }
    for (const server of followed.voices.keys()) this.#link(server, key)
  }

  isAsked(key: KeyId, server: KeyId): boolean {
    return this.#followed.get(key)?.voices.has(server) === true
  }

  /** What a server that is asked says: `undefined` where it cannot say. */
  told(key: KeyId, server: KeyId, isOnline: boolean | undefined): void {
    const voices = this.#followed.get(key)?.voices
    if (voices?.has(server) === true) voices.set(server, isOnline)
  }

  /** The last word of a server. */
  saidBy(key: KeyId, server: KeyId): boolean | undefined {
    return this.#followed.get(key)?.voices.get(server)
  }

  /** The last words of all that are asked. */
  said(key: KeyId): (boolean | undefined)[] {
    return [...(this.#followed.get(key)?.voices.values() ?? [])]
  }

  #link(server: KeyId, key: KeyId): void {
    const keys = this.#byServer.get(server) ?? new Set()
    this.#byServer.set(server, keys.add(key))
  }

  #unlink(server: KeyId, key: KeyId): void {
    const keys = this.#byServer.get(server)
    keys?.delete(key)
    if (keys?.size === 0) this.#byServer.delete(server)
  }
}
