// Records for tests: one of a client with only what it must have, one of a server with everything.

import type { CborValue } from '../../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../../bytes/cbor.ts'
import { asMap } from '../../bytes/cbor-fields.ts'
import { nobleSuite } from '../../crypto/noble-suite.ts'
import { createIdentity } from '../../identity/identity.ts'
import { CONTEXT, decodeSigned, encodeSigned, signBody } from '../../identity/signed.ts'
import type { NodeRecord, SignedRecord } from '../record.ts'
import { signRecord } from '../record.ts'

export const suite = nobleSuite
export type Fields = Omit<NodeRecord, 'key'>

export const NOW = 1_800_000_000_000
export const identity = createIdentity(suite, new Uint8Array(32).fill(1))
export const other = createIdentity(suite, new Uint8Array(32).fill(2))
export const filled = (length: number, byte: number): Uint8Array =>
  new Uint8Array(length).fill(byte)

export const client: Fields = {
  type: 'client',
  seq: NOW,
  ttlS: 3600,
  seenMs: NOW,
  net: filled(16, 0xaa),
  endpoints: [],
  servers: [filled(32, 0xb1), filled(32, 0xb2)],
  links: [],
  relay: 0,
  onion: [{ key: filled(32, 0xc1), expiresMs: NOW + 86_400_000 }],
  meta: new Map(),
  versions: [1],
}

export const server: Fields = {
  ...client,
  type: 'server',
  servers: [],
  endpoints: [
    { url: 'wss://a.example/mesh' },
    { url: 'wss://192.0.2.1:8443', cert: filled(32, 0xd1) },
  ],
  links: [
    { peer: filled(32, 0xe1), kind: 'ws', rttMs: 12 },
    { peer: filled(32, 0xe2), kind: 'rtc', rttMs: 0 },
  ],
  relay: 3,
  onion: [
    { key: filled(32, 0xc1), expiresMs: NOW + 3_600_000 },
    { key: filled(32, 0xc2), expiresMs: NOW + 86_400_000 },
  ],
  prekeys: filled(32, 0xf1),
  meta: new Map([
    ['name', 'caf\u00e9'],
    ['__proto__', 'harmless'],
  ]),
  sealed: filled(106, 0xf2),
  versions: [1, 2],
}

export const sign = (fields: Fields): SignedRecord => signRecord(suite, identity, fields)
/** A record whose body was made by hand, with a true signature. */
export function signMap(
  change: (body: Map<string, CborValue>) => void,
  fields: Fields = server,
): Uint8Array {
  const body = new Map(asMap(decodeCbor(decodeSigned(sign(fields).bytes).body)))
  change(body)
  return encodeSigned(signBody(suite, identity, CONTEXT.record, encodeCbor(body)))
}
