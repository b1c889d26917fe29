// Watching keys through our servers (docs/PROTOCOL.md 4): subscribes at several of them, renews in time and
// with each new attachment, merges what they push. The newest valid value wins; a key is online if one server
// says so, and offline only when all that can say agree for a while. Tells changes, nothing else.

import { equalBytes } from '../../bytes/equal.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import { unitInterval } from '../../link/jitter.ts'
import type { LinkId } from '../../link/link-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import {
  LOOKUP_SERVERS,
  MAX_WATCHES,
  WATCH_GRACE_MS,
  WATCH_RENEW_MS,
  WATCH_RETRY_MS,
} from '../../wire/limits.ts'
import type { Presence } from '../../wire/registry-bodies.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import type { PresenceView } from '../effects.ts'
import { presenceOf } from './presence.ts'
import type { RegistryReader } from './registry-reader.ts'
import type { RpcAnswer } from './rpc-client.ts'

export type WatchEffect =
  | { readonly kind: 'subscribe' | 'unsubscribe'; readonly link: LinkId; readonly key: KeyId }
  | { readonly kind: 'presence'; readonly presence: PresenceView }

/** Our watch at one server. */
interface Subscription {
  /** `asked`: for the first time. */
  state: 'asked' | 'taken' | 'refused'
  /** What the server last said. */
  isOnline: boolean | undefined
  /** When to ask again. */
  dueAt: number | undefined
}

interface Watch {
  readonly key: KeyId
  readonly subscriptions: Map<LinkId, Subscription>
  value: RegistryValue | undefined
  shown: PresenceView | undefined
  /** When something is shown that may be only passing. */
  graceEndsAt: number | undefined
}

export class Watches {
  readonly #reader: RegistryReader
  readonly #random: RandomBytes
  readonly #watches = new Map<KeyId, Watch>()
  readonly #deadlines = new DeadlineHeap<KeyId>()
  readonly #effects = new EffectQueue<WatchEffect>()

  constructor(reader: RegistryReader, random: RandomBytes) {
    this.#reader = reader
    this.#random = random
  }

  get size(): number {
    return this.#watches.size
  }

  /** @param links open ones to servers, best first, each server once; here and below */
  watch(time: Time, key: KeyId, links: readonly LinkId[]): void {
    if (this.#watches.size >= MAX_WATCHES || this.#watches.has(key)) return
    const watch: Watch = {
      key,
      subscriptions: new Map(),
      value: undefined,
      shown: undefined,
      graceEndsAt: undefined,
    }
    this.#watches.set(key, watch)
    this.#subscribe(watch, links)
    this.#update(time, watch)
  }

  unwatch(key: KeyId): void {
    const watch = this.#watches.get(key)
    if (watch === undefined) return
    this.#watches.delete(key)
    this.#deadlines.delete(key)
    this.#unsubscribe(watch)
  }

  serversChanged(time: Time, links: readonly LinkId[]): void {
    for (const watch of this.#watches.values()) {
      for (const link of watch.subscriptions.keys()) {
        if (!links.includes(link)) watch.subscriptions.delete(link)
      }
      this.#subscribe(watch, links)
      this.#update(time, watch)
    }
  }

  /** @param time with the network's clock, here and below */
  onAnswer(time: Time, key: KeyId, link: LinkId, answer: RpcAnswer): void {
    const watch = this.#watches.get(key)
    const subscription = watch?.subscriptions.get(link)
    if (watch === undefined || subscription === undefined) return
    const finding =
      answer.kind === 'ok'
        ? this.#reader.answer(time.unixMs, key, answer.body, watch.value)
        : undefined
    subscription.state = finding === undefined ? 'refused' : 'taken'
    subscription.isOnline = finding?.isOnline
    // One that still searches pushes what it finds; what is lost on the way is asked for soon.
    const pauseMs = finding?.isFinal ? this.#renewalMs() : WATCH_RETRY_MS
    subscription.dueAt = time.now + pauseMs
    if (finding?.value !== undefined) watch.value = finding.value
    this.#update(time, watch)
  }

  /** What a server pushes. Of keys that are not watched there it says nothing to us. */
  onPush(time: Time, link: LinkId, { key, value: offered, isOnline }: Presence): void {
    const watch = this.#watches.get(keyIdOf(key))
    const subscription = watch?.subscriptions.get(link)
    if (watch === undefined || subscription === undefined) return
    if (offered !== undefined) {
      const value = this.#reader.value(time.unixMs, watch.key, offered, watch.value)
      if (value === undefined) return
      watch.value = value
    }
    subscription.state = 'taken'
    subscription.dueAt ??= time.now + this.#renewalMs()
    if (isOnline !== undefined) subscription.isOnline = isOnline
    this.#update(time, watch)
  }

  timeout(time: Time): void {
    for (const key of this.#deadlines.takeAllExpired(time.now)) {
      const watch = this.#watches.get(key)
      if (watch !== undefined) this.#renew(time, watch)
    }
  }

  poll(): WatchEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return this.#deadlines.next()
  }

  #subscribe({ key, value, subscriptions }: Watch, links: readonly LinkId[]): void {
    if (value?.kind === 'revocation') return
    for (const link of links) {
      if (subscriptions.size >= LOOKUP_SERVERS) return
      if (subscriptions.has(link)) continue
      subscriptions.set(link, { state: 'asked', isOnline: undefined, dueAt: undefined })
      this.#effects.push({ kind: 'subscribe', link, key })
    }
  }

  #renew(time: Time, watch: Watch): void {
    for (const [link, subscription] of watch.subscriptions) {
      if (subscription.dueAt === undefined || subscription.dueAt > time.now) continue
      subscription.dueAt = undefined
      this.#effects.push({ kind: 'subscribe', link, key: watch.key })
    }
    this.#update(time, watch)
  }

  #unsubscribe({ key, subscriptions }: Watch): void {
    for (const link of subscriptions.keys()) this.#effects.push({ kind: 'unsubscribe', link, key })
    subscriptions.clear()
  }

  /** Shows what has changed, or waits until it is worth showing; nothing follows a revocation. */
  #update(time: Time, watch: Watch): void {
    const next = presenceOf(watch.key, watch.value, watch.subscriptions.values())
    if (isSamePresence(next, watch.shown)) watch.graceEndsAt = undefined
    else if (this.#isWorthShowing(time, watch, next)) this.#show(watch, next)
    else {
      watch.graceEndsAt ??= time.now + WATCH_GRACE_MS
      // A record that is newer is no rumour.
      const { shown } = watch
      if (shown !== undefined && shown.record !== next.record) {
        const { graceEndsAt } = watch
        this.#show(watch, { ...next, state: shown.state })
        watch.graceEndsAt = graceEndsAt
      }
    }
    if (next.state === 'revoked') this.#unsubscribe(watch)
    const deadline = earliest(
      watch.graceEndsAt,
      ...[...watch.subscriptions.values()].map(({ dueAt }) => dueAt),
    )
    if (deadline === undefined) this.#deadlines.delete(watch.key)
    else this.#deadlines.set(watch.key, deadline)
  }

  #isWorthShowing(time: Time, watch: Watch, { state }: PresenceView): boolean {
    if (state === 'online' || state === 'revoked' || state === watch.shown?.state) return true
    if (watch.graceEndsAt !== undefined && time.now >= watch.graceEndsAt) return true
    // Bad news is shown at once only where nothing better was, and nobody may still bring it: a server that
    // cannot say yet is asking others.
    const isSettled = [...watch.subscriptions.values()].every(
      one => one.state === 'refused' || one.isOnline !== undefined,
    )
    return isSettled && state === 'offline' && (watch.shown?.state ?? 'unknown') === 'unknown'
  }

  #show(watch: Watch, presence: PresenceView): void {
    watch.shown = presence
    watch.graceEndsAt = undefined
    this.#effects.push({ kind: 'presence', presence })
  }

  /** Spread, so that what began together does not come back together. */
  #renewalMs(): number {
    return Math.round(WATCH_RENEW_MS * (1 - unitInterval(this.#random) / 4))
  }
}

function isSamePresence(a: PresenceView, b: PresenceView | undefined): boolean {
  if (b === undefined || a.state !== b.state) return false
  const [one, other] = [a.record?.bytes, b.record?.bytes]
  return one === undefined || other === undefined ? one === other : equalBytes(one, other)
}
