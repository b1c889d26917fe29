// The bodies of what servers ask one another (docs/PROTOCOL.md 4): `findNode` {target} → {nodes}, `findRecord`
// {key, repair?} → {nodes, record? | revocation?}, `storeRecord` {record | revocation} → {}, `findServices`
// {target} → {nodes, ads}, `storeService` {ad} → {}. A node is [key, url]: a hint, which the login at that
// address proves or not. Values are bytes here; verifying them is whoever asked.

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { asBytesUpTo, getArray, getBoolean, getBytes, getBytesUpTo } from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import {
  CONTACT_MAX_URL_CHARS,
  DHT_ANSWER_MAX_BYTES,
  DHT_ANSWER_MAX_NODES,
  SERVICE_MAX_BYTES,
  SERVICES_ANSWER_MAX_BYTES,
  SERVICES_PER_ANSWER,
} from './limits.ts'
import type { ValueBytes } from './registry-value.ts'
import { readOptionalValue, readValue } from './registry-value.ts'

export interface WireContact {
  /** Public key that must prove itself there, 32 bytes. */
  readonly key: Uint8Array
  /** `ws://…` or `wss://…`, at most CONTACT_MAX_URL_CHARS of printable ASCII. */
  readonly url: string
}

export interface FindRecordBody {
  readonly key: Uint8Array
  /** The asker is about to restore copies: a holder that is asked may put off doing the same. */
  readonly isRepair: boolean
}

export interface FindRecordAnswer {
  readonly nodes: readonly WireContact[]
  readonly value: ValueBytes | undefined
}

export interface FindServicesAnswer {
  readonly nodes: readonly WireContact[]
  /** Signed advertisements, the freshest first. */
  readonly ads: readonly Uint8Array[]
}

const URL_SHAPE = /^wss?:\/\/[!-~]+$/
// What an answer holds beside its contacts and its value: the map and the names of its fields.
const FRAME_BYTES = 32
// What a contact holds beside its key and address, and an advertisement beside itself.
const CONTACT_FRAME_BYTES = 6
const AD_FRAME_BYTES = 3

/** Whether an address may stand in a contact. */
export function isContactUrl(url: string): boolean {
  return url.length <= CONTACT_MAX_URL_CHARS && URL_SHAPE.test(url)
}

/** @param target a DHT id, 32 bytes */
export function findNodeBody(target: Uint8Array): CborMap {
  return new Map([['target', target]])
}

/** The 32-byte DHT id. @throws DecodeError */
export function readFindNodeBody(body: CborMap): Uint8Array {
  return getBytes(body, 'target', KEY_LENGTH)
}

/** Takes as many contacts from the front as an answer may hold; those without a fit address are left out. */
export function findNodeAnswer(nodes: readonly WireContact[]): CborMap {
  return new Map([['nodes', contactItems(nodes, 0)]])
}

/** @throws DecodeError */
export function readFindNodeAnswer(body: CborMap): WireContact[] {
  return getArray(body, 'nodes', DHT_ANSWER_MAX_NODES).map(readContact)
}

/** @param key a public key, 32 bytes */
export function findRecordBody(key: Uint8Array, isRepair = false): CborMap {
  const body = new Map<string, CborValue>([['key', key]])
  if (isRepair) body.set('repair', true)
  return body
}

/** @throws DecodeError */
export function readFindRecordBody(body: CborMap): FindRecordBody {
  return {
    key: getBytes(body, 'key', KEY_LENGTH),
    isRepair: body.has('repair') && getBoolean(body, 'repair'),
  }
}

/** As `findNodeAnswer`, with what is kept under the key. */
export function findRecordAnswer(nodes: readonly WireContact[], value?: ValueBytes): CborMap {
  const items = contactItems(nodes, value === undefined ? 0 : value.bytes.length)
  const body = new Map<string, CborValue>([['nodes', items]])
  if (value !== undefined) body.set(value.kind, value.bytes)
  return body
}

/** @throws DecodeError */
export function readFindRecordAnswer(body: CborMap): FindRecordAnswer {
  return { nodes: readFindNodeAnswer(body), value: readOptionalValue(body) }
}

export function storeRecordBody({ kind, bytes }: ValueBytes): CborMap {
  return new Map([[kind, bytes]])
}

/** @throws DecodeError */
export function readStoreRecordBody(body: CborMap): ValueBytes {
  return readValue(body)
}

/** @param topic a topic id, 32 bytes */
export function findServicesBody(topic: Uint8Array): CborMap {
  return findNodeBody(topic)
}

/** The 32-byte topic id. @throws DecodeError */
export function readFindServicesBody(body: CborMap): Uint8Array {
  return readFindNodeBody(body)
}

/** As `findNodeAnswer`, with as many advertisements from the front as fit beside. */
export function findServicesAnswer(
  nodes: readonly WireContact[],
  ads: readonly Uint8Array[],
): CborMap {
  const fitting: Uint8Array[] = []
  let bytesLeft = SERVICES_ANSWER_MAX_BYTES
  for (const ad of ads) {
    bytesLeft -= ad.length + AD_FRAME_BYTES
    if (bytesLeft < 0 || fitting.length === SERVICES_PER_ANSWER) break
    fitting.push(ad)
  }
  return new Map<string, CborValue>([
    ['nodes', contactItems(nodes, 0)],
    ['ads', fitting],
  ])
}

/** @throws DecodeError */
export function readFindServicesAnswer(body: CborMap): FindServicesAnswer {
  return {
    nodes: readFindNodeAnswer(body),
    ads: getArray(body, 'ads', SERVICES_PER_ANSWER).map(item =>
      asBytesUpTo(item, 'ads', SERVICE_MAX_BYTES),
    ),
  }
}

export function storeServiceBody(ad: Uint8Array): CborMap {
  return new Map([['ad', ad]])
}

/** The signed advertisement. @throws DecodeError */
export function readStoreServiceBody(body: CborMap): Uint8Array {
  return getBytesUpTo(body, 'ad', SERVICE_MAX_BYTES)
}

/** @param valueBytes what else the answer holds */
function contactItems(nodes: readonly WireContact[], valueBytes: number): CborValue[] {
  const items: CborValue[] = []
  let bytesLeft = DHT_ANSWER_MAX_BYTES - FRAME_BYTES - valueBytes
  for (const { key, url } of nodes) {
    if (!isContactUrl(url)) continue
    bytesLeft -= key.length + url.length + CONTACT_FRAME_BYTES
    if (bytesLeft < 0 || items.length === DHT_ANSWER_MAX_NODES) break
    items.push([key, url])
  }
  return items
}

function readContact(item: CborValue): WireContact {
  if (!Array.isArray(item) || item.length !== 2) throw new DecodeError('contact is not a pair')
  const [key, url] = item as [CborValue, CborValue]
  if (!(key instanceof Uint8Array) || key.length !== KEY_LENGTH) {
    throw new DecodeError('key of a contact is not 32 bytes')
  }
  if (typeof url !== 'string' || !isContactUrl(url)) {
    throw new DecodeError('contact has no WebSocket address')
  }
  return { key, url }
}
