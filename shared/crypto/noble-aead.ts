// ChaCha20-Poly1305 (RFC 8439 2.8) by @noble/ciphers, with a free nonce. Part of noble-suite.ts.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { TAG_LENGTH } from './suite.ts'
import type { Aead } from './suite-arguments.ts'
import { NONCE_LENGTH, requireKey, requireLength } from './suite-arguments.ts'

export const nobleAead: Aead = {
  seal(key, nonce, ad, plaintext) {
    requireKey('an AEAD key', key)
    requireLength('an AEAD nonce', nonce, NONCE_LENGTH)
    return chacha20poly1305(key, nonce, ad).encrypt(plaintext)
  },

  open(key, nonce, ad, ciphertext) {
    requireKey('an AEAD key', key)
    requireLength('an AEAD nonce', nonce, NONCE_LENGTH)
    if (ciphertext.length < TAG_LENGTH) return undefined
    try {
      return chacha20poly1305(key, nonce, ad).decrypt(ciphertext)
    } catch {
      // Lengths are right, so the tag was wrong.
      return undefined
    }
  },
}
