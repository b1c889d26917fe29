// When handshakes with one peer crossed or may cross: both sides may dial at once, and one side may send a second
// handshake while the first is still under way.

import { OVERTAKEN_RETRY_MS, SETUP_TIMEOUT_MS } from '../wire/limits.ts'

export class HandshakeTimes {
  #begunAt = Number.NEGATIVE_INFINITY
  #contestedAt = Number.NEGATIVE_INFINITY

  /** A session begins. @param isOurs by a handshake of ours @param isContested another one of ours was under way */
  began(now: number, isOurs: boolean, isContested: boolean): void {
    this.#begunAt = isOurs ? now : Number.NEGATIVE_INFINITY
    this.#contestedAt = isContested ? now : Number.NEGATIVE_INFINITY
  }

  /** Ours has succeeded so lately that one of the peer's, which is older, may still come. */
  mayBeCrossed(now: number): boolean {
    return now < this.#begunAt + OVERTAKEN_RETRY_MS
  }

  /** The peer may take a handshake of ours that lost for newer than the one that won. */
  isContested(now: number): boolean {
    return now < this.#contestedAt + SETUP_TIMEOUT_MS
  }
}
