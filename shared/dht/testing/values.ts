// Signed values for the tests of this folder, with every field at a value that is right by default.

import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { Identity } from '../../identity/identity.ts'
import type { Time } from '../../machine/machine.ts'
import type { NodeRecord } from '../../wire/record.ts'
import { signRecord } from '../../wire/record.ts'
import type { RevocationFields } from '../../wire/revocation.ts'
import { signRevocation } from '../../wire/revocation.ts'
import type { ServiceAd } from '../../wire/service.ts'
import { signService } from '../../wire/service.ts'

export { identityOf } from '../../identity/testing/numbered-identity.ts'

export const UNIX_MS = 1_800_000_000_000
export const TIME: Time = { now: 0, unixMs: UNIX_MS }
export const NET = new Uint8Array(16)

/** A moment so many milliseconds after the start. */
export function later(ms: number): Time {
  return { now: ms, unixMs: UNIX_MS + ms }
}

/** The bytes of a record that lives for an hour. */
export function recordOf(
  identity: Identity,
  fields: Partial<Omit<NodeRecord, 'key'>> = {},
): Uint8Array {
  return signRecord(nodeSuite, identity, {
    type: 'client',
    seq: UNIX_MS,
    ttlS: 3_600,
    seenMs: UNIX_MS,
    net: NET,
    endpoints: [],
    servers: [],
    links: [],
    relay: 0,
    onion: [{ key: new Uint8Array(32).fill(1), expiresMs: UNIX_MS + 86_400_000 }],
    meta: new Map(),
    versions: [1],
    ...fields,
  }).bytes
}

export function revocationOf(
  identity: Identity,
  fields: Partial<RevocationFields> = {},
): Uint8Array {
  return signRevocation(nodeSuite, identity, { net: NET, atMs: UNIX_MS, ...fields }).bytes
}

/** The bytes of an advertisement that lives for an hour. */
export function adOf(identity: Identity, fields: Partial<Omit<ServiceAd, 'key'>> = {}): Uint8Array {
  return signService(nodeSuite, identity, {
    name: 'chess',
    net: NET,
    atMs: UNIX_MS,
    ttlS: 3_600,
    meta: new Map(),
    ...fields,
  }).bytes
}

/** The same with one bit of its last byte, which is a signature's, changed. */
export function forged(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice()
  const last = changed.length - 1
  changed[last] = (changed[last] ?? 0) ^ 1
  return changed
}
