// Ids of the messages that one peer was shown to have sent, kept in blocks: a message makes one small block be
// written anew, not the whole memory. The oldest block makes way. Seals nothing and knows no store.

import type { SavedIds } from '../../session/saved-session.ts'
import { SAVED_IDS_PER_BLOCK, SEEN_MESSAGES_PER_PEER } from '../../wire/limits.ts'

/** Places for blocks: together they hold what SeenIds holds. */
const BLOCKS = SEEN_MESSAGES_PER_PEER / SAVED_IDS_PER_BLOCK

export interface BlockToSave extends SavedIds {
  /** Where it is kept: the block that was there before is forgotten. */
  readonly place: number
}

export class KeptIds {
  #number: number
  #ids: Uint8Array[] = []
  #isDirty = false
  readonly #full: BlockToSave[] = []
  readonly #used = new Set<number>()

  /** @param saved what an earlier life kept, in any order */
  constructor(saved: readonly SavedIds[] = []) {
    let last = -1
    for (const { number } of saved) {
      last = Math.max(last, number)
      this.#used.add(number % BLOCKS)
    }
    this.#number = last + 1
  }

  /** Places that hold something. */
  get places(): Iterable<number> {
    return this.#used
  }

  add(id: Uint8Array): void {
    this.#ids.push(id)
    this.#isDirty = true
    if (this.#ids.length < SAVED_IDS_PER_BLOCK) return
    this.#full.push(this.#block())
    this.#number += 1
    this.#ids = []
    this.#isDirty = false
  }

  /** The next block that changed since it was taken. */
  take(): BlockToSave | undefined {
    const full = this.#full.shift()
    if (full !== undefined || !this.#isDirty) return full
    this.#isDirty = false
    return this.#block()
  }

  #block(): BlockToSave {
    const place = this.#number % BLOCKS
    this.#used.add(place)
    return { place, number: this.#number, ids: [...this.#ids] }
  }
}
