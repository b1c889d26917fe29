// How much of a table each owner (a peer, or a network) accounts for, so that one alone cannot fill it. Holds no
// more counts than the table has entries.

export class ShareCounts<Owner> {
  readonly #max: number
  readonly #counts = new Map<Owner, number>()

  constructor(max: number) {
    this.#max = max
  }

  /** Nobody accounts for an entry without an owner. */
  hasRoom(owner: Owner | undefined): boolean {
    return owner === undefined || (this.#counts.get(owner) ?? 0) < this.#max
  }

  has(owner: Owner): boolean {
    return this.#counts.has(owner)
  }

  added(owner: Owner | undefined): void {
    if (owner !== undefined) this.#counts.set(owner, (this.#counts.get(owner) ?? 0) + 1)
  }

  removed(owner: Owner | undefined): void {
    if (owner === undefined) return
    const left = (this.#counts.get(owner) ?? 0) - 1
    if (left > 0) this.#counts.set(owner, left)
    else this.#counts.delete(owner)
  }
}
