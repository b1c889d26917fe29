// How much of a table each peer that stores here accounts for, so that one peer alone cannot fill it
// (docs/PROTOCOL.md 4). Holds no more counts than the table has entries.

import type { KeyId } from '../identity/node-id.ts'

export class SourceCounts {
  readonly #max: number
  readonly #counts = new Map<KeyId, number>()

  constructor(max: number) {
    this.#max = max
  }

  hasRoom(source: KeyId | undefined): boolean {
    return source === undefined || (this.#counts.get(source) ?? 0) < this.#max
  }

  /** Nobody accounts for an entry without a source. */
  added(source: KeyId | undefined): void {
    if (source !== undefined) this.#counts.set(source, (this.#counts.get(source) ?? 0) + 1)
  }

  removed(source: KeyId | undefined): void {
    if (source === undefined) return
    const left = (this.#counts.get(source) ?? 0) - 1
    if (left > 0) this.#counts.set(source, left)
    else this.#counts.delete(source)
  }
}
