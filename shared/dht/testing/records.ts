// Signed values for tests of the DHT's parts, by the fake suite.

import { fakeSuite } from '../../../sim/fake-suite.ts'
import type { Identity } from '../../identity/identity.ts'
import { createIdentity } from '../../identity/identity.ts'
import { signRecord } from '../../wire/record.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import { signRevocation } from '../../wire/revocation.ts'
import type { SignedService } from '../../wire/service.ts'
import { signService } from '../../wire/service.ts'

export const NET = new Uint8Array(16).fill(3)
export const UNIX_MS = 1_800_000_000_000

export function identityOf(seed: number): Identity {
  return createIdentity(fakeSuite, new Uint8Array(32).fill(seed))
}

export interface RecordFields {
  readonly seq: number
  readonly net?: Uint8Array
  readonly ttlS?: number
}

export function recordValue(identity: Identity, fields: RecordFields): RegistryValue {
  const { seq, net = NET, ttlS = 86_400 } = fields
  const signed = signRecord(fakeSuite, identity, {
    type: 'client',
    seq,
    seenMs: seq,
    ttlS,
    net,
    endpoints: [],
    servers: [],
    links: [],
    relay: 0,
    onion: [{ key: new Uint8Array(32).fill(9), expiresMs: seq }],
    meta: new Map(),
    versions: [1],
  })
  return { kind: 'record', signed }
}

export function revocationValue(identity: Identity, atMs = UNIX_MS): RegistryValue {
  return { kind: 'revocation', signed: signRevocation(fakeSuite, identity, { net: NET, atMs }) }
}

export function serviceAd(identity: Identity, atMs: number, name = 'chess'): SignedService {
  const fields = { name, net: NET, atMs, ttlS: 600, meta: new Map<string, string>() }
  return signService(fakeSuite, identity, fields)
}
