// ChaCha20-Poly1305 (RFC 8439 2.8) by node:crypto, with a free nonce. Part of node-suite.ts and its
// hottest path. Raw keys: as fast as cached key objects (measured), and nothing outlives the call,
// because `final` releases the cipher's key schedule at once.

import type { CipherChaCha20Poly1305Types } from 'node:crypto'
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { TAG_LENGTH } from '../../shared/crypto/suite.ts'
import type { Aead } from '../../shared/crypto/suite-arguments.ts'
import {
  NONCE_LENGTH,
  requireKey,
  requireLength,
  requireOutputs,
} from '../../shared/crypto/suite-arguments.ts'
import { plainBytes } from './node-bytes.ts'

const ALGORITHM: CipherChaCha20Poly1305Types = 'chacha20-poly1305'
const OPTIONS = { authTagLength: TAG_LENGTH }

export const nodeAead: Aead = {
  seal(key, nonce, ad, plaintext) {
    const { length } = plaintext
    const sealed = new Uint8Array(length + TAG_LENGTH)
    sealInto(key, nonce, ad, plaintext, sealed.subarray(0, length), sealed.subarray(length))
    return sealed
  },

  open(key, nonce, ad, ciphertext) {
    requireKey('an AEAD key', key)
    requireLength('an AEAD nonce', nonce, NONCE_LENGTH)
    const length = ciphertext.length - TAG_LENGTH
    if (length < 0) return undefined
    const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS)
    decipher.setAuthTag(ciphertext.subarray(length))
    if (ad.length > 0) decipher.setAAD(ad, { plaintextLength: length })
    const plaintext = decipher.update(ciphertext.subarray(0, length))
    try {
      decipher.final()
    } catch {
      // The tag was wrong: what `update` gave is not authentic and goes no further.
      return undefined
    }
    return plainBytes(plaintext)
  },
}

/** As CryptoSuite.sealInto: `update` gives new memory, which only this call sees. */
export function sealInto(
  key: Uint8Array,
  nonce: Uint8Array,
  ad: Uint8Array,
  plaintext: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): void {
  requireKey('an AEAD key', key)
  requireLength('an AEAD nonce', nonce, NONCE_LENGTH)
  requireOutputs(plaintext, ciphertext, tag)
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS)
  if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: plaintext.length })
  ciphertext.set(cipher.update(plaintext))
  cipher.final()
  tag.set(cipher.getAuthTag())
}
