// How many untrusted dials are under way to one address and port, and to one network (docs/THREATS.md 9): names and
// ports cost nothing, and a thousand of them may lead to one machine, whose owner never heard of us, or to nobody.

import { ShareCounts } from '../../shared/machine/share-counts.ts'
import {
  MAX_UNKNOWN_DIALS_PER_ADDRESS,
  MAX_UNTRUSTED_DIALS_PER_NETWORK,
} from '../../shared/wire/limits.ts'
import { networkOf } from './public-address.ts'

export class BusyDoors {
  readonly #doors = new ShareCounts<string>(MAX_UNKNOWN_DIALS_PER_ADDRESS)
  readonly #networks = new ShareCounts<string>(MAX_UNTRUSTED_DIALS_PER_NETWORK)

  /** Private addresses, of a lab, always are. */
  isFree(address: string, port: number): boolean {
    const network = networkOf(address)
    if (network === undefined) return true
    return this.#doors.hasRoom(doorOf(address, port)) && this.#networks.hasRoom(network)
  }

  /** @returns a function that ends it, once */
  enter(address: string, port: number): () => void {
    const door = doorOf(address, port)
    const network = networkOf(address)
    this.#doors.added(door)
    this.#networks.added(network)
    let isInside = true
    return () => {
      if (!isInside) return
      isInside = false
      this.#doors.removed(door)
      this.#networks.removed(network)
    }
  }
}

function doorOf(address: string, port: number): string {
  return `${address} ${port}`
}
