// The core's view of a path, in the words of the public API. Pure.

import type { PathView } from '../shared/node/effects.ts'
import type { Path, ServerStatus } from './api.ts'
import { writeKey } from './key-input.ts'

/** Nodes in between, from which on none of them knows both ends (docs/PROTOCOL.md 5.1). */
const PRIVATE_MIN_HOPS = 3

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
  const { rttMs, mode, score, candidates } = view
  const hops = view.hops.map(writeKey)
  const isSameWay = before?.hops.join() === hops.join()
  // A server that was lost a moment ago is no other client: it is only not named any more.
  const isSameKind = isSameWay && before.mode === mode
  return {
    kind: isSameKind ? before.kind : kindOf(hops, mode, servers),
    hops,
    since: isSameWay ? before.since : unixMs,
    ...(rttMs !== undefined && { rttMs }),
    ...(mode !== undefined && { mode }),
    ...(score !== undefined && { score }),
    ...(candidates !== undefined && { candidates }),
  }
}

function kindOf(
  hops: readonly string[],
  mode: PathView['mode'],
  servers: readonly ServerStatus[],
): Path['kind'] {
  const [entry] = hops
  if (entry === undefined) return 'direct'
  if (mode === 'private' && hops.length >= PRIVATE_MIN_HOPS) return 'private'
  return servers.some(({ key }) => key === entry) ? 'relay' : 'mesh'
}
