// What ties a login to the channel it travels on (docs/PROTOCOL.md 3.2): both sides hash what they see
// of the channel and sign the hash, so an honest login that another node relays is worth nothing.

import { utf8Encode } from '../bytes/utf8.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'

const UNSEEN_CERTIFICATE = new Uint8Array(KEY_LENGTH)
const ORIGIN = /^wss?:\/\/[^\s/?#@]+$/
const DEFAULT_PORT = /^(?:(ws:.*):80|(wss:.*):443)$/

/**
 * SHA-256("ws" ‖ origin ‖ certificate hash).
 * @param origin as dialed, `ws://host[:port]` or `wss://…`; its case and a default port do not matter.
 * @param certSha256 SHA-256 of the server's certificate; left out by a browser, which cannot see it.
 * @throws RangeError for an origin with a path, a user or another scheme, or a hash of another length.
 */
export function wsBinding(suite: CryptoSuite, origin: string, certSha256?: Uint8Array): Uint8Array {
  const lower = origin.toLowerCase()
  if (!ORIGIN.test(lower)) throw new RangeError(`not a WebSocket origin: ${origin}`)
  return suite.sha256(
    utf8Encode(`ws${lower.replace(DEFAULT_PORT, '$1$2')}`),
    checkDigest(certSha256 ?? UNSEEN_CERTIFICATE),
  )
}

/**
 * SHA-256("rtc" ‖ initiator's fingerprint ‖ responder's), each the SHA-256 of that side's DTLS certificate.
 * @throws RangeError unless both are 32 bytes.
 */
export function rtcBinding(
  suite: CryptoSuite,
  initiatorFingerprint: Uint8Array,
  responderFingerprint: Uint8Array,
): Uint8Array {
  return suite.sha256(
    utf8Encode('rtc'),
    checkDigest(initiatorFingerprint),
    checkDigest(responderFingerprint),
  )
}

function checkDigest(digest: Uint8Array): Uint8Array {
  if (digest.length !== KEY_LENGTH) throw new RangeError('a certificate hash has 32 bytes')
  return digest
}
