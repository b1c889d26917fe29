// What the registry goes through on this machine: many records are published through random servers, some
// servers are killed, every record is looked up at every survivor, and the killed come back from their folders.

import { createNode } from '../../client/node.ts'
import type { Fleet } from './fleet.ts'
import type { FleetServer } from './fleet-server.ts'
import { inParallel } from './in-parallel.ts'

export interface RegistryRunOptions {
  readonly records: number
  readonly kills: number
  /** Chooses servers: 0 to below 1. */
  readonly random: () => number
}

export interface RegistryReport {
  readonly servers: number
  readonly records: number
  readonly killed: number
  /** From the first publication to the last. */
  readonly publishedMs: number
  /** Each record at each survivor. */
  readonly lookups: number
  /** Those that did not find it: number of the server and key. */
  readonly missing: readonly string[]
  readonly lookupMs: { readonly median: number; readonly p95: number; readonly max: number }
  /** Of those started again: servers that each knew, and how long the slowest took to know most of the network. */
  readonly backWith: readonly number[]
  readonly backMs: number
}

/** Clients that publish at once. */
const PUBLISHERS = 16
/** Lookups at once; each client of a server asks at most so often, which keeps it below the server's limit. */
const LOOKUPS_PER_SERVER = 2
const LOOKUP_PAUSE_MS = 60
const SETTLE_MS = 3_000
const BACK_WITHIN_MS = 30_000

export async function runRegistry(
  { servers }: Fleet,
  { records, kills, random }: RegistryRunOptions,
  say: (line: string) => void,
): Promise<RegistryReport> {
  const startedAt = performance.now()
  const keys = await publishMany(servers, records, random)
  const publishedMs = performance.now() - startedAt
  say(`${records} records published through random servers in ${Math.round(publishedMs)} ms`)
  await pause(SETTLE_MS)
  const killed = shuffle(servers, random).slice(0, kills)
  await Promise.all(killed.map(server => server.kill()))
  say(`killed without a word: ${killed.map(({ number }) => number).join(', ')}`)
  const survivors = servers.filter(({ isUp }) => isUp)
  const found = await lookUpEverywhere(survivors, keys)
  say(`${keys.length * survivors.length} lookups, ${found.missing.length} without the record`)
  const backAt = performance.now()
  await Promise.all(killed.map(server => server.startAgain()))
  const backWith = await Promise.all(
    killed.map(server => knowsAtLeast(server, Math.floor(servers.length / 2))),
  )
  const backMs = performance.now() - backAt
  say(`started again, from their folders alone: each knows ${backWith.join(', ')} servers`)
  return {
    servers: servers.length,
    records,
    killed: kills,
    publishedMs,
    lookups: keys.length * survivors.length,
    missing: found.missing,
    lookupMs: spread(found.timesMs),
    backWith,
    backMs,
  }
}

/** Each record is that of a client which comes, is kept, and goes again. */
async function publishMany(
  servers: readonly FleetServer[],
  count: number,
  random: () => number,
): Promise<string[]> {
  return inParallel(PUBLISHERS, Array.from({ length: count }), async () => {
    const server = pick(servers, random)
    const node = await createNode({
      servers: [server.address],
      identity: 'ephemeral',
      discoverServers: false,
    })
    try {
      await node.online({ timeoutMs: 30_000 })
      return node.key
    } finally {
      await node.close()
    }
  })
}

async function lookUpEverywhere(
  servers: readonly FleetServer[],
  keys: readonly string[],
): Promise<{ missing: string[]; timesMs: number[] }> {
  const missing: string[] = []
  const timesMs: number[] = []
  await Promise.all(
    servers.map(async ({ number, address }) => {
      const node = await createNode({
        servers: [address],
        identity: 'ephemeral',
        discoverServers: false,
      })
      try {
        await node.online({ timeoutMs: 30_000 })
        await inParallel(LOOKUPS_PER_SERVER, keys, async key => {
          const startedAt = performance.now()
          const record = await node.lookup(key, { timeoutMs: 20_000 }).catch(() => undefined)
          timesMs.push(performance.now() - startedAt)
          if (record === undefined) missing.push(`server ${number}: ${key}`)
          await pause(LOOKUP_PAUSE_MS)
        })
      } finally {
        await node.close()
      }
    }),
  )
  return { missing, timesMs }
}

async function knowsAtLeast(server: FleetServer, count: number): Promise<number> {
  const until = performance.now() + BACK_WITHIN_MS
  let known = await server.knownServers()
  while (known < count && performance.now() < until) {
    await pause(100)
    known = await server.knownServers()
  }
  return known
}

function spread(values: readonly number[]): RegistryReport['lookupMs'] {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { median: at(0.5), p95: at(0.95), max: at(1) }
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map(item => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
