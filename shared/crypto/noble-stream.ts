// The ChaCha20 key stream (RFC 8439 2.4) by @noble/ciphers. Part of noble-suite.ts; node-suite.ts takes it
// for single blocks.

import { chacha20 } from '@noble/ciphers/chacha.js'
import { NONCE_LENGTH, requireBlocks, requireKey, writeNonce } from './suite-arguments.ts'

/** CryptoSuite.xorStream. */
export function nobleXorStream(
  key: Uint8Array,
  counter: number,
  blockCounter: number,
  data: Uint8Array,
): Uint8Array {
  requireKey('a stream key', key)
  requireBlocks(blockCounter, data.length)
  return chacha20(key, nonceOf(counter), data, undefined, blockCounter)
}

export function nonceOf(counter: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_LENGTH)
  writeNonce(nonce, 0, counter)
  return nonce
}
