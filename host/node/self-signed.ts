// A certificate that a node makes for itself: X.509 v3 (RFC 5280), ECDSA P-256, signed by its own key. It
// encrypts and vouches for nothing: who dials knows the node's key, which signs the certificate's hash in
// each login (docs/PROTOCOL.md 3.2). It names neither the machine nor the key.

import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import {
  bitString,
  explicit,
  implicit,
  integer,
  isTrue,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts'

export const SELF_SIGNED_NAME = 'keymesh'

const DAY_MS = 86_400_000
/** The clock of who looks at it may be behind. */
const BACKDATED_MS = DAY_MS
const LIFETIME_MS = 3_650 * DAY_MS
const SERIAL_BYTES = 16

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const
const VERSION_3 = Uint8Array.of(2)
/** The first bit: digitalSignature. */
const SIGNS = bitString(Uint8Array.of(0x80), 7)
const DNS_NAME = 2

/** @returns PEM of the private key (PKCS #8) and of the certificate, in one text */
export function makeSelfSigned(unixMs: number): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return key + pemOf(certificateOf(privateKey, publicKey, unixMs))
}

function certificateOf(privateKey: KeyObject, publicKey: KeyObject, unixMs: number): Uint8Array {
  const algorithm = sequence(oid(OID.ecdsaWithSha256))
  const name = sequence(set(sequence(oid(OID.commonName), utf8String(SELF_SIGNED_NAME))))
  const notBeforeMs = unixMs - BACKDATED_MS
  const signed = sequence(
    explicit(0, integer(VERSION_3)),
    integer(newSerial()),
    algorithm,
    name,
    sequence(time(notBeforeMs), time(notBeforeMs + LIFETIME_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensions()),
  )
  return sequence(signed, algorithm, bitString(sign('sha256', signed, privateKey)))
}

function extensions(): Uint8Array {
  return sequence(
    extension(OID.basicConstraints, isTrue(), sequence()),
    extension(OID.keyUsage, isTrue(), SIGNS),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
    extension(
      OID.subjectAltName,
      sequence(implicit(DNS_NAME, Buffer.from(SELF_SIGNED_NAME, 'latin1'))),
    ),
  )
}

/** @param parts `isTrue()` where it is critical, then its value */
function extension(id: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = parts.slice(-1).map(octetString)
  return sequence(oid(id), ...parts.slice(0, -1), ...value)
}

/** Positive, and of one length: the highest bit is clear, the next is set. */
function newSerial(): Uint8Array {
  const serial = randomBytes(SERIAL_BYTES)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
