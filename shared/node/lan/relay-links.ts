// The links that a node keeps to neighbours that relay (docs/PROTOCOL.md 12.3): over these it is reached by those who
// are no neighbours of it. Says whom to dial; dials nobody.

import type { KeyId } from '../../identity/node-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import { LAN_RELAY_LINKS, LAN_RELAY_RETRY_MS, MAX_NEIGHBOURS } from '../../wire/limits.ts'
import type { Neighbour } from './neighbour.ts'

export class RelayLinks {
  /** When a neighbour may be dialed again whose link failed or ended. */
  readonly #notBefore = new LruMap<KeyId, number>(MAX_NEIGHBOURS)
  #nextAt: number | undefined

  /**
   * @param neighbours all that are known
   * @param isLinked whether there is a link to it, or one is being opened
   * @returns those to dial now
   */
  due(
    now: number,
    neighbours: readonly Neighbour[],
    isLinked: (key: KeyId) => boolean,
  ): Neighbour[] {
    this.#nextAt = undefined
    const relays = neighbours.filter(isOfferingToRelay)
    const missing = LAN_RELAY_LINKS - relays.filter(({ key }) => isLinked(key)).length
    const others = relays.filter(({ key }) => !isLinked(key))
    if (missing <= 0 || others.length === 0) return []
    const due = others.filter(({ key }) => this.#mayDialAt(key) <= now).slice(0, missing)
    if (due.length < Math.min(missing, others.length)) {
      const waits = others.filter(one => !due.includes(one)).map(({ key }) => this.#mayDialAt(key))
      this.#nextAt = Math.min(...waits)
    }
    return due
  }

  /** A link to that neighbour could not be opened, or ended. */
  lost(now: number, key: KeyId): void {
    this.#notBefore.set(key, now + LAN_RELAY_RETRY_MS)
  }

  stop(): void {
    this.#nextAt = undefined
  }

  nextTimeout(): number | undefined {
    return this.#nextAt
  }

  #mayDialAt(key: KeyId): number {
    return this.#notBefore.peek(key) ?? Number.NEGATIVE_INFINITY
  }
}

/** By its own word, which a link to it proves or not. */
function isOfferingToRelay({ type, record }: Neighbour): boolean {
  return type === 'client' && record !== undefined && record.record.relay > 0
}
