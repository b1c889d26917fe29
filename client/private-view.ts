// What there is to make a private path of, in the words of the public API. Loaded by those who ask, so what the library
// has anyway is handed in or imported, and nothing else but what goes with it. Pure.

import type { KeyId } from '../shared/identity/node-id.ts'
import type { PrivateFacts, SetAside } from '../shared/routes/private-reasons.ts'
import { privateReasons } from '../shared/routes/private-reasons.ts'
import type { CommonKind, Kind } from '../shared/routes/relay-apartness.ts'
import type { PrivatePath, RelaySetAside } from './route-types.ts'

export interface PrivateViewTools {
  readonly common: CommonKind
  readonly maxTold: number
  writeKey(key: KeyId): string
}

export function privatePathOf(
  facts: PrivateFacts,
  { common, maxTold, writeKey }: PrivateViewTools,
): PrivatePath {
  const { places, ...rest } = privateReasons(facts, common, maxTold)
  return {
    ...rest,
    places: places.map(place => ({
      ...place,
      setAside: place.setAside.map(one => setAsideOf(one, writeKey)),
    })),
  }
}

function setAsideOf(relay: SetAside, writeKey: PrivateViewTools['writeKey']): RelaySetAside {
  const key = writeKey(relay.key)
  if (relay.reason !== 'common') return { key, reason: relay.reason }
  const { kind, other } = relay
  if (kind === 'same') return { key, reason: 'taken' }
  const pair = { key, with: writeKey(other) }
  if (kind === 'unknown') return { ...pair, reason: 'unknown' }
  const reason = kind.startsWith('operator:') ? 'operator' : 'network'
  return { ...pair, reason, shared: kindText(kind) }
}

/** A kind of relay-kinds.ts as people write it. */
function kindText(kind: Exclude<Kind, 'unknown'>): string {
  const text = kind.slice(kind.indexOf(':') + 1)
  if (kind.startsWith('v4:')) return `${text}.0.0/16`
  if (kind.startsWith('v6:')) return `${text}::/32`
  return kind.startsWith('name:') ? `*.${text}` : text
}
