// Checks and layouts that every crypto provider shares, so that providers agree on caller mistakes and
// on the nonce (docs/PROTOCOL.md 1.1) as they agree on results. A RangeError here is a caller's bug:
// lengths of what a peer sent are checked by the decoders before they come this far.

import { KEY_LENGTH, TAG_LENGTH } from './suite.ts'

export const NONCE_LENGTH = 12

/** Bytes of one ChaCha20 block. */
export const BLOCK_LENGTH = 64
/** The block counter is a u32; its last value is left unused, so that no provider can ever wrap. */
const MAX_BLOCKS = 2 ** 32 - 1

/** ChaCha20-Poly1305 with the whole 12-byte nonce in the caller's hands: what a provider's `seal` is made of. */
export interface Aead {
  seal(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    ad: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | undefined
}

/** @throws RangeError unless `bytes` has exactly `length` bytes. */
export function requireLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) {
    throw new RangeError(`${what} has ${bytes.length} bytes, not ${length}`)
  }
}

/** @throws RangeError unless `key` has 32 bytes. */
export function requireKey(what: string, key: Uint8Array): void {
  requireLength(what, key, KEY_LENGTH)
}

/** @throws RangeError unless `sealInto` can write its results into exactly these. */
export function requireOutputs(
  plaintext: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): void {
  requireLength('memory for the ciphertext', ciphertext, plaintext.length)
  requireLength('memory for the tag', tag, TAG_LENGTH)
}

/**
 * Writes 4 zero bytes, then `counter` as u64 little-endian, at `offset`.
 * @throws RangeError unless `counter` is a safe integer from 0 on.
 */
export function writeNonce(out: Uint8Array, offset: number, counter: number): void {
  if (!Number.isSafeInteger(counter) || counter < 0) {
    throw new RangeError('a nonce counter is an integer from 0 to 2^53 - 1')
  }
  writeU32(out, offset, 0)
  writeU32(out, offset + 4, counter % 2 ** 32)
  writeU32(out, offset + 8, Math.floor(counter / 2 ** 32))
}

/** Little-endian, as ChaCha20 wants its block counter. */
export function writeU32(out: Uint8Array, offset: number, value: number): void {
  out[offset] = value
  out[offset + 1] = value >>> 8
  out[offset + 2] = value >>> 16
  out[offset + 3] = value >>> 24
}

/** @throws RangeError when a key stream from `blockCounter` on, `length` bytes long, would wrap. */
export function requireBlocks(blockCounter: number, length: number): void {
  const end = blockCounter + Math.ceil(length / BLOCK_LENGTH)
  if (!Number.isSafeInteger(blockCounter) || blockCounter < 0 || end > MAX_BLOCKS) {
    throw new RangeError('the block counter is an integer and may not pass 2^32 - 1')
  }
}
