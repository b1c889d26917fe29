// Lookups that wait for the first contact (docs/PROTOCOL.md 4.2): a server that has just started knows of others
// and has reached none yet, so that nothing it could say by itself would be final. Starts none of them itself.

import type { KeyId } from '../identity/node-id.ts'
import { BoundedQueue } from '../machine/bounded-queue.ts'
import { DHT_MAX_WAITING_QUERIES } from '../wire/limits.ts'
import type { QueryId } from './dht-effects.ts'

interface HeldFind {
  readonly query: QueryId
  readonly key: KeyId
}

export class HeldFinds {
  readonly #finds = new BoundedQueue<HeldFind>({ maxItems: DHT_MAX_WAITING_QUERIES })
  #untilMs: number | undefined

  get isHolding(): boolean {
    return this.#untilMs !== undefined
  }

  /** From now on, until then at most; `undefined`: no longer. */
  until(untilMs: number | undefined): void {
    this.#untilMs = untilMs
  }

  /** @returns whether it waits */
  hold(query: QueryId, key: KeyId): boolean {
    return this.isHolding && this.#finds.push({ query, key })
  }

  /** The next one that waits no longer. */
  release(now: number): HeldFind | undefined {
    if (this.#untilMs !== undefined && now >= this.#untilMs) this.#untilMs = undefined
    return this.isHolding ? undefined : this.#finds.shift()
  }

  nextTimeout(): number | undefined {
    return this.#untilMs
  }
}
