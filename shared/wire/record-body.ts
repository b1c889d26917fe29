// The fields of a node record and their CBOR map (docs/PROTOCOL.md 2.2). The shape is judged here, time
// and signature in record.ts. Fields that this version does not know are ignored; they live on in the
// signed bytes. A client's record has no place for an address: its `endpoints` are keys of servers.

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import {
  asMap,
  getArray,
  getBytes,
  getOptionalArray,
  getOptionalBytes,
  getOptionalBytesUpTo,
  getOptionalMap,
  getText,
  getUint,
} from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import {
  RECORD_MAX_ENDPOINTS,
  RECORD_MAX_LINKS,
  RECORD_MAX_META_BYTES,
  RECORD_MAX_ONION_KEYS,
  RECORD_MAX_SEALED_BYTES,
  RECORD_MAX_SERVERS,
  RECORD_MAX_TTL_S,
  RECORD_MAX_URL_CHARS,
  RECORD_MAX_VERSIONS,
} from './limits.ts'

/** Bytes of a network id. */
export const NETWORK_ID_LENGTH = 16

export type NodeType = 'server' | 'client'

export interface ServerEndpoint {
  /** `ws://…` or `wss://…`, printable ASCII. */
  readonly url: string
  /** SHA-256 of the TLS certificate, where no public authority vouches for it. */
  readonly cert?: Uint8Array
}

/** A standing connection that this node can relay over. Counts only where both ends name it. */
export interface RecordLink {
  /** Public key of the other end. */
  readonly peer: Uint8Array
  readonly kind: 'ws' | 'rtc'
  readonly rttMs: number
}

export interface OnionKeyEntry {
  /** X25519, 32 bytes. */
  readonly key: Uint8Array
  readonly expiresMs: number
}

export interface NodeRecord {
  /** Public key of the node that signed. */
  readonly key: Uint8Array
  readonly type: NodeType
  /** Unix milliseconds at signing, strictly rising: the highest wins. */
  readonly seq: number
  /** Seconds of life, counted from `seenMs`. */
  readonly ttlS: number
  readonly seenMs: number
  readonly net: Uint8Array
  /** Servers only: where they may be dialed. */
  readonly endpoints: readonly ServerEndpoint[]
  /** Clients only: keys of the servers they are attached to. */
  readonly servers: readonly Uint8Array[]
  readonly links: readonly RecordLink[]
  /** Capacity class as a relay, 0 = does not relay. */
  readonly relay: number
  /** The current key, then the next one if it is already known. */
  readonly onion: readonly OnionKeyEntry[]
  /** SHA-256 of the signed prekey bundle. */
  readonly prekeys?: Uint8Array
  readonly meta: ReadonlyMap<string, string>
  /** Metadata for chosen readers, identity/sealed-metadata.ts. */
  readonly sealed?: Uint8Array
  /** Protocol versions, ascending. */
  readonly versions: readonly number[]
}

const MAX_RELAY_CLASS = 255
const MAX_VERSION = 0xffff
const MAX_RTT_MS = 0xffff_ffff
const URL_SHAPE = /^wss?:\/\/[!-~]+$/

/** The body that is signed. Empty lists and absent fields take no room. Judges nothing. */
export function encodeRecordBody(record: NodeRecord): Uint8Array {
  const body = new Map<string, CborValue>([
    ['key', record.key],
    ['type', record.type],
    ['seq', record.seq],
    ['ttl', record.ttlS],
    ['seen', record.seenMs],
    ['net', record.net],
    ['endpoints', [...record.endpoints.map(encodeEndpoint), ...record.servers]],
    ['relay', record.relay],
    ['onion', record.onion.map(encodeOnionKey)],
    ['v', record.versions],
  ])
  if (record.links.length > 0) body.set('links', record.links.map(encodeLink))
  if (record.prekeys !== undefined) body.set('prekeys', record.prekeys)
  if (record.meta.size > 0) body.set('meta', record.meta)
  if (record.sealed !== undefined) body.set('sealed', record.sealed)
  return encodeCbor(body)
}

/** @throws DecodeError for every rule of the shape. */
export function decodeRecordBody(bytes: Uint8Array): NodeRecord {
  const body = asMap(decodeCbor(bytes), 'record')
  const type = readType(body)
  const prekeys = getOptionalBytes(body, 'prekeys', KEY_LENGTH)
  const sealed = getOptionalBytesUpTo(body, 'sealed', RECORD_MAX_SEALED_BYTES)
  return {
    key: getBytes(body, 'key', KEY_LENGTH),
    type,
    seq: getUint(body, 'seq'),
    ttlS: getPositive(body, 'ttl', RECORD_MAX_TTL_S),
    seenMs: getUint(body, 'seen'),
    net: getBytes(body, 'net', NETWORK_ID_LENGTH),
    endpoints: type === 'server' ? readEndpoints(body) : [],
    servers: type === 'client' ? readServers(body) : [],
    links: (getOptionalArray(body, 'links', RECORD_MAX_LINKS) ?? []).map(readLink),
    relay: getUint(body, 'relay', MAX_RELAY_CLASS),
    onion: readOnionKeys(body),
    ...(prekeys === undefined ? {} : { prekeys }),
    meta: readMeta(body),
    ...(sealed === undefined ? {} : { sealed }),
    versions: readVersions(body),
  }
}

function encodeEndpoint({ url, cert }: ServerEndpoint): CborValue {
  const endpoint = new Map<string, CborValue>([['url', url]])
  if (cert !== undefined) endpoint.set('cert', cert)
  return endpoint
}

function encodeLink({ peer, kind, rttMs }: RecordLink): CborValue {
  return new Map<string, CborValue>([
    ['peer', peer],
    ['kind', kind],
    ['rtt', rttMs],
  ])
}

function encodeOnionKey({ key, expiresMs }: OnionKeyEntry): CborValue {
  return new Map<string, CborValue>([
    ['key', key],
    ['exp', expiresMs],
  ])
}

function readType(body: CborMap): NodeType {
  const type = getText(body, 'type', 6)
  if (type !== 'server' && type !== 'client') throw new DecodeError('unknown type of node')
  return type
}

function readEndpoints(body: CborMap): ServerEndpoint[] {
  return getArray(body, 'endpoints', RECORD_MAX_ENDPOINTS).map(item => {
    const endpoint = asMap(item, 'endpoint')
    const url = getText(endpoint, 'url', RECORD_MAX_URL_CHARS)
    if (!URL_SHAPE.test(url)) throw new DecodeError('endpoint is no WebSocket address')
    const cert = getOptionalBytes(endpoint, 'cert', KEY_LENGTH)
    return cert === undefined ? { url } : { url, cert }
  })
}

function readServers(body: CborMap): Uint8Array[] {
  return getArray(body, 'endpoints', RECORD_MAX_SERVERS).map(item => {
    if (!(item instanceof Uint8Array) || item.length !== KEY_LENGTH) {
      throw new DecodeError('endpoint of a client is not the key of a server')
    }
    return item
  })
}

function readLink(item: CborValue): RecordLink {
  const link = asMap(item, 'link')
  const kind = getText(link, 'kind', 3)
  if (kind !== 'ws' && kind !== 'rtc') throw new DecodeError('unknown kind of link')
  return { peer: getBytes(link, 'peer', KEY_LENGTH), kind, rttMs: getUint(link, 'rtt', MAX_RTT_MS) }
}

function readOnionKeys(body: CborMap): OnionKeyEntry[] {
  const entries = getArray(body, 'onion', RECORD_MAX_ONION_KEYS)
  if (entries.length === 0) throw new DecodeError('record has no onion key')
  return entries.map(item => {
    const entry = asMap(item, 'onion key')
    return { key: getBytes(entry, 'key', KEY_LENGTH), expiresMs: getUint(entry, 'exp') }
  })
}

/** Clear metadata, field `meta`: text by text, absent when empty. @throws DecodeError */
export function readMeta(body: CborMap): Map<string, string> {
  const meta = new Map<string, string>()
  const entries = getOptionalMap(body, 'meta')
  if (entries === undefined) return meta
  if (encodeCbor(entries).length > RECORD_MAX_META_BYTES) {
    throw new DecodeError(`field meta is over ${RECORD_MAX_META_BYTES} bytes`)
  }
  for (const [key, value] of entries) {
    if (typeof value !== 'string') throw new DecodeError('field meta holds more than text')
    meta.set(key, value)
  }
  return meta
}

function readVersions(body: CborMap): number[] {
  const versions: number[] = []
  for (const version of getArray(body, 'v', RECORD_MAX_VERSIONS)) {
    const isNext = typeof version === 'number' && version > (versions.at(-1) ?? 0)
    if (!isNext || version > MAX_VERSION)
      throw new DecodeError('versions are not ascending numbers')
    versions.push(version)
  }
  if (versions.length === 0) throw new DecodeError('record has no protocol version')
  return versions
}

function getPositive(map: CborMap, key: string, max: number): number {
  const value = getUint(map, key, max)
  if (value === 0) throw new DecodeError(`field ${key} is zero`)
  return value
}
