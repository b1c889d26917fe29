// A CryptoSuite that throws when a key is used twice with one counter, for tests (security gate 2).
// `seal` and `xorStream` are watched apart: the onion's sender computes a piece of the key stream that
// its own `seal` then uses. Each node of a test gets a guard of its own, as peers share keys.

import { toHex } from '../../bytes/hex.ts'
import type { CryptoSuite } from '../suite.ts'

export interface GuardedSuite extends CryptoSuite {
  /** Uses seen so far: a guard that saw none guarded nothing. */
  readonly uses: () => number
}

export function guardNonces(suite: CryptoSuite): GuardedSuite {
  const seen = new Set<string>()
  const use = (what: string, key: Uint8Array, ...numbers: readonly number[]) => {
    const name = [what, toHex(key), ...numbers].join(' ')
    if (seen.has(name)) throw new Error(`nonce reuse: ${what} with counter ${numbers.join(', ')}`)
    seen.add(name)
  }
  return {
    ...suite,
    uses: () => seen.size,
    seal(key, counter, ad, plaintext) {
      use('seal', key, counter)
      return suite.seal(key, counter, ad, plaintext)
    },
    sealInto(key, counter, ad, plaintext, ciphertext, tag) {
      use('seal', key, counter)
      suite.sealInto(key, counter, ad, plaintext, ciphertext, tag)
    },
    xorStream(key, counter, blockCounter, data) {
      use('xorStream', key, counter, blockCounter)
      return suite.xorStream(key, counter, blockCounter, data)
    },
  }
}
