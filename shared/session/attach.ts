// Attaching a new circuit to a running session without a handshake (docs/PROTOCOL.md 7). The circuit's SETUP
// carries a packet with a PATH_ATTACH frame and a fresh nonce; the answer is a packet that repeats the nonce.
// Both are sealed under the session's keys and pass its replay window, so neither can be played again.

import { equalBytes } from '../bytes/equal.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { SESSION_MAX_PATHS } from '../wire/limits.ts'
import { writeAttach } from '../wire/session-frame-writers.ts'
import { ATTACH_NONCE_BYTES } from '../wire/session-frames.ts'
import type { Epochs } from './epochs.ts'

export class Attachments {
  readonly #random: RandomBytes
  readonly #epochs: Epochs
  /** Nonces that wait for their answer, oldest first. */
  #asked: Uint8Array[] = []

  constructor(random: RandomBytes, epochs: Epochs) {
    this.#random = random
    this.#epochs = epochs
  }

  /** The packet for a SETUP. An attempt that never came back makes way for the ninth after it. */
  ask(): Uint8Array {
    const nonce = this.#random(ATTACH_NONCE_BYTES)
    this.#asked.push(nonce)
    if (this.#asked.length > SESSION_MAX_PATHS) this.#asked.shift()
    return this.#seal(nonce)
  }

  /** The packet for the answer to a SETUP with `nonce`. */
  answer(nonce: Uint8Array): Uint8Array {
    return this.#seal(nonce)
  }

  /** Whether `nonce` answers a question of ours. True once. */
  confirm(nonce: Uint8Array): boolean {
    const waiting = this.#asked.filter(asked => !equalBytes(asked, nonce))
    const isKnown = waiting.length < this.#asked.length
    this.#asked = waiting
    return isKnown
  }

  clear(): void {
    this.#asked = []
  }

  #seal(nonce: Uint8Array): Uint8Array {
    const frame = new Uint8Array(1 + nonce.length)
    writeAttach(frame, 0, nonce)
    return this.#epochs.seal(frame)
  }
}
