// Noise's CipherState (rev 34, 5.1): a key and its counter, or no key yet, when bytes pass in the clear.
// The counter moves only when a message was sealed or opened, so a forged one changes nothing.
// Its counter ends far below the 2^64 - 1 that Noise reserves.

import { wipe } from '../../bytes/wipe.ts'
import type { CryptoSuite } from '../suite.ts'
import { KEY_LENGTH } from '../suite.ts'

export class CipherState {
  readonly #suite: CryptoSuite
  #key: Uint8Array | undefined
  #counter = 0

  /** @param key taken over: wiped here. */
  constructor(suite: CryptoSuite, key?: Uint8Array) {
    this.#suite = suite
    this.#key = key
  }

  get hasKey(): boolean {
    return this.#key !== undefined
  }

  /** @returns 16 bytes more than `plaintext` once there is a key. */
  encryptWithAd(ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    if (this.#key === undefined) return plaintext.slice()
    const ciphertext = this.#suite.seal(this.#key, this.#counter, ad, plaintext)
    this.#counter++
    return ciphertext
  }

  /** @returns `undefined` when the tag is wrong; the state is as before. */
  decryptWithAd(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    if (this.#key === undefined) return ciphertext.slice()
    const plaintext = this.#suite.open(this.#key, this.#counter, ad, ciphertext)
    if (plaintext !== undefined) this.#counter++
    return plaintext
  }

  clone(): CipherState {
    const copy = new CipherState(this.#suite, this.#key?.slice())
    copy.#counter = this.#counter
    return copy
  }

  /** Afterwards every use is a RangeError of the provider: the counter is spent. */
  wipe(): void {
    if (this.#key === undefined) this.#key = new Uint8Array(KEY_LENGTH)
    wipe(this.#key)
    this.#counter = Number.MAX_SAFE_INTEGER + 1
  }
}
