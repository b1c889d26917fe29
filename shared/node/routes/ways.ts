// The ways to a peer that follow from its record alone (docs/PROTOCOL.md 5), in the order in which they are worth
// trying while nothing else is known of them: the fewest hops first, then our best servers. Pure; what is known of
// them, and longer ways, come from route-finder.ts.

import type { KeyId } from '../../identity/node-id.ts'
import type { Relays } from '../../routes/route.ts'

export interface Surroundings {
  readonly hasDirectLink: boolean
  /** Servers that circuits can start at, best first. */
  readonly entries: readonly KeyId[]
  /** Clients that relay and have a link to us. */
  readonly neighbours?: readonly KeyId[]
  /** Servers that the peer is attached to, its best first. */
  readonly homes: readonly KeyId[]
  /** A server is linked to by any other that knows its address. */
  readonly isServer: boolean
}

/**
 * Direct; over each server of ours that has the peer; over one of ours and one of the peer's that is not ours.
 * Of these pairs each one differs from the one before in both servers where it can, so that neither a dead server
 * of ours nor one of the peer's takes many tries.
 */
export function waysTo(peer: KeyId, around: Surroundings): Relays[] {
  const { hasDirectLink, isServer } = around
  const entries = around.entries.filter(key => key !== peer)
  const homes = new Set(around.homes)
  const shared = isServer ? entries : entries.filter(key => homes.has(key))
  const foreign = isServer ? [] : foreignHomes(peer, around)
  return [...(hasDirectLink ? [[]] : []), ...shared.map(key => [key]), ...pairs(entries, foreign)]
}

/** Servers of the peer that are not ours: circuits reach them over ours. */
export function foreignHomes(peer: KeyId, { entries, homes }: Surroundings): KeyId[] {
  const ours = new Set(entries)
  return [...new Set(homes)].filter(key => key !== peer && !ours.has(key))
}

function pairs(entries: readonly KeyId[], homes: readonly KeyId[]): Relays[] {
  return homes.flatMap((_, round) =>
    entries.map((entry, at) => {
      const home = homes[(at + round) % homes.length] as KeyId
      return [entry, home]
    }),
  )
}
