// The core's view of a path, in the words of the public API. Pure.

import { encodeKey } from '../shared/identity/key-text.ts'
import { publicKeyOf } from '../shared/identity/node-id.ts'
import type { PathView } from '../shared/node/effects.ts'
import type { Path } from './api.ts'

/** @param before the path until now: the same way, measured again, began when it did */
export function pathOf(
  view: PathView | undefined,
  before: Path | undefined,
  unixMs: number,
): Path | undefined {
  if (view === undefined) return undefined
  const kind = kindOf(view.hops.length)
  const hops = view.hops.map(hop => encodeKey(publicKeyOf(hop)))
  const isSameWay = before?.kind === kind && before.hops.join() === hops.join()
  return {
    kind,
    hops,
    since: isSameWay ? before.since : unixMs,
    ...(view.rttMs !== undefined && { rttMs: view.rttMs }),
  }
}

function kindOf(hops: number): Path['kind'] {
  if (hops === 0) return 'direct'
  return hops === 1 ? 'relay' : 'onion'
}
