// How large the network is, said as the radius within which k servers are to be expected
// (docs/PROTOCOL.md 4.4). Measured by lookups of places that nobody else can choose; the median of the last
// few, so that less than half of them poisoned moves it little.

import { DHT_SIZE_SAMPLES } from '../wire/limits.ts'

/** Where a value belongs: on all servers within `radius` of its id. */
export interface RegionEstimate {
  /** A share of the id space, in (0, 1]. */
  readonly radius: number
}

export class SizeEstimate {
  readonly #samples: number[] = []
  #isOutdated = false

  /** @param radius distance of the k-th nearest server that answered, 1 when there were fewer */
  add(radius: number): void {
    if (this.#isOutdated) this.#samples.length = 0
    this.#isOutdated = false
    this.#samples.push(radius)
    if (this.#samples.length > DHT_SIZE_SAMPLES) this.#samples.shift()
  }

  /** The network has grown or shrunk: what was measured before counts until the next sample only. */
  outdated(): void {
    this.#isOutdated = true
  }

  get region(): RegionEstimate | undefined {
    const sorted = this.#samples.toSorted((a, b) => a - b)
    const middle = sorted[sorted.length >> 1]
    if (middle === undefined) return undefined
    const radius =
      sorted.length % 2 === 1 ? middle : (middle + (sorted[(sorted.length >> 1) - 1] ?? middle)) / 2
    return { radius }
  }
}
