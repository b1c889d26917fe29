// The one seam between the core and a crypto library. Everything is synchronous. Providers:
// noble-suite.ts (browsers, default), host/node/node-suite.ts (Node), and a fake for the simulator.
// crypto-suite.suite.ts is the conformance suite that each of them passes.

/** Length of every X25519 and Ed25519 key, of ChaCha20-Poly1305 keys and of SHA-256 digests, in bytes. */
export const KEY_LENGTH = 32
export const SIGNATURE_LENGTH = 64
export const TAG_LENGTH = 16

export interface CryptoSuite {
  readonly name: string

  /** SHA-256 of the concatenation of `parts`. */
  sha256(...parts: Uint8Array[]): Uint8Array
  /** SHA-512 of the concatenation of `parts`. */
  sha512(...parts: Uint8Array[]): Uint8Array
  /** HMAC-SHA-256 of the concatenation of `parts`. */
  hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array

  /** Public key of a 32-byte X25519 private key (clamped inside). */
  dhPublic(privateKey: Uint8Array): Uint8Array
  /** X25519. `undefined` when the shared secret would be all-zero (RFC 7748 6.1), found in constant time. */
  dh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined

  /** Ed25519 public key of a 32-byte seed. */
  signPublic(seed: Uint8Array): Uint8Array
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array
  /** Rule K (docs/PROTOCOL.md 1.3): one verdict on every provider. Never throws for bad input. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean

  /**
   * ChaCha20-Poly1305 (RFC 8439), nonce = 4 zero bytes then `counter` as u64 little-endian.
   * @returns ciphertext followed by the 16-byte tag.
   */
  seal(key: Uint8Array, counter: number, ad: Uint8Array, plaintext: Uint8Array): Uint8Array
  /**
   * As `seal`, into memory of the caller: `ciphertext` is as long as `plaintext` and may be the same
   * memory; `tag` has TAG_LENGTH bytes.
   */
  sealInto(
    key: Uint8Array,
    counter: number,
    ad: Uint8Array,
    plaintext: Uint8Array,
    ciphertext: Uint8Array,
    tag: Uint8Array,
  ): void
  /** Opens what `seal` made. `undefined` when the tag is wrong. `ciphertext` ends with the tag. */
  open(
    key: Uint8Array,
    counter: number,
    ad: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | undefined

  /**
   * `data` xor the ChaCha20 key stream (RFC 8439 2.4), nonce as in `seal`, from block `blockCounter` on.
   * @returns a new array of the same length.
   */
  xorStream(key: Uint8Array, counter: number, blockCounter: number, data: Uint8Array): Uint8Array
}
