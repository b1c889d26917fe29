// One value in a server's table, packed: tens of thousands lie there for a day and few are asked for, so its
// bytes are a string (bytes/map-key.ts, a third of what a small typed array weighs) and its fields are read
// again when somebody asks.

import { fromMapKey, mapKey } from '../bytes/map-key.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import { REVOCATION_KEEP_MS } from '../wire/limits.ts'
import { recordExpiryMs } from '../wire/record.ts'
import type { RegistryValue, ValueBytes, ValueKind } from '../wire/registry-value.ts'
import { decodeValue } from '../wire/registry-value.ts'

export interface KeptValue {
  readonly kind: ValueKind
  readonly packed: string
  /** A record's `seq`; infinite for a revocation, which beats them all. */
  readonly seq: number
  /** A record's end by the wall clock; for a revocation by the monotonic one, which no wrong clock moves. */
  untilMs: number
  /** Bits its DHT id shares with our own: 0 = far. */
  readonly prefix: number
  /** The peer that accounts for it; none for what its owner published here, or an earlier life saved. */
  readonly source: KeyId | undefined
  /** The network that accounts for it, whoever brought it. */
  readonly network: string | undefined
}

export type Origin = Pick<KeptValue, 'prefix' | 'source' | 'network'>

export function packValue(time: Time, value: RegistryValue, origin: Origin): KeptValue {
  const { prefix, source, network } = origin
  const isRecord = value.kind === 'record'
  return {
    kind: value.kind,
    packed: mapKey(value.signed.bytes),
    seq: isRecord ? value.signed.record.seq : Number.POSITIVE_INFINITY,
    untilMs: isRecord ? recordExpiryMs(value.signed.record) : time.now + REVOCATION_KEEP_MS,
    prefix,
    source,
    network,
  }
}

/** In a new array, as is everything in what `unpackValue` makes of it. */
export function bytesOf({ kind, packed }: KeptValue): ValueBytes {
  return { kind, bytes: fromMapKey(packed) }
}

export function unpackValue(kept: KeptValue): RegistryValue {
  return decodeValue(bytesOf(kept))
}

/** A revocation lives on from each time that somebody offers it; a record ends when it says. */
export function renew({ now }: Time, kept: KeptValue): void {
  if (kept.kind === 'revocation') kept.untilMs = now + REVOCATION_KEEP_MS
}

export function isExpired({ now, unixMs }: Time, { kind, untilMs }: KeptValue): boolean {
  return (kind === 'record' ? unixMs : now) >= untilMs
}
