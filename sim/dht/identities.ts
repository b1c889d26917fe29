// Keys and signed records of a simulated network, by the fake suite.

import { DecodeError } from '../../shared/bytes/decode-error.ts'
import type { Contact } from '../../shared/dht/contact.ts'
import { contactOf } from '../../shared/dht/contact.ts'
import type { Identity } from '../../shared/identity/identity.ts'
import { createIdentity } from '../../shared/identity/identity.ts'
import { RECORD_TTL_S } from '../../shared/wire/limits.ts'
import type { SignedRecord } from '../../shared/wire/record.ts'
import { decodeRecord, signRecord } from '../../shared/wire/record.ts'
import { fakeSuite } from '../fake-suite.ts'
import type { Rng } from '../rng.ts'

/** The network that every simulated record belongs to. */
export const SIM_NET = new Uint8Array(16).fill(0x51)

const ONION_KEY = new Uint8Array(32).fill(0x0f)
const ONION_LIFE_MS = 86_400_000

export function newIdentity(rng: Rng): Identity {
  return createIdentity(fakeSuite, rng.bytes(32))
}

export function serverRecord(identity: Identity, url: string, unixMs: number): SignedRecord {
  return signRecord(fakeSuite, identity, {
    ...commonFields(unixMs),
    type: 'server',
    endpoints: [{ url }],
    servers: [],
    relay: 1,
  })
}

export interface ClientRecordOptions {
  readonly unixMs: number
  /** Keys of the servers it is attached to. */
  readonly servers: readonly Uint8Array[]
  readonly ttlS?: number
}

export function clientRecord(identity: Identity, options: ClientRecordOptions): SignedRecord {
  const { unixMs, servers, ttlS = RECORD_TTL_S } = options
  return signRecord(fakeSuite, identity, {
    ...commonFields(unixMs),
    ttlS,
    type: 'client',
    endpoints: [],
    servers,
    relay: 0,
  })
}

/** The server that a record is about, as WELCOME's reader takes it; `undefined` for other records. */
export function contactOfRecord(bytes: Uint8Array): Contact | undefined {
  try {
    const { record } = decodeRecord(bytes)
    const [endpoint] = record.endpoints
    return endpoint && contactOf(fakeSuite, record.key, endpoint.url)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

function commonFields(unixMs: number) {
  return {
    seq: unixMs,
    seenMs: unixMs,
    ttlS: RECORD_TTL_S,
    net: SIM_NET,
    links: [],
    onion: [{ key: ONION_KEY, expiresMs: unixMs + ONION_LIFE_MS }],
    meta: new Map<string, string>(),
    versions: [1],
  } as const
}
