// The network falls into two halves for a minute and heals (scenario R2). Both halves go on: what either
// can reach is found there, new records are published in both, and soon after the healing everybody finds
// everything.

import type { DhtServer } from '../dht-server.ts'
import type { LookupTask } from '../lookups.ts'
import { eachRecordFromAnywhere, lookUpAll } from '../lookups.ts'
import type { Published, RegistryNetOptions } from '../registry-net.ts'
import { RegistryNet } from '../registry-net.ts'
import { warmStart } from '../warm-start.ts'

export interface PartitionOptions extends RegistryNetOptions {
  readonly servers: number
  /** Published before, and as many again while the network is cut. */
  readonly records: number
  readonly cutMs?: number
}

export interface PartitionReport {
  /** Share found, of lookups for old records made in either half by those who have a holder there. */
  readonly foundWhileCut: number
  /** Of records that were published in the own half while it was cut off. */
  readonly newFoundWhileCut: number
  /** After the healing, of new records, from the half in which they were not published. */
  readonly acrossAtOnce: number
  /** The same, begun 20 s after the healing. */
  readonly acrossAfter20S: number
  /** Everything from everywhere, 30 s after the healing. */
  readonly foundAfter30S: number
  readonly lost: number
  readonly trace: string
}

const PUBLISH_EVERY_MS = 10
/** How far into the cut the new records are published: links across are dead by then. */
const QUIET_MS = 25_000

export function runPartition(seed: string | number, options: PartitionOptions): PartitionReport {
  const { servers, records, cutMs = 60_000 } = options
  const net = new RegistryNet(seed, options)
  net.addServers(servers)
  warmStart(net.world)
  net.publishMany(records, records * PUBLISH_EVERY_MS)
  const old = [...net.records]

  const halfOf = cutInHalves(net)
  const cutAtMs = net.world.nowMs
  const reachable = lookUpAll(net, withinHalves(net, old, halfOf))
  net.world.runFor(Math.max(0, cutAtMs + QUIET_MS - net.world.nowMs))
  net.publishMany(records, records * PUBLISH_EVERY_MS)
  const fresh = net.records.slice(records)
  const freshFound = lookUpAll(net, withinHalves(net, fresh, halfOf))
  net.world.runFor(Math.max(0, cutAtMs + cutMs - net.world.nowMs))

  net.world.setGroups(new Map())
  const healedAtMs = net.world.nowMs
  const acrossAtOnce = lookUpAll(net, acrossHalves(net, fresh, halfOf, 'at once'))
  net.world.runFor(Math.max(0, healedAtMs + 20_000 - net.world.nowMs))
  const acrossAfter20S = lookUpAll(net, acrossHalves(net, fresh, halfOf, 'later'))
  net.world.runFor(Math.max(0, healedAtMs + 30_000 - net.world.nowMs))
  const everything = lookUpAll(net, eachRecordFromAnywhere(net, 'everything'))
  return {
    foundWhileCut: reachable.report().found,
    newFoundWhileCut: freshFound.report().found,
    acrossAtOnce: acrossAtOnce.report().found,
    acrossAfter20S: acrossAfter20S.report().found,
    foundAfter30S: everything.report().found,
    lost: net.copyCounts().filter(count => count === 0).length,
    trace: net.world.trace.digest(),
  }
}

export function partitionFigures(report: PartitionReport) {
  return {
    'old found while cut %': report.foundWhileCut * 100,
    'new found while cut %': report.newFoundWhileCut * 100,
    'new across at once %': report.acrossAtOnce * 100,
    'new across after 20 s %': report.acrossAfter20S * 100,
    'all after 30 s %': report.foundAfter30S * 100,
    'records lost': report.lost,
  }
}

/** Figures of which less is worse. */
export const HIGH_IS_BEST = [
  'old found while cut %',
  'new found while cut %',
  'new across at once %',
  'new across after 20 s %',
  'all after 30 s %',
]

function cutInHalves(net: RegistryNet): ReadonlyMap<DhtServer, number> {
  const shuffled = net.rng.fork('halves').shuffle(net.world.living)
  const halfOf = new Map(shuffled.map((server, at) => [server, at % 2]))
  net.world.setGroups(halfOf)
  return halfOf
}

/** Each record from a random server of a random half in which somebody keeps it. */
function withinHalves(
  net: RegistryNet,
  records: readonly Published[],
  halfOf: ReadonlyMap<DhtServer, number>,
): LookupTask[] {
  const rng = net.rng.fork(`within/${net.world.nowMs}`)
  return records.flatMap(published => {
    const half = rng.below(2)
    const inside = net.world.living.filter(server => halfOf.get(server) === half)
    const isKept = inside.some(({ dht, time }) => dht.findNow(time, published.identity.keyId))
    return isKept ? [{ from: rng.pick(inside), published }] : []
  })
}

/** Each record from a random server of the half in which it was not published. */
function acrossHalves(
  net: RegistryNet,
  records: readonly Published[],
  halfOf: ReadonlyMap<DhtServer, number>,
  label: string,
): LookupTask[] {
  const rng = net.rng.fork(`across/${label}`)
  return records.map(published => {
    const home = halfOf.get(published.home)
    const from = rng.pick(net.world.living.filter(server => halfOf.get(server) !== home))
    return { from, published }
  })
}
