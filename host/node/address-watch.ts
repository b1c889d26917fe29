// Watches the addresses of this machine. When one goes, because a cable was pulled or another network joined, what was
// connected from it is dead, and the system does not say so: TCP would try again for minutes.

import { networkInterfaces } from 'node:os'
import { HOST_ADDRESS_POLL_MS } from '../../shared/wire/limits.ts'

export interface AddressWatchOptions {
  /** Those of now, without zones; `undefined` when they cannot be known. Asks the system when left out. */
  readonly read?: () => ReadonlySet<string> | undefined
  readonly everyMs?: number
}

export class AddressWatch {
  readonly #changed: (gone: ReadonlySet<string>) => void
  readonly #read: () => ReadonlySet<string> | undefined
  readonly #poll: NodeJS.Timeout
  #addresses: ReadonlySet<string> | undefined

  /** @param changed called with those that are gone; with none when others have come */
  constructor(
    changed: (gone: ReadonlySet<string>) => void,
    { read = ownAddresses, everyMs = HOST_ADDRESS_POLL_MS }: AddressWatchOptions = {},
  ) {
    this.#changed = changed
    this.#read = read
    this.#addresses = read()
    this.#poll = setInterval(() => this.#look(), everyMs).unref()
  }

  /** No call follows. */
  close(): void {
    clearInterval(this.#poll)
  }

  #look(): void {
    const before = this.#addresses
    const now = this.#read() ?? before
    this.#addresses = now
    if (before === undefined || now === undefined) return
    const gone = new Set([...before].filter(address => !now.has(address)))
    if (gone.size > 0 || now.size > before.size) this.#changed(gone)
  }
}

/** Of interfaces that are up, with a cable in them. */
function ownAddresses(): ReadonlySet<string> | undefined {
  try {
    const all = Object.values(networkInterfaces()).flatMap(infos => infos ?? [])
    return new Set(all.map(({ address }) => address))
  } catch {
    return undefined
  }
}
