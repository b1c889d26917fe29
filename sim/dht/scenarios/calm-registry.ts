// A registry in which nothing goes wrong: many servers, many records, every record looked up once from
// anywhere. What a lookup costs.

import type { LookupReport } from '../lookups.ts'
import { eachRecordFromAnywhere, lookUpAll, randomLookups } from '../lookups.ts'
import type { RegistryNetOptions } from '../registry-net.ts'
import { RegistryNet } from '../registry-net.ts'
import { warmStart } from '../warm-start.ts'

export interface CalmRegistryOptions extends RegistryNetOptions {
  readonly servers: number
  readonly records: number
  /** Default: each record once. */
  readonly lookups?: number
  /** So many servers publish and look up, the others only answer; default: all. */
  readonly active?: number
}

export interface CalmRegistryReport {
  readonly lookups: LookupReport
  /** Median and least number of servers that keep a record. */
  readonly copies: number
  readonly fewestCopies: number
  readonly trace: string
}

const PUBLISH_EVERY_MS = 10

export function runCalmRegistry(
  seed: string | number,
  options: CalmRegistryOptions,
): CalmRegistryReport {
  const net = new RegistryNet(seed, options)
  const { servers, records, active = servers } = options
  const users = net.addServers(active)
  net.addServers(servers - active, { isPassive: true })
  warmStart(net.world)
  net.publishMany(records, records * PUBLISH_EVERY_MS, users)
  const tasks =
    options.lookups === undefined
      ? eachRecordFromAnywhere(net, 'lookups', users)
      : randomLookups(net, 'lookups', options.lookups, users)
  const lookups = lookUpAll(net, tasks).report()
  const copies = net.copyCounts().sort((a, b) => a - b)
  return {
    lookups,
    copies: copies[copies.length >> 1] ?? 0,
    fewestCopies: copies[0] ?? 0,
    trace: net.world.trace.digest(),
  }
}

/** The figures of a run as a row of a table. */
export function calmFigures({ lookups, fewestCopies }: CalmRegistryReport) {
  return {
    'found %': lookups.found * 100,
    'rounds p50': lookups.rounds.p50,
    'rounds p95': lookups.rounds.p95,
    'messages p50': lookups.messages.p50,
    'messages p95': lookups.messages.p95,
    'first ms p50': lookups.firstMs.p50,
    'first ms p95': lookups.firstMs.p95,
    'final ms p50': lookups.finalMs.p50,
    'final ms p95': lookups.finalMs.p95,
    'fewest copies': fewestCopies,
  }
}

/** Figures of which less is worse. */
export const HIGH_IS_BEST = ['found %', 'fewest copies']
