// How nodes on the way are called: by the host of their address, which people know better than keys. Our servers have
// proven that they are there; of others it is their own word, which must not pass for one of ours.

import type { Explanation, RecordView, ServerStatus } from '../client/node.ts'
import { printableLine } from './printable.ts'

/** By key. */
export type NodeNames = ReadonlyMap<string, string>

/** A look at each; what goes beyond is called by its key. */
const MAX_LOOKUPS = 8

export function ownNames(servers: readonly ServerStatus[]): NodeNames {
  return new Map(
    servers.flatMap(({ key, url }) => {
      const host = hostOf(url)
      return key === undefined || host === undefined ? [] : [[key, host]]
    }),
  )
}

/**
 * @param lookUp one that fails leaves the node without a name. Not called in mode `private`: who is asked for all nodes
 *   of a path knows the path
 */
export async function namesIn(
  explanation: Pick<Explanation, 'mode' | 'homes' | 'routes' | 'servers'>,
  lookUp: (key: string) => Promise<RecordView>,
): Promise<NodeNames> {
  const { mode, homes, routes, servers } = explanation
  const own = ownNames(servers)
  if (mode === 'private') return own
  const keys = new Set([...homes, ...routes.flatMap(({ hops }) => hops)])
  const others = [...keys].filter(key => !own.has(key)).slice(0, MAX_LOOKUPS)
  const records = await Promise.all(others.map(key => lookUp(key).catch(() => undefined)))
  const claims = records.flatMap(record => {
    const host = record && hostOf(record.endpoints[0] ?? '')
    return record === undefined || host === undefined ? [] : [[record.key, host] as const]
  })
  const taken = [...own.values(), ...claims.map(([, host]) => host)]
  const isUnique = (host: string): boolean => taken.filter(one => one === host).length === 1
  return new Map([...own, ...claims.filter(([, host]) => isUnique(host))])
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? printableLine(new URL(url).host) : undefined
}
