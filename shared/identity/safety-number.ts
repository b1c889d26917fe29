// The number two people compare, aloud or by eye, to know that nobody stands between them
// (docs/PROTOCOL.md 2.4). Same on both sides; slow on purpose, so that look-alikes cost much to find.

import type { CryptoSuite } from '../crypto/suite.ts'

const ROUNDS = 5_200
const VERSION = Uint8Array.of(0, 1)
const GROUPS_PER_KEY = 6
const GROUP_BYTES = 5
const GROUP_DIGITS = 5

/**
 * @param keyA one of the two public keys, 32 bytes; the order does not matter.
 * @returns 60 digits in twelve groups of five, separated by spaces. Takes about 10 ms in a browser.
 */
export function safetyNumber(suite: CryptoSuite, keyA: Uint8Array, keyB: Uint8Array): string {
  const groupsA = fingerprint(suite, keyA)
  const groupsB = fingerprint(suite, keyB)
  // All groups have the same length, so the joined texts sort like the 30-digit strings they stand for.
  const halves = [groupsA.join(' '), groupsB.join(' ')].sort()
  return halves.join(' ')
}

function fingerprint(suite: CryptoSuite, publicKey: Uint8Array): string[] {
  let digest = suite.sha512(VERSION, publicKey)
  for (let round = 1; round < ROUNDS; round++) digest = suite.sha512(digest, publicKey)
  return Array.from({ length: GROUPS_PER_KEY }, (_, i) => groupAt(digest, i * GROUP_BYTES))
}

function groupAt(digest: Uint8Array, offset: number): string {
  let value = 0
  for (const byte of digest.subarray(offset, offset + GROUP_BYTES)) value = value * 256 + byte
  return String(value % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, '0')
}
