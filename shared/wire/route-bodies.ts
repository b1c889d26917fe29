// The bodies of request `routes` (docs/PROTOCOL.md 5.2): {id, key, ttl} → {routes, records?}. A route is
// {h: relays after the answerer, l?: ms}. All of it is hearsay: records are bytes here, and verifying them, as
// everything else, is for whoever asked.

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { encodeCbor } from '../bytes/cbor.ts'
import {
  asBytesUpTo,
  asMap,
  getArray,
  getBytes,
  getOptionalArray,
  getOptionalUint,
  getUint,
} from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import {
  RECORD_MAX_BYTES,
  ROUTES_ANSWER_MAX_BYTES,
  ROUTES_MAX_LATENCY_MS,
  ROUTES_MAX_RECORDS,
  ROUTES_MAX_RELAYS,
  ROUTES_MAX_TTL,
  ROUTES_PER_ANSWER,
  ROUTES_QUESTION_BYTES,
} from './limits.ts'

export interface RoutesBody {
  /** Random, ROUTES_QUESTION_BYTES: the same wherever the question is passed on. */
  readonly id: Uint8Array
  /** The public key that is sought, 32 bytes. */
  readonly key: Uint8Array
  /** How often it may be passed on, 0 to ROUTES_MAX_TTL. */
  readonly ttl: number
}

export interface ToldRoute {
  /** Keys after the answerer and before the sought one, at most ROUTES_MAX_RELAYS. */
  readonly relays: readonly Uint8Array[]
  /** Round trip from the answerer to the last of `relays`, whole milliseconds. */
  readonly latencyMs?: number
}

export interface RoutesAnswer {
  /** At most ROUTES_PER_ANSWER. */
  readonly routes: readonly ToldRoute[]
  /** Signed records of relays that are named, and of the sought key; at most ROUTES_MAX_RECORDS. */
  readonly records: readonly Uint8Array[]
}

// What an answer holds beside its routes and records, and a record beside itself.
const FRAME_BYTES = 32
const RECORD_FRAME_BYTES = 3

export function routesBody({ id, key, ttl }: RoutesBody): CborMap {
  return new Map<string, CborValue>([
    ['id', id],
    ['key', key],
    ['ttl', ttl],
  ])
}

/** @throws DecodeError */
export function readRoutesBody(body: CborMap): RoutesBody {
  return {
    id: getBytes(body, 'id', ROUTES_QUESTION_BYTES),
    key: getBytes(body, 'key', KEY_LENGTH),
    ttl: getUint(body, 'ttl', ROUTES_MAX_TTL),
  }
}

/** Takes what an answer may hold from the front: routes before records. Longer routes are left out. */
export function routesAnswer({ routes, records }: RoutesAnswer): CborMap {
  const told = routes.filter(({ relays }) => relays.length <= ROUTES_MAX_RELAYS)
  const items = told.slice(0, ROUTES_PER_ANSWER).map(routeItem)
  const body = new Map<string, CborValue>([['routes', items]])
  const fitting = fittingRecords(records, encodeCbor(items).length)
  if (fitting.length > 0) body.set('records', fitting)
  return body
}

/** @throws DecodeError */
export function readRoutesAnswer(body: CborMap): RoutesAnswer {
  return {
    routes: getArray(body, 'routes', ROUTES_PER_ANSWER).map(readRoute),
    records: (getOptionalArray(body, 'records', ROUTES_MAX_RECORDS) ?? []).map(item =>
      asBytesUpTo(item, 'records', RECORD_MAX_BYTES),
    ),
  }
}

function routeItem({ relays, latencyMs }: ToldRoute): CborValue {
  const item = new Map<string, CborValue>([['h', relays]])
  if (latencyMs !== undefined) {
    item.set('l', Math.min(Math.max(0, Math.round(latencyMs)), ROUTES_MAX_LATENCY_MS))
  }
  return item
}

function fittingRecords(records: readonly Uint8Array[], routeBytes: number): Uint8Array[] {
  const fitting: Uint8Array[] = []
  let bytesLeft = ROUTES_ANSWER_MAX_BYTES - FRAME_BYTES - routeBytes
  for (const record of records) {
    bytesLeft -= record.length + RECORD_FRAME_BYTES
    if (bytesLeft < 0 || fitting.length === ROUTES_MAX_RECORDS) break
    fitting.push(record)
  }
  return fitting
}

function readRoute(item: CborValue): ToldRoute {
  const route = asMap(item, 'route')
  const latencyMs = getOptionalUint(route, 'l', ROUTES_MAX_LATENCY_MS)
  const relays = getArray(route, 'h', ROUTES_MAX_RELAYS).map(relay => {
    if (relay instanceof Uint8Array && relay.length === KEY_LENGTH) return relay
    throw new DecodeError(`relay of a route is not a key of ${KEY_LENGTH} bytes`)
  })
  return latencyMs === undefined ? { relays } : { relays, latencyMs }
}
