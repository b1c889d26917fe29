// One attacker with a thousand keys on one network (threat 2): its servers dial everybody, answer and pass
// every check. How many places in the tables of honest servers they get, and whether records that were published
// before or meanwhile are found.

import type { DhtServer } from '../dht-server.ts'
import { SybilRing } from '../hostile.ts'
import type { LookupReport } from '../lookups.ts'
import { eachRecordFromAnywhere, lookUpAll } from '../lookups.ts'
import type { RegistryNetOptions } from '../registry-net.ts'
import { RegistryNet } from '../registry-net.ts'
import { warmStart } from '../warm-start.ts'

export interface OneNetworkOptions extends RegistryNetOptions {
  readonly servers: number
  readonly attackers: number
  readonly records: number
  /** How many honest servers each key of the attacker dials. */
  readonly dialsPerKey: number
}

export interface OneNetworkReport {
  /** Most entries of the attacker in one honest table. */
  readonly mostEntries: number
  readonly before: LookupReport
  readonly after: LookupReport
  /** Of records that were published under the attack. */
  readonly fresh: LookupReport
  /** The least number of honest servers that keep such a record. */
  readonly fewestCopies: number
  readonly trace: string
}

const ATTACK_MS = 300_000
const SETTLE_MS = 60_000
const PUBLISH_EVERY_MS = 10

export function runOneNetwork(seed: string | number, options: OneNetworkOptions): OneNetworkReport {
  const net = new RegistryNet(seed, options)
  const honest = net.addServers(options.servers)
  warmStart(net.world)
  net.publishMany(options.records, options.records * PUBLISH_EVERY_MS)
  const before = lookUpAll(net, eachRecordFromAnywhere(net, 'before')).report()
  const attackers = addAttackers(net, options.attackers)
  dialAll(net, attackers, honest, options.dialsPerKey)
  net.world.runFor(ATTACK_MS + SETTLE_MS)
  const after = lookUpAll(net, eachRecordFromAnywhere(net, 'after')).report()
  net.publishMany(options.records, options.records * PUBLISH_EVERY_MS)
  const tasks = eachRecordFromAnywhere(net, 'fresh').slice(options.records)
  const fresh = lookUpAll(net, tasks).report()
  const entries = honest.map(
    ({ dht }) => attackers.filter(({ contact }) => dht.contact(contact.key) !== undefined).length,
  )
  return {
    mostEntries: Math.max(...entries),
    before,
    after,
    fresh,
    fewestCopies: Math.min(...net.copyCounts().slice(options.records)),
    trace: net.world.trace.digest(),
  }
}

export function oneNetworkFigures(report: OneNetworkReport) {
  const { mostEntries, before, after, fresh, fewestCopies } = report
  return {
    'entries of the attacker': mostEntries,
    'found % before': before.found * 100,
    'found % after': after.found * 100,
    'found %, published meanwhile': fresh.found * 100,
    'fewest copies of those': fewestCopies,
    'messages p50 before': before.messages.p50,
    'messages p50 after': after.messages.p50,
    'final ms p95 before': before.finalMs.p95,
    'final ms p95 after': after.finalMs.p95,
  }
}

/** Figures of which less is worse. */
export const HIGH_IS_BEST = [
  'found % before',
  'found % after',
  'found %, published meanwhile',
  'fewest copies of those',
]

function addAttackers(net: RegistryNet, count: number): DhtServer[] {
  const ring = new SybilRing()
  return Array.from({ length: count }, () => {
    const server = net.addServer({ network: '203.0.113.0/24', answerer: ring })
    ring.members.push(server.contact)
    return server
  })
}

/** A dial makes its acceptor hear of the dialer, which is all that an attacker can do to get in. */
function dialAll(
  net: RegistryNet,
  attackers: readonly DhtServer[],
  honest: readonly DhtServer[],
  dialsPerKey: number,
): void {
  const rng = net.rng.fork('attack')
  for (const attacker of attackers) {
    for (let dial = 0; dial < dialsPerKey; dial += 1) {
      const { contact } = rng.pick(honest)
      net.world.after(rng.between(0, ATTACK_MS), () => net.world.transport.check(attacker, contact))
    }
  }
}
