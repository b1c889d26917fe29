// One bucket of the routing table (docs/PROTOCOL.md 4.2): the servers that share the same number of leading
// bits with our id, long-lived ones first, and a few replacements that move up when one of them goes.
// Which networks may have how many entries in the whole table is the table's to say.

import type { KeyId } from '../identity/node-id.ts'
import type { Contact } from './contact.ts'

export interface BucketEntry {
  readonly contact: Contact
  /** The network of the address that our own dial reached; `undefined` when it counts toward no cap. */
  readonly network: string | undefined
  /** The signed record that the server showed. */
  readonly record: Uint8Array | undefined
  /** Moments in a row at which it could not be reached. */
  readonly failures: number
  readonly failedAtMs: number
}

export class Bucket {
  readonly #size: number
  readonly #maxPerNetwork: number
  /** In the order in which they came: the first has been there longest. */
  readonly #entries = new Map<KeyId, BucketEntry>()
  /** The one verified last comes last, and moves up first. */
  readonly #replacements = new Map<KeyId, BucketEntry>()

  constructor(size: number, maxPerNetwork: number) {
    this.#size = size
    this.#maxPerNetwork = maxPerNetwork
  }

  get size(): number {
    return this.#entries.size
  }

  get isFull(): boolean {
    return this.#entries.size >= this.#size
  }

  get isEmpty(): boolean {
    return this.#entries.size + this.#replacements.size === 0
  }

  entries(): IterableIterator<BucketEntry> {
    return this.#entries.values()
  }

  get(key: KeyId): BucketEntry | undefined {
    return this.#entries.get(key)
  }

  /** Whether one more of that network fits in. */
  hasRoomFor(network: string | undefined): boolean {
    return !this.isFull && countOf(this.#entries, network) < this.#maxPerNetwork
  }

  /** Adds an entry, or replaces it where it stands. */
  set(entry: BucketEntry): void {
    this.#replacements.delete(entry.contact.key)
    this.#entries.set(entry.contact.key, entry)
  }

  remove(key: KeyId): void {
    this.#entries.delete(key)
  }

  /** Remembers who may come in later. Of one network no more than may be in the bucket. */
  keepReplacement(entry: BucketEntry): void {
    const { key } = entry.contact
    this.#replacements.delete(key)
    if (countOf(this.#replacements, entry.network) >= this.#maxPerNetwork) return
    this.#replacements.set(key, entry)
    if (this.#replacements.size <= this.#size) return
    for (const oldest of this.#replacements.keys()) {
      this.#replacements.delete(oldest)
      return
    }
  }

  forgetReplacement(key: KeyId): void {
    this.#replacements.delete(key)
  }

  /** The latest replacement that `isAllowed`, no longer a replacement. */
  takeReplacement(isAllowed: (network: string | undefined) => boolean): BucketEntry | undefined {
    let latest: BucketEntry | undefined
    for (const entry of this.#replacements.values()) {
      if (this.hasRoomFor(entry.network) && isAllowed(entry.network)) latest = entry
    }
    if (latest !== undefined) this.#replacements.delete(latest.contact.key)
    return latest
  }
}

function countOf(entries: ReadonlyMap<KeyId, BucketEntry>, network: string | undefined): number {
  if (network === undefined) return 0
  let count = 0
  for (const entry of entries.values()) if (entry.network === network) count++
  return count
}
