// Noise's SymmetricState (rev 34, 5.2) with SHA-256: the chaining key, the transcript hash and the
// current cipher. Knows nothing of keys and messages; handshake-state.ts drives it.

import { utf8Encode } from '../../bytes/utf8.ts'
import { wipe } from '../../bytes/wipe.ts'
import { noiseHkdf } from '../kdf.ts'
import type { CryptoSuite } from '../suite.ts'
import { KEY_LENGTH } from '../suite.ts'
import { CipherState } from './cipher-state.ts'

export class SymmetricState {
  readonly #suite: CryptoSuite
  #hash: Uint8Array
  #chainingKey: Uint8Array
  #cipher: CipherState

  constructor(suite: CryptoSuite, protocolName: string) {
    this.#suite = suite
    this.#hash = initialHash(suite, protocolName)
    this.#chainingKey = this.#hash.slice()
    this.#cipher = new CipherState(suite)
  }

  /** Whether what follows is encrypted, that is 16 bytes longer. */
  get hasKey(): boolean {
    return this.#cipher.hasKey
  }

  get hash(): Uint8Array {
    return this.#hash.slice()
  }

  /** @param secret wiped by its owner, the caller. */
  mixKey(secret: Uint8Array): void {
    const [chainingKey, key] = this.#derive(secret)
    wipe(this.#chainingKey)
    this.#cipher.wipe()
    this.#chainingKey = chainingKey
    this.#cipher = new CipherState(this.#suite, key)
  }

  mixHash(data: Uint8Array): void {
    this.#hash = this.#suite.sha256(this.#hash, data)
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipher.encryptWithAd(this.#hash, plaintext)
    this.mixHash(ciphertext)
    return ciphertext
  }

  /** @returns `undefined` when the tag is wrong; the state is as before. */
  decryptAndHash(ciphertext: Uint8Array): Uint8Array | undefined {
    const plaintext = this.#cipher.decryptWithAd(this.#hash, ciphertext)
    if (plaintext !== undefined) this.mixHash(ciphertext)
    return plaintext
  }

  /** The transport keys: first the one the initiator sends under, then the responder's. */
  split(): [Uint8Array, Uint8Array] {
    return this.#derive(new Uint8Array(0))
  }

  clone(): SymmetricState {
    const copy = new SymmetricState(this.#suite, '')
    copy.#hash = this.#hash.slice()
    copy.#chainingKey = this.#chainingKey.slice()
    copy.#cipher = this.#cipher.clone()
    return copy
  }

  wipe(): void {
    wipe(this.#hash, this.#chainingKey)
    this.#cipher.wipe()
  }

  #derive(secret: Uint8Array): [Uint8Array, Uint8Array] {
    return noiseHkdf(this.#suite, this.#chainingKey, secret)
  }
}

// A name that fits a hash stands for itself, a longer one is hashed.
function initialHash(suite: CryptoSuite, protocolName: string): Uint8Array {
  const name = utf8Encode(protocolName)
  if (name.length > KEY_LENGTH) return suite.sha256(name)
  const hash = new Uint8Array(KEY_LENGTH)
  hash.set(name)
  return hash
}
