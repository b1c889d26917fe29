// Whether we are among the servers that should keep what lies at an id (docs/PROTOCOL.md 4.4): one of the k
// nearest that we know of, or within the region. Generous, as those who store know the network's size no
// better than we do.

import type { Contact, DhtId } from './contact.ts'
import { compareDistance, distanceFraction } from './distance.ts'
import type { RoutingTable } from './routing-table.ts'
import type { SizeEstimate } from './size-estimate.ts'

const GENEROSITY = 2

export class Nearness {
  readonly #own: Contact
  readonly #k: number
  readonly #table: RoutingTable
  readonly #size: SizeEstimate

  constructor(own: Contact, k: number, table: RoutingTable, size: SizeEstimate) {
    this.#own = own
    this.#k = k
    this.#table = table
    this.#size = size
  }

  isNear(id: DhtId): boolean {
    const { region } = this.#size
    if (region && distanceFraction(id, this.#own.id) < GENEROSITY * region.radius) return true
    const kth = this.#table.closest(id, this.#k)[this.#k - 1]
    return kth === undefined || compareDistance(id, this.#own.id, kth.id) < 0
  }

  /** The k nearest to an id that we know of, ourselves among them, nearest first. */
  holders(id: DhtId): Contact[] {
    const known = this.#table.closest(id, this.#k)
    const place = known.findIndex(other => compareDistance(id, this.#own.id, other.id) < 0)
    if (place >= 0) known.splice(place, 0, this.#own)
    else known.push(this.#own)
    return known.slice(0, this.#k)
  }
}
