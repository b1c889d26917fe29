// Servers that a client has heard of and not tried yet, in the order in which it heard of them. Dials nothing.

import { MAX_HEARD_SERVERS } from '../../wire/limits.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf } from '../address/server-url.ts'
import type { DialOptions } from '../host.ts'

export interface HeardServer extends DialOptions {
  readonly url: ServerUrl
}

export class HeardServers {
  readonly #byOrigin = new Map<string, HeardServer>()

  get size(): number {
    return this.#byOrigin.size
  }

  add(server: HeardServer): void {
    if (this.#byOrigin.size < MAX_HEARD_SERVERS) this.#byOrigin.set(originOf(server.url), server)
  }

  /** What others said is old now; what is on our own network is told when it changes. */
  forgetHearsay(): void {
    for (const [origin, { isUntrusted }] of this.#byOrigin) {
      if (isUntrusted) this.#byOrigin.delete(origin)
    }
  }

  /** The next one that is not `isKnown`, which is forgotten here. */
  take(isKnown: (url: ServerUrl) => boolean): HeardServer | undefined {
    for (const [origin, server] of this.#byOrigin) {
      this.#byOrigin.delete(origin)
      if (!isKnown(server.url)) return server
    }
    return undefined
  }
}
