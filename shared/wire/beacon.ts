// The beacon by which nodes of one LAN find each other (docs/PROTOCOL.md 12): one UDP datagram to a multicast
// group. Says who the sender is and on which port it takes links; its address is the one the datagram came
// from. Shape and signature only: whether it is news, and from whom it may come, is shared/node/lan.ts.
//
//   "kmb" 0x01 || CBOR [body, signature]    context keymesh/beacon/1
//   body {at, key, net, port, record?, type}

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap, getBytes, getOptionalBytesUpTo, getText, getUint } from '../bytes/cbor-fields.ts'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import type { Identity } from '../identity/identity.ts'
import type { Signed } from '../identity/signed.ts'
import { CONTEXT, decodeSigned, encodeSigned, signBody, verifySigned } from '../identity/signed.ts'
import { BEACON_MAX_BYTES, RECORD_MAX_BYTES } from './limits.ts'
import type { NodeType } from './record-body.ts'
import { NETWORK_ID_LENGTH } from './record-body.ts'

/** Where beacons go: the IPv4 local scope (RFC 2365 6.1), and a transient group of link-local scope (RFC 4291 2.7). */
export const BEACON_GROUP = { v4: '239.255.107.109', v6: 'ff12::eb65:796d' } as const
export const BEACON_UDP_PORT = 27_501

const MAGIC = Uint8Array.of(0x6b, 0x6d, 0x62, 1)
const MAX_PORT = 65_535

export interface Beacon {
  /** Public key of the sender. */
  readonly key: Uint8Array
  readonly net: Uint8Array
  readonly type: NodeType
  /** TCP port on which the sender takes `wss` links. */
  readonly port: number
  /** The sender's clock, Unix ms, strictly rising. */
  readonly atMs: number
  /** Its signed record, where there is room; not decoded. */
  readonly record?: Uint8Array
}

/** Made by `decodeBeacon` only: nothing in `beacon` is true before `verifyBeacon` says so. */
export interface SignedBeacon {
  readonly beacon: Beacon
  readonly signed: Signed
}

/**
 * One datagram. The record is left out when the beacon would not fit with it.
 * @throws RangeError for fields of another shape
 */
export function signBeacon(
  suite: CryptoSuite,
  identity: Identity,
  fields: Omit<Beacon, 'key'>,
): Uint8Array {
  const { record, ...rest } = fields
  const beacon = { ...rest, key: identity.publicKey }
  checkFields(beacon)
  const sign = (whole: Beacon): Uint8Array =>
    concat(MAGIC, encodeSigned(signBody(suite, identity, CONTEXT.beacon, encodeBody(whole))))
  const isFit = record !== undefined && record.length <= RECORD_MAX_BYTES
  const bytes = isFit ? sign({ ...beacon, record }) : undefined
  return bytes !== undefined && bytes.length <= BEACON_MAX_BYTES ? bytes : sign(beacon)
}

/** The cheapest question: whether size and first bytes are those of a beacon. */
export function looksLikeBeacon(bytes: Uint8Array): boolean {
  return bytes.length <= BEACON_MAX_BYTES && MAGIC.every((byte, at) => bytes[at] === byte)
}

/** Shape only. @throws DecodeError */
export function decodeBeacon(bytes: Uint8Array): SignedBeacon {
  if (!looksLikeBeacon(bytes)) throw new DecodeError('not a beacon')
  const signed = decodeSigned(bytes.subarray(MAGIC.length))
  return { beacon: readBody(asMap(decodeCbor(signed.body), 'beacon')), signed }
}

/** Whether its key signed it, by Rule K. */
export function verifyBeacon(suite: CryptoSuite, { beacon, signed }: SignedBeacon): boolean {
  return verifySigned(suite, beacon.key, CONTEXT.beacon, signed)
}

function encodeBody({ key, net, type, port, atMs, record }: Beacon): Uint8Array {
  const body = new Map<string, CborValue>([
    ['key', key],
    ['net', net],
    ['type', type],
    ['port', port],
    ['at', atMs],
  ])
  if (record !== undefined) body.set('record', record)
  return encodeCbor(body)
}

function readBody(body: CborMap): Beacon {
  const type = getText(body, 'type', 6)
  if (type !== 'server' && type !== 'client') throw new DecodeError('unknown type of node')
  const port = getUint(body, 'port', MAX_PORT)
  if (port === 0) throw new DecodeError('field port is zero')
  const record = getOptionalBytesUpTo(body, 'record', RECORD_MAX_BYTES)
  return {
    key: getBytes(body, 'key', KEY_LENGTH),
    net: getBytes(body, 'net', NETWORK_ID_LENGTH),
    type,
    port,
    atMs: getUint(body, 'at'),
    ...(record !== undefined && { record }),
  }
}

function checkFields({ net, port, atMs }: Beacon): void {
  if (net.length !== NETWORK_ID_LENGTH) throw new RangeError('a network id has 16 bytes')
  if (!(Number.isInteger(port) && port >= 1 && port <= MAX_PORT)) throw new RangeError('no port')
  if (!(Number.isSafeInteger(atMs) && atMs >= 0)) throw new RangeError('no time')
}
