// Signed records for the tests of this folder, with every field at a value that is right by default.

import { nodeSuite } from '../../../host/node/node-suite.ts'
import { forged as forgedBytes } from '../../dht/testing/values.ts'
import type { Identity } from '../../identity/identity.ts'
import type { NodeRecord, SignedRecord } from '../../wire/record.ts'
import { signRecord } from '../../wire/record.ts'
import { START_UNIX_MS } from './start-time.ts'

export { identityOf } from '../../identity/testing/numbered-identity.ts'

export const NET = new Uint8Array(16)

export function recordOf(
  identity: Identity,
  fields: Partial<Omit<NodeRecord, 'key'>> = {},
): SignedRecord {
  return signRecord(nodeSuite, identity, {
    type: 'client',
    seq: START_UNIX_MS,
    ttlS: 3_600,
    seenMs: START_UNIX_MS,
    net: NET,
    endpoints: [],
    servers: [],
    links: [],
    relay: 0,
    onion: [{ key: new Uint8Array(32).fill(1), expiresMs: START_UNIX_MS + 86_400_000 }],
    meta: new Map(),
    versions: [1],
    ...fields,
  })
}

/** The same record with one bit of its signature changed. */
export function forged({ bytes }: SignedRecord): Uint8Array {
  return forgedBytes(bytes)
}
