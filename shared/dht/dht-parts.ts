// The parts of the registry machine and how they are joined, by hand, in one place. Each knows only those
// that it is given here.

import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import type { RandomBytes, Time } from '../machine/machine.ts'
import { Background } from './background.ts'
import { CallTable } from './call-table.ts'
import { DhtIds } from './contact.ts'
import type { DhtParameters } from './dht-parameters.ts'
import { DHT_DEFAULTS } from './dht-parameters.ts'
import { DhtRequests } from './dht-requests.ts'
import { Nearness } from './nearness.ts'
import { Neighbours } from './neighbours.ts'
import { Queries } from './queries.ts'
import { RecordStore } from './record-store.ts'
import { Replication } from './replication.ts'
import { ServiceJobs } from './service-jobs.ts'
import { ServiceStore } from './service-store.ts'
import { SizeEstimate } from './size-estimate.ts'
import { StoreRounds } from './store-rounds.ts'
import { Upkeep } from './upkeep.ts'
import { ValueJobs } from './value-jobs.ts'

export interface DhtConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  /** The network that every value must belong to. */
  readonly net: Uint8Array
  /** This server's own. */
  readonly publicKey: Uint8Array
  readonly parameters?: Partial<DhtParameters>
}

export interface DhtParts {
  readonly neighbours: Neighbours
  readonly records: RecordStore
  readonly services: ServiceStore
  readonly requests: DhtRequests
  readonly calls: CallTable
  readonly queries: Queries
  readonly rounds: StoreRounds
  readonly values: ValueJobs
  readonly serviceJobs: ServiceJobs
  readonly upkeep: Upkeep
  readonly replication: Replication
  readonly background: Background
}

export function joinParts(
  { suite, random, net, publicKey, ...given }: DhtConfig,
  { now }: Time,
): DhtParts {
  const parameters = { ...DHT_DEFAULTS, ...given.parameters }
  const { k } = parameters
  const ids = new DhtIds(suite)
  const ownKey = keyIdOf(publicKey)
  const own = ids.contact(ownKey, '')
  const calls = new CallTable()
  const rounds = new StoreRounds(calls)
  const size = new SizeEstimate()
  const neighbours = new Neighbours(ids, ownKey, own.id, parameters)
  const { table } = neighbours
  const nearness = new Nearness(own, k, table, size)
  const records = new RecordStore({ suite, net, ownId: own.id })
  const services = new ServiceStore({ suite, net, ownId: own.id })
  const holders = (key: KeyId): KeyId[] => nearness.holders(ids.of(key)).map(one => one.key)
  const replication = new Replication({ random, ownKey, kept: records, holders }, now)
  const queries = new Queries({ parameters, ownKey, ids, table, size, calls })
  const values = new ValueJobs({ suite, net, ids, ownKey, records, queries, rounds })
  const upkeep = new Upkeep(random, own.id, table, size, parameters)
  return {
    neighbours,
    records,
    services,
    requests: new DhtRequests({ suite, ids, k, table, nearness, records, services, replication }),
    calls,
    queries,
    rounds,
    values,
    serviceJobs: new ServiceJobs({ suite, net, services, nearness, queries, rounds }),
    upkeep,
    replication,
    background: new Background({ k, upkeep, replication, table, queries, values }),
  }
}
