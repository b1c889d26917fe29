// The servers that private paths begin with (docs/PROTOCOL.md 5, threat 20): a few, pinned for months in one order.
// Whoever draws a new first relay for every path meets an attacker's sooner or later; whoever keeps three most likely
// never does. A guard that is away keeps its place. What is kept of them is in guard-list.ts.

import { randomBelow } from '../dht/random-id.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { GUARD_LIFE_MS, GUARD_REPLACE_PAUSE_MS, GUARDS, GUARDS_MAX } from '../wire/limits.ts'
import type { Guard } from './guard-list.ts'
import { decodeGuards, encodeGuards } from './guard-list.ts'

export class GuardSet {
  readonly #random: RandomBytes
  /** In the order in which they are preferred: the order in which they were drawn. */
  #guards: readonly Guard[]
  #isUnsaved = false

  /** @param saved what `takeUnsaved` or `encode` gave; damaged bytes are as none */
  constructor(random: RandomBytes, saved?: Uint8Array) {
    this.#random = random
    this.#guards = (saved && decodeGuards(saved)) ?? []
  }

  /**
   * All guards that are reachable, the preferred one first: a path that cannot begin with it (the peer is on the same
   * network, or the guard itself) takes the next.
   * @param candidates who may become a guard, if reachable; drawn from while there are fewer than three guards, and
   * when none is reachable
   */
  reachable(
    unixMs: number,
    isReachable: (key: KeyId) => boolean,
    candidates: readonly KeyId[],
  ): KeyId[] {
    this.#expire(unixMs)
    const pinned = new Set(this.keys())
    const fresh = [...new Set(candidates)].filter(key => !pinned.has(key) && isReachable(key))
    while (this.#guards.length < GUARDS && fresh.length > 0) this.#draw(unixMs, fresh)
    const found = this.keys().filter(isReachable)
    if (found.length > 0 || fresh.length === 0 || !this.#makeRoom(unixMs)) return found
    return [this.#draw(unixMs, fresh)]
  }

  /** Every guard, the preferred one first. */
  keys(): KeyId[] {
    return this.#guards.map(({ key }) => key)
  }

  encode(): Uint8Array {
    return encodeGuards(this.#guards)
  }

  /** What is to be kept, if the set changed since this was last called. */
  takeUnsaved(): Uint8Array | undefined {
    if (!this.#isUnsaved) return undefined
    this.#isUnsaved = false
    return this.encode()
  }

  /** One from the future is kept: a clock that is wrong for a while must not cost all guards. */
  #expire(unixMs: number): void {
    const kept = this.#guards.filter(({ pinnedMs }) => unixMs < pinnedMs + GUARD_LIFE_MS)
    if (kept.length < this.#guards.length) this.#set(kept)
  }

  #draw(unixMs: number, fresh: KeyId[]): KeyId {
    const [key] = fresh.splice(randomBelow(this.#random, fresh.length), 1) as [KeyId]
    this.#set([...this.#guards, { key, pinnedMs: Math.floor(unixMs) }])
    return key
  }

  /** The last place may be given away now and then; those before are kept whatever happens. */
  #makeRoom(unixMs: number): boolean {
    if (this.#guards.length < GUARDS_MAX) return true
    const newestMs = this.#guards.at(-1)?.pinnedMs ?? 0
    if (unixMs < newestMs + GUARD_REPLACE_PAUSE_MS) return false
    this.#set(this.#guards.slice(0, GUARDS_MAX - 1))
    return true
  }

  #set(guards: readonly Guard[]): void {
    this.#guards = guards
    this.#isUnsaved = true
  }
}
