// The links that a client which relays keeps to others of its kind (docs/PROTOCOL.md 9.5): how many, with whom, and which
// makes place. Some are the nearest it ever met, the others are as chance had it, so that the whole hangs together; some
// it chose itself, so that strangers who link to it cannot be all it has. How a link comes about is mesh-side.ts and
// direct/; what one is good for is neighbours/.

import type { KeyId } from '../../identity/node-id.ts'
import { jittered, sampled } from '../../link/jitter.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { Time } from '../../machine/machine.ts'
import {
  MESH_ASKED,
  MESH_CANDIDATES,
  MESH_EXPLORE_MS,
  MESH_JUDGE_MS,
  MESH_LINKS,
  MESH_LOOK_MS,
  MESH_MAX_LINKS,
  MESH_MEET_MS,
  MESH_NEAR_LINKS,
  MESH_OWN_LINKS,
  MESH_PART_MS,
  MESH_SOON_MS,
  MESH_TRIES_REMEMBERED,
  MESH_TRY_AGAIN_MS,
} from '../../wire/limits.ts'
import type { LinkedNeighbour } from '../neighbours/linked-neighbour.ts'
import { isRelaying } from '../neighbours/linked-neighbour.ts'
import type { MeshLinksConfig, MeshLinksEffect } from './mesh-types.ts'

/** One candidate at a time. */
interface Meeting {
  readonly key: KeyId
  /** When its session is of no use any more. */
  readonly until: number
  readonly hasLink: boolean
}

const SPREAD = 1 / 2

export class MeshLinks {
  readonly #config: MeshLinksConfig
  readonly #candidates = new LruMap<KeyId, true>(MESH_CANDIDATES)
  readonly #triedAt = new LruMap<KeyId, number>(MESH_TRIES_REMEMBERED)
  /** Those we chose that have a link, the other ones having chosen us. */
  readonly #own = new Set<KeyId>()
  readonly #effects = new EffectQueue<MeshLinksEffect>()
  #meeting: Meeting | undefined
  #lookAt: number | undefined
  #askAt = Number.NEGATIVE_INFINITY
  #exploreAt: number | undefined
  #judgeAt: number | undefined

  constructor(config: MeshLinksConfig) {
    this.#config = config
  }

  /** There is one more way to others: a server, or a neighbour. */
  hurry(time: Time): void {
    if (this.#lacks()) this.#lookSoon(time)
    this.#exploreAt ??= time.now + this.#jittered(MESH_EXPLORE_MS)
  }

  /** Somebody named clients that relay. */
  heard({ now }: Time, keys: readonly KeyId[]): void {
    const isNews = keys.some(key => !this.#candidates.has(key))
    for (const key of keys) if (key !== this.#config.ownKey) this.#candidates.set(key, true)
    if (isNews && this.#lacks()) this.#lookAt = now
  }

  /** There is a link to that key, or it says more of itself. */
  linked(time: Time, key: KeyId): void {
    const meeting = this.#meeting
    if (meeting?.key === key && !meeting.hasLink) {
      // The other side needs the session until it has the link as well.
      this.#meeting = { key, until: time.now + MESH_PART_MS, hasLink: true }
      this.#own.add(key)
      this.#judgeAt = time.now + MESH_JUDGE_MS
    }
    this.hurry(time)
  }

  unlinked(time: Time, key: KeyId): void {
    this.#own.delete(key)
    this.hurry(time)
  }

  /** No session came about, or it ended. */
  failed(time: Time, key: KeyId): void {
    if (this.#meeting?.key !== key) return
    this.#meeting = undefined
    this.#lookSoon(time)
  }

  /** Whether one that chose us may have a link. @param visitors how many others are about to have one */
  admits(time: Time, key: KeyId, visitors: number): boolean {
    const { isRelaying: carries, isAllowed, hasRoom: hasConnections } = this.#config
    const others = this.#relays().filter(one => !this.#own.has(one.key)).length
    const hasRoom = others + visitors < MESH_MAX_LINKS - MESH_OWN_LINKS
    if (!hasRoom || !carries(time) || !hasConnections()) return false
    return isAllowed(key) && !this.#isLinked(key)
  }

  /** Whether a link to that key is worth keeping for its own sake. */
  keeps(time: Time, key: KeyId): boolean {
    const relays = this.#relays()
    const isSpare = relays.length > MESH_MAX_LINKS && !this.#own.has(key)
    return this.#config.isRelaying(time) && !isSpare && relays.some(one => one.key === key)
  }

  /** Whether a link to that key must not make way for whoever wants one: of those we chose the oldest. */
  pins(key: KeyId): boolean {
    return [...this.#own].slice(0, MESH_OWN_LINKS).includes(key)
  }

  timeout(time: Time): void {
    const { now } = time
    if (this.#meeting !== undefined && this.#meeting.until <= now) this.#part(time)
    if (this.#judgeAt !== undefined && this.#judgeAt <= now) {
      this.#judgeAt = undefined
      this.#thin()
    }
    const isDue = (at: number | undefined): boolean => at !== undefined && at <= now
    if (isDue(this.#lookAt) || isDue(this.#exploreAt)) this.#look(time)
  }

  nextTimeout(): number | undefined {
    return earliest(this.#lookAt, this.#exploreAt, this.#judgeAt, this.#meeting?.until)
  }

  poll(): MeshLinksEffect | undefined {
    return this.#effects.shift()
  }

  #relays(): LinkedNeighbour[] {
    return this.#config.linked().filter(isRelaying)
  }

  #isLinked(key: KeyId): boolean {
    return this.#config.linked().some(one => one.key === key)
  }

  #lacks(): boolean {
    return this.#relays().length < MESH_LINKS || this.#own.size < MESH_OWN_LINKS
  }

  #lookSoon({ now }: Time): void {
    const at = now + this.#jittered(MESH_SOON_MS)
    this.#lookAt = earliest(this.#lookAt, at)
  }

  #look(time: Time): void {
    const { now } = time
    const isExploring = this.#exploreAt !== undefined && this.#exploreAt <= now
    if (isExploring) {
      this.#exploreAt = now + this.#jittered(MESH_EXPLORE_MS)
      // Whoever asks no more is named to nobody, and knows only those of its first hour.
      if (this.#config.isRelaying(time)) this.#ask(now)
    }
    const isWanted = this.#lacks() || (isExploring && this.#relays().length < MESH_MAX_LINKS)
    this.#lookAt = this.#lacks() ? now + this.#jittered(MESH_LOOK_MS) : undefined
    const { isRelaying: carries, hasRoom } = this.#config
    if (!isWanted || this.#meeting !== undefined || !carries(time) || !hasRoom()) return
    const key = this.#choose(now)
    if (key !== undefined) this.#meet(now, key)
    else this.#ask(now)
  }

  #choose(now: number): KeyId | undefined {
    const known = [...this.#candidates.entries()].map(([key]) => key)
    const free = known.filter(
      key => this.#isUntried(now, key) && !this.#isLinked(key) && this.#config.isAllowed(key),
    )
    return sampled(this.#config.random, free, 1)[0]
  }

  #isUntried(now: number, key: KeyId): boolean {
    const triedAt = this.#triedAt.peek(key)
    return triedAt === undefined || now >= triedAt + MESH_TRY_AGAIN_MS
  }

  #meet(now: number, key: KeyId): void {
    this.#triedAt.set(key, now)
    this.#meeting = { key, until: now + MESH_MEET_MS, hasLink: false }
    this.#effects.push({ kind: 'meet', key })
  }

  #ask(now: number): void {
    const { random, sources } = this.#config
    const asked = sampled(random, sources(), MESH_ASKED)
    if (asked.length === 0 || now < this.#askAt) return
    this.#askAt = now + MESH_LOOK_MS / 2
    this.#effects.push({ kind: 'ask', sources: asked })
  }

  #part(time: Time): void {
    if (this.#meeting === undefined) return
    this.#effects.push({ kind: 'part', key: this.#meeting.key })
    this.#meeting = undefined
    if (this.#lacks()) this.#lookSoon(time)
  }

  /** One too many goes: never one of the nearest, and of the others whichever. Those who chose us choose themselves. */
  #thin(): void {
    const { random, isInUse } = this.#config
    const relays = this.#relays()
    if (relays.length <= MESH_LINKS || this.#own.size <= MESH_OWN_LINKS) return
    const rttOf = ({ rttMs }: LinkedNeighbour): number => rttMs ?? Number.POSITIVE_INFINITY
    const far = relays.sort((a, b) => rttOf(a) - rttOf(b)).slice(MESH_NEAR_LINKS)
    const free = far.filter(({ key, link }) => this.#own.has(key) && !isInUse(link, key))
    const [gone] = sampled(random, free, 1)
    if (gone !== undefined) this.#effects.push({ kind: 'drop', link: gone.link })
  }

  #jittered(ms: number): number {
    return jittered(this.#config.random, ms, SPREAD)
  }
}
