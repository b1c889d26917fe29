// Whether a relay carries one more circuit from one neighbour on to another (docs/PROTOCOL.md 6.6). What bounds
// whom, where every key costs its holder nothing:
//   - A key (a client, or a server that our own dial has not proven) brings a client SESSION_MAX_PATHS circuits
//     at once and SETUPS_TOWARD_PER_S setups, whatever it claims to carry for others. So a hostile server that
//     nobody could reach is worth no more than one client, and an honest one is slow until it is proven.
//   - A proven server stands for many keys, and the relay cannot tell them apart. Toward one client it gets
//     SERVER_CIRCUITS_TOWARD circuits and SERVER_SETUPS_TOWARD_PER_S: half of the setups that a client takes
//     over its server's link (LEAF_SETUPS_PER_S), so that a hostile one, or keys behind an honest one, neither
//     freeze a client nor use up what others need to reach it. Such a crowd can fill that one way; the others
//     to the client stay open: its direct neighbours', those over other servers, and its other home servers.
//   - Toward a server nothing but the table counts: it takes what its own rates allow, and its caps of circuits
//     for a link hold for everybody alike. Full links answer `busy`, and origins have other ways.
//   - A client that relays is held by its servers to what one client may use. Toward a server it carries for all
//     others together LEAF_CIRCUITS_TOWARD_SERVER circuits and SETUPS_TOWARD_PER_S setups, so that its own find room.

import type { DestroyReason } from '../wire/circuit-cells.ts'
import {
  LEAF_CIRCUITS_TOWARD_SERVER,
  MAX_CIRCUITS_PER_SERVER_LINK,
  SERVER_CIRCUITS_TOWARD,
  SESSION_MAX_PATHS,
} from '../wire/limits.ts'
import type { Port } from './circuit.ts'
import type { RouterContext } from './router-context.ts'

/** @returns why not; else the circuit counts toward the rates */
export function refuseToExtend(
  context: RouterContext,
  now: number,
  previous: Port,
  next: Port,
): DestroyReason | undefined {
  const { table, allowances } = context
  const outgoing = (next.circuits?.size ?? 0) - next.incoming
  if (outgoing >= MAX_CIRCUITS_PER_SERVER_LINK) return 'busy'
  if (next.isServer) {
    if (!context.isLeaf) return undefined
    if (outgoing >= LEAF_CIRCUITS_TOWARD_SERVER) return 'busy'
    return allowances.takeSetupTowardServer(next.peer, now) ? undefined : 'quota'
  }
  const most = previous.isServer ? SERVER_CIRCUITS_TOWARD : SESSION_MAX_PATHS
  const isTooMuch =
    table.carriedFor(previous.peer, next.peer) >= most ||
    !allowances.takeSetupToward(previous, next.peer, now)
  return isTooMuch ? 'quota' : undefined
}
