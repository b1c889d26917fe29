// Which keys have a link open to this server, and how many: several are normal for a while. Bounded by the links.

import type { KeyId } from '../identity/node-id.ts'

export class OpenLinks {
  readonly #counts = new Map<KeyId, number>()

  has(key: KeyId): boolean {
    return this.#counts.has(key)
  }

  opened(key: KeyId): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  /** @returns whether that was the last one */
  closed(key: KeyId): boolean {
    const left = (this.#counts.get(key) ?? 0) - 1
    if (left > 0) this.#counts.set(key, left)
    else this.#counts.delete(key)
    return left <= 0
  }
}
