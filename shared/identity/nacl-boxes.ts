// The part of NaCl that identities use, as the `tweetnacl` module offers it. It is handed in, so that
// programs load that module only when somebody seals metadata or handles a backup.

export const NACL_KEY_LENGTH = 32
export const NACL_NONCE_LENGTH = 24
/** What a box is longer than its plaintext. */
export const NACL_OVERHEAD = 16

export interface NaclBoxes {
  /** XSalsa20-Poly1305. `open` gives null when the box was not made with that key and nonce. */
  readonly secretbox: {
    (plaintext: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array
    open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | null
  }
  /** `before` gives the shared key with which a secretbox is the same as a box between the two. */
  readonly box: {
    before(publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array
  }
}
