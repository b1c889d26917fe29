// What sessions under test begin with: the secrets of a real handshake, and a suite that watches nonces.

import { mapKey } from '../../bytes/map-key.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { Identity } from '../../identity/identity.ts'
import type { SessionSecrets } from '../handshake.ts'
import { acceptHandshake, HandshakeInitiator } from '../handshake.ts'
import type { Seeded } from './seeded.ts'

export const UNIX_MS = 1_800_000_000_000

/** Aborts the test when a nonce is used twice under one key (docs/THREATS.md, gate 2). */
export function watched(suite: CryptoSuite): CryptoSuite {
  const used = new Set<string>()
  return {
    ...suite,
    seal(key, counter, ad, plaintext) {
      const nonce = `${mapKey(key)}/${counter}`
      // Noise itself starts each key at 0 with other associated data; only packets have a 12-byte header.
      if (ad.length === 12) {
        if (used.has(nonce)) throw new Error('nonce used twice')
        used.add(nonce)
      }
      return suite.seal(key, counter, ad, plaintext)
    },
  }
}

export function handshakeSecrets(
  suite: CryptoSuite,
  random: Seeded,
  caller: Identity,
  callee: Identity,
): { caller: SessionSecrets; callee: SessionSecrets } {
  const initiator = new HandshakeInitiator(
    { suite, random: random.bytes, identity: caller },
    callee.publicKey,
    UNIX_MS,
  )
  const outcome = acceptHandshake(
    { suite, random: random.bytes, identity: callee },
    initiator.message,
    () => undefined,
  )
  if (outcome.kind !== 'accepted') throw new Error('refused')
  const secrets = initiator.finish(outcome.message)
  if (secrets === undefined) throw new Error('not finished')
  return { caller: secrets, callee: outcome.secrets }
}
