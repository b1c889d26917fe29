// What one attempt tried already: hops with their onion keys, as with other ones they are worth another try.

import type { Route } from './peer-routes.ts'
import { nameOfHops } from './peer-routes.ts'

export class TriedHops {
  readonly #names = new Set<string>()

  /** The whole way, or its end by itself, which would say no again whoever asks. */
  has({ hops }: Pick<Route, 'hops'>): boolean {
    return this.#names.has(nameOfHops(hops)) || this.#names.has(nameOfHops(hops.slice(-2)))
  }

  taken({ hops }: Route): void {
    this.#names.add(nameOfHops(hops))
  }

  /** Someone behind the first relay said no: and would say so over another server of ours, too. */
  refused({ hops }: Route): void {
    if (hops.length > 2) this.#names.add(nameOfHops(hops.slice(1)))
  }
}
