// Which packet counters were seen, over the newest 1,024 (RFC 4303 3.4.3, RFC 6479): below the window all
// count as seen. Ask with `isNew` before the packet is opened, `add` only once it proved authentic.

import { REPLAY_WINDOW_PACKETS } from '../wire/limits.ts'

const WORD_BITS = 32
const WORDS = REPLAY_WINDOW_PACKETS / WORD_BITS

export class ReplayWindow {
  // One bit per counter, at counter mod window. Taken when the first packet arrives.
  #words: Uint32Array | undefined
  /** The greatest counter seen, -1 before any. */
  #greatest = -1

  isNew(counter: number): boolean {
    if (counter > this.#greatest) return true
    if (counter <= this.#greatest - REPLAY_WINDOW_PACKETS) return false
    return !this.#has(counter)
  }

  add(counter: number): void {
    this.#words ??= new Uint32Array(WORDS)
    if (counter > this.#greatest) this.#advance(this.#words, counter)
    const word = wordOf(counter)
    this.#words[word] = (this.#words[word] as number) | bitOf(counter)
  }

  #has(counter: number): boolean {
    return (
      this.#words !== undefined && ((this.#words[wordOf(counter)] as number) & bitOf(counter)) !== 0
    )
  }

  /** Clears the bits of the counters that enter the window. */
  #advance(words: Uint32Array, counter: number): void {
    if (counter - this.#greatest >= REPLAY_WINDOW_PACKETS) words.fill(0)
    else {
      for (let entering = this.#greatest + 1; entering <= counter; entering++) {
        const word = wordOf(entering)
        words[word] = (words[word] as number) & ~bitOf(entering)
      }
    }
    this.#greatest = counter
  }
}

function wordOf(counter: number): number {
  return Math.floor((counter % REPLAY_WINDOW_PACKETS) / WORD_BITS)
}

function bitOf(counter: number): number {
  return 1 << (counter % WORD_BITS)
}
