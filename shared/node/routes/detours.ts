// Ways around a link between two servers that failed (docs/PROTOCOL.md 5.1): not every server reaches every other, but
// a third one may reach both. Last candidates only, as each costs one relay more. Pure.

import type { KeyId } from '../../identity/node-id.ts'
import type { Relays } from '../../routes/route.ts'
import { ROUTES_MAX_DETOURS } from '../../wire/limits.ts'

export interface DetourContext {
  /** Servers of ours, best first. */
  readonly entries: readonly KeyId[]
  /** Servers of the peer that are not ours. */
  readonly homes: readonly KeyId[]
  /** Whether circuits from the one to the other failed lately. */
  hasFailed(entry: KeyId, home: KeyId): boolean
  /** Other servers that relay; asked for only when a link has failed. */
  strangers(): readonly KeyId[]
}

/**
 * Each of ours with each of the peer's that it does not reach, over others. Neither side's servers are in the middle:
 * what leads over them is shorter. Each way differs from the one before in its middle, and in the link that it goes
 * around where it can: so that whatever does not work, few tries are in vain.
 */
export function detours({ entries, homes, hasFailed, strangers }: DetourContext): Relays[] {
  const cut = entries.flatMap(entry =>
    homes.filter(home => hasFailed(entry, home)).map(home => [entry, home] as const),
  )
  if (cut.length === 0) return []
  const ends = new Set([...entries, ...homes])
  const middles = strangers().filter(key => !ends.has(key))
  const found = cut.flatMap((_, round) =>
    middles.slice(0, ROUTES_MAX_DETOURS).map((middle, at) => {
      const [entry, home] = cut[(at + round) % cut.length] as (typeof cut)[number]
      return [entry, middle, home]
    }),
  )
  return found.slice(0, ROUTES_MAX_DETOURS)
}
