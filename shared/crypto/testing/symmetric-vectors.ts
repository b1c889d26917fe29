// Runs the Wycheproof vectors of HMAC, HKDF and ChaCha20-Poly1305.

import { concat } from '../../bytes/concat.ts'
import { fromHex, toHex } from '../../bytes/hex.ts'
import { hkdf } from '../kdf.ts'
import type { CryptoSuite } from '../suite.ts'
import type { Aead } from '../suite-arguments.ts'
import type { VectorFiles } from './vector-files.ts'
import type { Verdicts } from './verdicts.ts'
import { refusable } from './verdicts.ts'

export function runHmac(suite: CryptoSuite, file: VectorFiles['hmac'], verdicts: Verdicts): void {
  verdicts.group('wycheproof hmac-sha256')
  for (const { tcId, key, msg, tag, result } of testsOf(file)) {
    const mac = suite.hmac(fromHex(key), fromHex(msg)).subarray(0, tag.length / 2)
    if (result === 'valid') verdicts.expect(tcId, mac, tag)
    else verdicts.note(tcId, mac, !isHex(mac, tag))
  }
}

export function runHkdf(suite: CryptoSuite, file: VectorFiles['hkdf'], verdicts: Verdicts): void {
  verdicts.group('wycheproof hkdf-sha256')
  for (const { tcId, ikm, salt, info, size, okm, result } of testsOf(file)) {
    const input = { ikm: fromHex(ikm), salt: fromHex(salt), info: fromHex(info), length: size }
    const derived = refusable(() => hkdf(suite, input))
    verdicts.expect(tcId, derived, result === 'valid' ? okm : undefined)
  }
}

/**
 * By the part of a provider that takes the whole nonce: no vector has a nonce of the form that
 * `suite.seal` writes (4 zero bytes, then a counter below 2^53). The conformance suite shows that the
 * suite's own `seal` and `open` are this, with that nonce.
 */
export function runAead(aead: Aead, file: VectorFiles['chachaPoly'], verdicts: Verdicts): void {
  verdicts.group('wycheproof chacha20-poly1305')
  for (const test of testsOf(file)) {
    const [key, nonce, ad] = [fromHex(test.key), fromHex(test.iv), fromHex(test.aad)]
    const sealed = refusable(() => aead.seal(key, nonce, ad, fromHex(test.msg)))
    const wanted = test.ct + test.tag
    // An invalid vector has a wrong tag, or a nonce of a length that must be refused.
    if (test.result === 'valid') verdicts.expect(`${test.tcId} seal`, sealed, wanted)
    else verdicts.note(`${test.tcId} seal`, sealed, sealed === undefined || !isHex(sealed, wanted))
    const ciphertext = concat(fromHex(test.ct), fromHex(test.tag))
    const opened = refusable(() => aead.open(key, nonce, ad, ciphertext))
    verdicts.expect(`${test.tcId} open`, opened, test.result === 'valid' ? test.msg : undefined)
  }
}

function isHex(bytes: Uint8Array, hex: string): boolean {
  return toHex(bytes) === hex
}

function testsOf<Vector>(file: { testGroups: readonly { tests: readonly Vector[] }[] }): Vector[] {
  return file.testGroups.flatMap(group => group.tests)
}
