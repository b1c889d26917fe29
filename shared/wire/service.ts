// The advertisement of a service (docs/PROTOCOL.md 10): a key says that it serves a topic. Body {at, key,
// meta?, name, net, ttl}, context `keymesh/service/1`; travels as the CBOR array [body, signature], at most
// 640 bytes. Nobody owns a topic: under its id lies a set, which the registry bounds.

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap, getBytes, getText, getUint } from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { equalBytes } from '../bytes/equal.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import type { Identity } from '../identity/identity.ts'
import { CONTEXT, decodeSigned, encodeSigned, signBody, verifySigned } from '../identity/signed.ts'
import {
  CLOCK_SLACK_MS,
  SERVICE_MAX_BYTES,
  SERVICE_MAX_NAME_BYTES,
  SERVICE_MAX_TTL_S,
} from './limits.ts'
import { NETWORK_ID_LENGTH, readMeta } from './record-body.ts'

export interface ServiceAd {
  /** The topic in words, 1 to 64 bytes of UTF-8. */
  readonly name: string
  /** Public key of the node that serves it and signed. */
  readonly key: Uint8Array
  readonly net: Uint8Array
  /** Unix milliseconds at signing: the latest of one key wins. */
  readonly atMs: number
  /** Seconds of life from `atMs` on. */
  readonly ttlS: number
  /** As a record's: at most RECORD_MAX_META_BYTES encoded. */
  readonly meta: ReadonlyMap<string, string>
}

/** Made by `signService` and `decodeService` only, so that `ad` is what `bytes` say. */
export interface SignedService {
  readonly ad: ServiceAd
  /** The whole of it as it travels, up to SERVICE_MAX_BYTES. */
  readonly bytes: Uint8Array
}

export type ServiceVerdict =
  | 'valid'
  | 'badSignature'
  | 'wrongTopic'
  | 'expired'
  | 'future'
  | 'wrongNetwork'

export interface ServiceExpectation {
  /** Wall clock. */
  readonly unixMs: number
  /** The network that it must belong to; any when left out. */
  readonly net?: Uint8Array
  /** The topic id that was asked for; any when left out. */
  readonly topic?: Uint8Array
}

const TOPIC_PREFIX = utf8Encode('service')

/** Where the advertisements of a name live in the DHT: SHA-256("service" ‖ name), 32 bytes. */
export function serviceTopic(suite: CryptoSuite, name: string): Uint8Array {
  return suite.sha256(TOPIC_PREFIX, utf8Encode(name))
}

/**
 * Signs an advertisement of `identity`, whose key it names.
 * @throws RangeError when the fields break a rule of the shape or make more than SERVICE_MAX_BYTES.
 */
export function signService(
  suite: CryptoSuite,
  identity: Identity,
  fields: Omit<ServiceAd, 'key'>,
): SignedService {
  const body = encodeBody({ ...fields, key: identity.publicKey })
  const bytes = encodeSigned(signBody(suite, identity, CONTEXT.service, body))
  try {
    // What others would refuse must not leave this node: the reader's rules are the writer's rules.
    return decodeService(bytes)
  } catch (error) {
    if (error instanceof DecodeError) throw new RangeError(error.message)
    throw error
  }
}

/** Shape only: nothing in it is true before `verifyService` says so. @throws DecodeError */
export function decodeService(bytes: Uint8Array): SignedService {
  if (bytes.length > SERVICE_MAX_BYTES) {
    throw new DecodeError(`advertisement is over ${SERVICE_MAX_BYTES} bytes`)
  }
  const body = decodeCbor(decodeSigned(bytes).body)
  return { ad: readBody(asMap(body, 'advertisement')), bytes }
}

/** The cheap questions first, the signature (Rule K) last. */
export function verifyService(
  suite: CryptoSuite,
  { ad, bytes }: SignedService,
  { unixMs, net, topic }: ServiceExpectation,
): ServiceVerdict {
  if (topic !== undefined && !equalBytes(serviceTopic(suite, ad.name), topic)) return 'wrongTopic'
  if (net !== undefined && !equalBytes(ad.net, net)) return 'wrongNetwork'
  if (ad.atMs > unixMs + CLOCK_SLACK_MS) return 'future'
  if (unixMs >= serviceExpiryMs(ad)) return 'expired'
  const isSigned = verifySigned(suite, ad.key, CONTEXT.service, decodeSigned(bytes))
  return isSigned ? 'valid' : 'badSignature'
}

/** From this wall-clock moment on an advertisement is expired. Slack is included: clocks differ by minutes. */
export function serviceExpiryMs({ atMs, ttlS }: ServiceAd): number {
  return atMs + ttlS * 1000 + CLOCK_SLACK_MS
}

function encodeBody({ name, key, net, atMs, ttlS, meta }: ServiceAd): Uint8Array {
  const body = new Map<string, CborValue>([
    ['at', atMs],
    ['key', key],
    ['name', name],
    ['net', net],
    ['ttl', ttlS],
  ])
  if (meta.size > 0) body.set('meta', meta)
  return encodeCbor(body)
}

function readBody(body: CborMap): ServiceAd {
  const name = getText(body, 'name', SERVICE_MAX_NAME_BYTES)
  const nameBytes = utf8Encode(name).length
  if (nameBytes === 0 || nameBytes > SERVICE_MAX_NAME_BYTES) {
    throw new DecodeError(`field name is not 1 to ${SERVICE_MAX_NAME_BYTES} bytes`)
  }
  const ttlS = getUint(body, 'ttl', SERVICE_MAX_TTL_S)
  if (ttlS === 0) throw new DecodeError('field ttl is zero')
  return {
    name,
    key: getBytes(body, 'key', KEY_LENGTH),
    net: getBytes(body, 'net', NETWORK_ID_LENGTH),
    atMs: getUint(body, 'at'),
    ttlS,
    meta: readMeta(body),
  }
}
