// Tables as they are after every server has joined and looked around, without the hours of a real join:
// each server is told of verified links to k random others at every distance, and so to its neighbours. All at
// one instant: whoever knows nobody dials everybody of whom he hears.

import { compareDistance } from '../../shared/dht/distance.ts'
import type { Rng } from '../rng.ts'
import type { DhtServer } from './dht-server.ts'
import type { DhtWorld } from './dht-world.ts'

export interface WarmStartOptions {
  /** Contacts at each distance; the parameter k. */
  readonly perBucket?: number
  /** Time given to the lookups that servers make of themselves once they know others. */
  readonly settleMs?: number
}

const ZERO = new Uint8Array(32)
const ID_BITS = 256

/** Fills the tables of all honest servers that live now, with all living ones. */
export function warmStart(world: DhtWorld, options: WarmStartOptions = {}): void {
  const { perBucket = 20, settleMs = 30_000 } = options
  const rng = world.rng.fork(`warm start/${world.nowMs}`)
  const sorted = world.living.sort((a, b) => compareDistance(ZERO, a.contact.id, b.contact.id))
  const known = new Map<DhtServer, DhtServer[]>(sorted.map(server => [server, []]))
  introduce(rng, known, sorted, 0, perBucket)
  for (const [server, others] of known) {
    if (server.isHonest) acquaint(server, others)
  }
  world.runFor(settleMs)
}

/** Servers that agree in the bits before `bit`: each half is told of some of the other half. */
function introduce(
  rng: Rng,
  known: ReadonlyMap<DhtServer, DhtServer[]>,
  servers: readonly DhtServer[],
  bit: number,
  perBucket: number,
): void {
  if (servers.length < 2 || bit === ID_BITS) return
  const split = servers.findIndex(({ contact }) => isBitSet(contact.id, bit))
  const middle = split === -1 ? servers.length : split
  const halves = [servers.slice(0, middle), servers.slice(middle)] as const
  for (const [own, others] of [halves, [halves[1], halves[0]] as const]) {
    for (const server of own) known.get(server)?.push(...someOf(rng, others, perBucket))
    introduce(rng, known, own, bit + 1, perBucket)
  }
}

function acquaint(server: DhtServer, others: readonly DhtServer[]): void {
  for (const other of others) {
    server.tell((dht, time) => dht.verified(time, other.contact, other.network, other.record))
  }
}

function someOf(rng: Rng, servers: readonly DhtServer[], count: number): DhtServer[] {
  if (servers.length <= count) return rng.shuffle(servers)
  const chosen = new Set<DhtServer>()
  while (chosen.size < count) chosen.add(rng.pick(servers))
  return [...chosen]
}

function isBitSet(id: Uint8Array, bit: number): boolean {
  return (((id[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1
}
