// What one attempt tried already: hops with their onion keys, as with other ones they are worth another try.

import type { SetupHop } from '../../routing/onion-setup.ts'
import type { Route } from './peer-routes.ts'
import { nameOfHops } from './peer-routes.ts'

export class TriedHops {
  /** Whole ways. */
  readonly #taken = new Set<string>()
  /** Ends of ways that said no, and would say so again whoever asks. */
  readonly #refused = new Set<string>()

  /** The whole way was taken, or an end of it said no. */
  has({ hops }: Pick<Route, 'hops'>): boolean {
    return this.#taken.has(nameOfHops(hops)) || hops.some((_, at) => this.#saidNo(hops.slice(at)))
  }

  taken({ hops }: Route): void {
    this.#taken.add(nameOfHops(hops))
  }

  /** Nobody had time to answer: it is worth another try. */
  forget({ hops }: Route): void {
    this.#taken.delete(nameOfHops(hops))
  }

  /** Someone behind the first relay said no, or the peer to that relay. */
  refused({ hops }: Route): void {
    this.#refused.add(nameOfHops(hops.length > 2 ? hops.slice(1) : hops))
  }

  /** Whether it was one of these hops who said no, as far as can be told: there may be newer keys. */
  isDoubted(end: readonly SetupHop[]): boolean {
    const name = nameOfHops(end)
    return [...this.#refused].some(refused => refused.endsWith(name))
  }

  #saidNo(end: readonly SetupHop[]): boolean {
    return this.#refused.has(nameOfHops(end))
  }
}
