// How a server finds into a network (docs/PROTOCOL.md 4): it dials the addresses that its operator gave,
// again and again with jitter as long as it knows nobody, and says when nothing answers. Once it is in, it looks
// around a few times more: servers that start together are not known yet when the first of them looks.

import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import { Backoff } from '../../link/backoff.ts'
import { earliest } from '../../machine/earliest.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import { LOOK_AROUND_FACTOR, LOOK_AROUND_MAX_MS, LOOK_AROUND_MS } from '../../wire/limits.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf } from '../address/server-url.ts'
import type { ClosedLink } from '../homes/attachments.ts'
import { failureOfClose } from '../links/close-failure.ts'
import type { Failure } from '../mesh-error.ts'

/** What an operator sees of the network. */
export type NetworkView =
  /** Nobody to join was named, and nobody came. */
  | { readonly state: 'alone' }
  | { readonly state: 'joining'; readonly failure?: Failure }
  | { readonly state: 'joined'; readonly servers: number }

interface Seed {
  readonly url: ServerUrl
  backoff: Backoff
  /** `undefined` while it is being dialed. */
  dueAtMs: number | undefined
  failure: Failure | undefined
}

export class Joining {
  readonly #random: RandomBytes
  readonly #seeds: readonly Seed[]
  #view: NetworkView = { state: 'alone' }
  #lookAroundAt: number | undefined
  #lookAroundAfterMs = LOOK_AROUND_MS

  constructor(urls: readonly ServerUrl[], random: RandomBytes) {
    this.#random = random
    this.#seeds = urls.map(url => ({
      url,
      backoff: new Backoff(random),
      dueAtMs: undefined,
      failure: undefined,
    }))
  }

  /** All of them, at the start. */
  start(): readonly ServerUrl[] {
    return this.#seeds.map(({ url }) => url)
  }

  /** None of them has answered, if there are any. */
  get hasFailed(): boolean {
    return this.#seeds.every(({ failure }) => failure !== undefined)
  }

  /** @param origin of whatever was dialed, here and below @param key which was expected there, if any */
  failed(time: Time, origin: string, key: KeyId | undefined, closed: ClosedLink): void {
    for (const seed of this.#at(origin)) {
      // Another key is not there any more, or a stranger's word: no news of whom the operator named.
      if (key !== (seed.url.key && keyIdOf(seed.url.key))) continue
      seed.failure = failureOfClose(seed.url, closed.reason, closed.hint)
      if (closed.retryAfterMs !== undefined) seed.backoff.retryAfter(closed.retryAfterMs)
      seed.dueAtMs = time.now + seed.backoff.nextDelayMs()
    }
  }

  reached(origin: string): void {
    for (const seed of this.#at(origin)) {
      seed.failure = undefined
      seed.dueAtMs = undefined
      seed.backoff = new Backoff(this.#random)
    }
  }

  /** @param isNeeded whether nobody is known yet; else the waiting ends */
  takeDue(time: Time, isNeeded: boolean): ServerUrl[] {
    const due = this.#seeds.filter(({ dueAtMs }) => dueAtMs !== undefined && dueAtMs <= time.now)
    for (const seed of due) seed.dueAtMs = undefined
    return isNeeded ? due.map(({ url }) => url) : []
  }

  /** Whether it is time to look who else is there. */
  takeLookAround({ now }: Time): boolean {
    if (this.#lookAroundAt === undefined || now < this.#lookAroundAt) return false
    this.#lookAroundAfterMs *= LOOK_AROUND_FACTOR
    const isLast = this.#lookAroundAfterMs > LOOK_AROUND_MAX_MS
    this.#lookAroundAt = isLast ? undefined : now + this.#lookAroundAfterMs
    return true
  }

  nextTimeout(): number | undefined {
    const due = this.#seeds.flatMap(({ dueAtMs }) => dueAtMs ?? [])
    return earliest(this.#lookAroundAt, ...due)
  }

  get view(): NetworkView {
    return this.#view
  }

  /** @param servers how many are known now @returns what an operator sees, when it is another state, or failure */
  look(time: Time, servers: number): NetworkView | undefined {
    const before = this.#view
    if (servers === 0 && before.state === 'joined') this.#lostEverybody(time)
    this.#view = this.#viewOf(servers)
    const { state } = this.#view
    if (state === before.state && failureOf(this.#view) === failureOf(before)) return undefined
    if (state === 'joined') this.#joined(time)
    return this.#view
  }

  #viewOf(servers: number): NetworkView {
    if (servers > 0) return { state: 'joined', servers }
    if (this.#seeds.length === 0) return { state: 'alone' }
    const failure = this.hasFailed ? this.#seeds[0]?.failure : undefined
    return failure === undefined ? { state: 'joining' } : { state: 'joining', failure }
  }

  #joined({ now }: Time): void {
    this.#lookAroundAfterMs = LOOK_AROUND_MS
    this.#lookAroundAt = now + LOOK_AROUND_MS
  }

  /** What is not being dialed is due. */
  #lostEverybody(time: Time): void {
    this.#lookAroundAt = undefined
    for (const seed of this.#seeds) {
      seed.failure = undefined
      seed.dueAtMs ??= time.now + seed.backoff.nextDelayMs()
    }
  }

  /** The same address may have been given with several keys. */
  #at(origin: string): Seed[] {
    return this.#seeds.filter(({ url }) => originOf(url) === origin)
  }
}

function failureOf(view: NetworkView): string | undefined {
  return view.state === 'joining' ? view.failure?.code : undefined
}
