// What a client shows to neighbours that open links to it: a certificate that it makes at its start and forgets at
// its end. Nobody has to trust it: its hash is signed with each login (docs/PROTOCOL.md 3.2).

import { createHash, X509Certificate } from 'node:crypto'
import { makeSelfSigned } from './self-signed.ts'

export interface LanCertificate {
  /** PEM, both. */
  readonly cert: string
  readonly key: string
  /** SHA-256 of the certificate's DER. */
  readonly certSha256: Uint8Array
}

export function newLanCertificate(unixMs: number): LanCertificate {
  const pem = makeSelfSigned(unixMs)
  const digest = createHash('sha256').update(new X509Certificate(pem).raw).digest()
  return { cert: pem, key: pem, certSha256: new Uint8Array(digest) }
}
