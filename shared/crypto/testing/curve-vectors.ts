// Runs the public vectors of X25519, Ed25519 under Rule K (docs/PROTOCOL.md 1.3) and key conversion.

import { isAllZero } from '../../bytes/equal.ts'
import { fromHex, toHex } from '../../bytes/hex.ts'
import { utf8Encode } from '../../bytes/utf8.ts'
import { edToXPublic } from '../ed-to-x.ts'
import type { CryptoSuite } from '../suite.ts'
import { KEY_LENGTH, SIGNATURE_LENGTH } from '../suite.ts'
import type { VectorFiles } from './vector-files.ts'
import type { Verdicts } from './verdicts.ts'

export function runX25519(
  suite: CryptoSuite,
  file: VectorFiles['x25519'],
  verdicts: Verdicts,
): void {
  verdicts.group('wycheproof x25519')
  for (const test of file.testGroups.flatMap(group => group.tests)) {
    const secret = suite.dh(fromHex(test.private), fromHex(test.public))
    verdicts.expect(test.tcId, secret, isAllZero(fromHex(test.shared)) ? undefined : test.shared)
  }
}

/** Each of these files says what Rule K must answer; small-order keys and mixed order are refused. */
export function runSignatures(suite: CryptoSuite, files: VectorFiles, verdicts: Verdicts): void {
  const verify = (key: string, message: Uint8Array, signature: string) =>
    suite.verify(fromHex(key), message, fromHex(signature))

  verdicts.group('wycheproof ed25519')
  for (const { publicKey, tests } of files.ed25519.testGroups) {
    for (const { tcId, msg, sig, result } of tests) {
      verdicts.expect(tcId, verify(publicKey.pk, fromHex(msg), sig), result === 'valid')
    }
  }
  verdicts.group('ed25519 speccheck')
  for (const [i, { message, pub_key, signature }] of files.speccheck.entries()) {
    verdicts.expect(i, verify(pub_key, fromHex(message), signature), false)
  }
  verdicts.group('ed25519 zip215')
  for (const [i, { vk_bytes, sig_bytes }] of files.zip215.entries()) {
    verdicts.expect(i, verify(vk_bytes, utf8Encode('Zcash'), sig_bytes), false)
  }
  verdicts.group('ed25519 consensus split')
  const split = files.consensusSplit
  verdicts.expect(0, verify(split.pub_key, fromHex(split.message), split.signature), split.rule_k)
}

export function runSigning(suite: CryptoSuite, lines: string, verdicts: Verdicts): void {
  verdicts.group('ed25519 sign.input')
  for (const [i, line] of lines.split('\n').filter(Boolean).entries()) {
    const [secret = '', publicKey = '', message = '', signed = ''] = line.split(':')
    const seed = fromHex(secret.slice(0, 2 * KEY_LENGTH))
    const signature = signed.slice(0, 2 * SIGNATURE_LENGTH)
    const bytes = fromHex(message)
    verdicts.expect(`${i} public`, suite.signPublic(seed), publicKey)
    verdicts.expect(`${i} sign`, suite.sign(seed, bytes), signature)
    verdicts.expect(
      `${i} verify`,
      suite.verify(fromHex(publicKey), bytes, fromHex(signature)),
      true,
    )
    const longer = fromHex(`${message}00`)
    verdicts.expect(
      `${i} other`,
      suite.verify(fromHex(publicKey), longer, fromHex(signature)),
      false,
    )
  }
}

export function runConversion(
  suite: CryptoSuite,
  file: VectorFiles['edToX'],
  verdicts: Verdicts,
): void {
  verdicts.group('ed25519 to x25519')
  for (const [i, vector] of file.vectors.entries()) {
    const seed = fromHex(vector.ed25519_seed)
    const scalar = suite.sha512(seed).slice(0, KEY_LENGTH)
    verdicts.expect(`${i} ed public`, suite.signPublic(seed), vector.ed25519_public)
    verdicts.expect(`${i} clamped`, clamped(scalar), vector.x25519_private)
    verdicts.expect(`${i} x public`, suite.dhPublic(scalar), vector.x25519_public)
    const converted = edToXPublic(fromHex(vector.ed25519_public))
    verdicts.expect(`${i} converted`, converted, vector.x25519_public)
    verdicts.expect(
      `${i} clamping`,
      toHex(suite.dhPublic(clamped(scalar))) === vector.x25519_public,
      true,
    )
  }
}

function clamped(scalar: Uint8Array): Uint8Array {
  const bytes = scalar.slice()
  bytes[0] = (bytes[0] as number) & 0xf8
  bytes[31] = ((bytes[31] as number) & 0x7f) | 0x40
  return bytes
}
