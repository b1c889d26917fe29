// Whose turn it is to be dialed (docs/PROTOCOL.md 4.7). Anybody can name servers that do not exist, or one address
// under a thousand keys: servers that were reached there before go first and always find some places free, and at
// one address few others are dialed at once. Dials nothing.

import { ShareCounts } from '../../machine/share-counts.ts'
import {
  MAX_SERVER_DIALS,
  MAX_UNKNOWN_DIALS_PER_ADDRESS,
  MAX_UNKNOWN_SERVER_DIALS,
  MAX_WAITING_SERVER_DIALS,
} from '../../wire/limits.ts'
import type { ServerUrl } from '../address/server-url.ts'

export interface QueuedDial {
  readonly url: ServerUrl
  /** Whether we have reached that server there before, or trust who told of it. */
  readonly isKnown: boolean
}

export class DialQueue<D extends QueuedDial> {
  readonly #known = new Set<D>()
  /** Each with its address. */
  readonly #unknown = new Map<D, string>()
  readonly #addresses = new ShareCounts<string>(MAX_UNKNOWN_DIALS_PER_ADDRESS)
  #running = 0
  #runningUnknown = 0

  /** Whether one more may wait. */
  hasRoom(isKnown: boolean): boolean {
    return this.#rowOf(isKnown).size < MAX_WAITING_SERVER_DIALS
  }

  add(dial: D): void {
    if (dial.isKnown) this.#known.add(dial)
    else this.#unknown.set(dial, addressOf(dial))
  }

  /** It is not wanted any more. @returns whether it was waiting */
  delete(dial: D): boolean {
    return this.#rowOf(dial.isKnown).delete(dial)
  }

  /** The next one, which is under way until it `ended`. */
  take(): D | undefined {
    if (this.#running >= MAX_SERVER_DIALS) return undefined
    const dial = this.#known.values().next().value ?? this.#nextUnknown()
    if (dial === undefined) return undefined
    this.delete(dial)
    this.#running += 1
    if (!dial.isKnown) {
      this.#runningUnknown += 1
      this.#addresses.added(addressOf(dial))
    }
    return dial
  }

  ended(dial: D): void {
    this.#running -= 1
    if (dial.isKnown) return
    this.#runningUnknown -= 1
    this.#addresses.removed(addressOf(dial))
  }

  #nextUnknown(): D | undefined {
    if (this.#runningUnknown >= MAX_UNKNOWN_SERVER_DIALS) return undefined
    for (const [dial, address] of this.#unknown) if (this.#addresses.hasRoom(address)) return dial
    return undefined
  }

  #rowOf(isKnown: boolean): Set<D> | Map<D, string> {
    return isKnown ? this.#known : this.#unknown
  }
}

/** With its port: who names what does not answer there must not hold up its other servers. */
function addressOf({ url: { host, port } }: QueuedDial): string {
  return `${host}:${port}`
}
