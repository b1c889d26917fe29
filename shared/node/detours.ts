// Ways around a link between two servers that failed (docs/PROTOCOL.md 5.1): not every server reaches every other, but
// a third one may reach both. Last candidates only, as each costs one relay more. Pure.

import type { KeyId } from '../identity/node-id.ts'
import type { Relays } from '../routes/route.ts'
import { ROUTES_MAX_DETOURS } from '../wire/limits.ts'

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

/** Each of ours with each of the peer's that it does not reach, over the same few others. */
export function detours(context: DetourContext): Relays[] {
  const { entries, homes } = context
  const cut = entries.flatMap(entry =>
    homes.filter(home => context.hasFailed(entry, home)).map(home => [entry, home] as const),
  )
  if (cut.length === 0) return []
  const strangers = context.strangers()
  const found: Relays[] = []
  for (const middle of strangers) {
    for (const [entry, home] of cut) {
      if (found.length >= ROUTES_MAX_DETOURS) return found
      if (middle !== entry && middle !== home) found.push([entry, middle, home])
    }
  }
  return found
}
