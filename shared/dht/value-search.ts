// What a lookup of a key has found so far (docs/PROTOCOL.md 4.3): verifies what could win, keeps the best,
// and remembers who holds what, so that those that lack the best can be given it. Asks nobody.

import { equalBytes } from '../bytes/equal.ts'
import { tryDecode } from '../bytes/try-decode.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { publicKeyOf } from '../identity/node-id.ts'
import type { RegistryValue, ValueBytes } from '../wire/registry-value.ts'
import { decodeValue, newerOf, verifyValue } from '../wire/registry-value.ts'
import type { Contact } from './contact.ts'
import { holdersLacking } from './read-repair.ts'

/** `false`: it answered with something that is not true. */
type Held = RegistryValue | 'nothing' | 'false'

export class ValueSearch {
  readonly key: KeyId
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #held = new Map<KeyId, Held>()
  #best: RegistryValue | undefined

  /** @param own the value that is known here, verified */
  constructor(suite: CryptoSuite, net: Uint8Array, key: KeyId, own: RegistryValue | undefined) {
    this.key = key
    this.#suite = suite
    this.#net = net
    this.#best = own
  }

  get best(): RegistryValue | undefined {
    return this.#best
  }

  /** Servers that answered. */
  get answers(): number {
    return this.#held.size
  }

  /** @returns whether there is a new best */
  take(unixMs: number, from: KeyId, bytes: ValueBytes | undefined): boolean {
    const before = this.#best
    this.#held.set(from, bytes === undefined ? 'nothing' : this.#judge(unixMs, bytes))
    return this.#best !== before
  }

  /** Those of `contacts` that answered, honestly, and have something older than the best or nothing. */
  lacking(contacts: readonly Contact[]): Contact[] {
    if (this.#best === undefined) return []
    const answers = contacts.flatMap(({ key }) => {
      const held = this.#held.get(key)
      if (held === undefined || held === 'false') return []
      return { key, value: held === 'nothing' ? undefined : held }
    })
    const lacking = new Set(holdersLacking(this.#best, answers))
    return contacts.filter(({ key }) => lacking.has(key))
  }

  /** How many of `contacts` hold the best. */
  copies(contacts: readonly Contact[]): number {
    const best = this.#best
    return best === undefined
      ? 0
      : contacts.filter(({ key }) => this.#held.get(key) === best).length
  }

  #judge(unixMs: number, { kind, bytes }: ValueBytes): Held {
    const best = this.#best
    // Most answers are the same: they are not even read.
    if (best?.kind === kind && equalBytes(best.signed.bytes, bytes)) return best
    // A copy: the answer is a view into a larger network buffer, and the best may be kept.
    const value = tryDecode(() => decodeValue({ kind, bytes: bytes.slice() }))
    if (value === undefined) return 'false'
    // What would not win is not worth a signature; that it may be false costs one needless store.
    if (best !== undefined && newerOf(best, value) === best) return value
    const verdict = verifyValue(this.#suite, value, {
      unixMs,
      net: this.#net,
      expectedKey: publicKeyOf(this.key),
    })
    if (verdict === 'expired') return 'nothing'
    if (verdict !== 'valid') return 'false'
    this.#best = value
    return value
  }
}
