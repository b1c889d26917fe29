// The core's view of a path, in the words of the public API. Pure.

import type { PathView } from '../shared/node/effects.ts'
import type { Path, ServerStatus } from './api.ts'
import { writeKey } from './key-input.ts'

/**
 * @param before the path until now: the same way, measured again, began when it did
 * @param servers those of this node: whoever else a path begins at is another client
 */
export function pathOf(
  view: PathView | undefined,
  before: Path | undefined,
  servers: readonly ServerStatus[],
  unixMs: number,
): Path | undefined {
  if (view === undefined) return undefined
  const { rttMs, mode, score } = view
  const hops = view.hops.map(writeKey)
  const isSameWay = before?.hops.join() === hops.join()
  return {
    kind: kindOf(hops, mode, servers),
    hops,
    since: isSameWay ? before.since : unixMs,
    ...(rttMs !== undefined && { rttMs }),
    ...(mode !== undefined && { mode }),
    ...(score !== undefined && { score }),
  }
}

function kindOf(
  [entry, ...further]: readonly string[],
  mode: PathView['mode'],
  servers: readonly ServerStatus[],
): Path['kind'] {
  if (entry === undefined) return 'direct'
  if (mode !== 'private' && !servers.some(({ key }) => key === entry)) return 'mesh'
  return further.length === 0 ? 'relay' : 'onion'
}
