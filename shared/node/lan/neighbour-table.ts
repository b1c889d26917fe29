// The neighbours of a LAN machine by key, at most MAX_NEIGHBOURS. Fair when it is full: the address that holds
// the most of them gives one up, so that one machine with many keys pushes out its own.

import type { KeyId } from '../../identity/node-id.ts'
import { MAX_NEIGHBOURS } from '../../wire/limits.ts'
import type { NeighbourEntry } from './neighbour.ts'

export class NeighbourTable {
  readonly #byKey = new Map<KeyId, NeighbourEntry>()

  get size(): number {
    return this.#byKey.size
  }

  get(key: KeyId): NeighbourEntry | undefined {
    return this.#byKey.get(key)
  }

  values(): IterableIterator<NeighbourEntry> {
    return this.#byKey.values()
  }

  /** @returns whom it pushed out */
  add(newcomer: NeighbourEntry): NeighbourEntry | undefined {
    const victim = this.#byKey.size < MAX_NEIGHBOURS ? undefined : this.#toGiveUpFor(newcomer)
    if (victim !== undefined) this.#byKey.delete(victim.key)
    this.#byKey.set(newcomer.key, newcomer)
    return victim
  }

  delete(key: KeyId): void {
    this.#byKey.delete(key)
  }

  clear(): void {
    this.#byKey.clear()
  }

  /** The longest silent one of the address with the most, of which the newcomer counts as one. */
  #toGiveUpFor(newcomer: NeighbourEntry): NeighbourEntry | undefined {
    const counts = new Map([[newcomer.source, 1]])
    for (const { source } of this.#byKey.values()) {
      counts.set(source, (counts.get(source) ?? 0) + 1)
    }
    let victim: NeighbourEntry | undefined
    let most = 0
    for (const entry of this.#byKey.values()) {
      const count = counts.get(entry.source) ?? 0
      const isLonger = victim === undefined || entry.heardAt < victim.heardAt
      if (count < most || (count === most && !isLonger)) continue
      victim = entry
      most = count
    }
    return victim
  }
}
