// Old records come back (threat 4): whoever recorded them offers older, equal, expired and future ones to
// every holder, and a ring of servers near the key shows an old one to all who ask. Readers never go back.

import { storeRecordBody } from '../../../shared/wire/dht-bodies.ts'
import type { DhtServer } from '../dht-server.ts'
import { SybilRing } from '../hostile.ts'
import { clientRecord } from '../identities.ts'
import { eachRecordFromAnywhere, lookUpAll } from '../lookups.ts'
import type { Published, RegistryNetOptions } from '../registry-net.ts'
import { RegistryNet } from '../registry-net.ts'
import { warmStart } from '../warm-start.ts'

export interface ReplayOptions extends RegistryNetOptions {
  readonly servers: number
  readonly records: number
  /** Servers that show the oldest record to everybody. */
  readonly liars: number
}

export type ReplayKind = 'older' | 'equal' | 'expired' | 'future'

export interface ReplayReport {
  /** What holders answered, by what they were offered: how often each. */
  readonly answers: Readonly<Record<ReplayKind, Readonly<Record<string, number>>>>
  /** Share of readers that got the newest record. */
  readonly found: number
  readonly trace: string
}

const HOUR_MS = 3_600_000
const PUBLISH_EVERY_MS = 10

export function runReplay(seed: string | number, options: ReplayOptions): ReplayReport {
  const net = new RegistryNet(seed, options)
  net.addServers(options.servers)
  const ring = new SybilRing()
  for (let at = 0; at < options.liars; at += 1) {
    ring.members.push(net.addServer({ answerer: ring }).contact)
  }
  warmStart(net.world)
  net.publishMany(options.records, options.records * PUBLISH_EVERY_MS)
  const recorded = net.records.map(({ record }) => record.bytes)
  net.world.runFor(1_000)
  for (const published of net.records) net.renew(published)
  net.world.runFor(30_000)
  const answers = net.records.map((published, at) =>
    replayTo(net, published, recorded[at] ?? published.record.bytes),
  )
  let failed = 0
  for (const [at, task] of eachRecordFromAnywhere(net, 'readers').entries()) {
    ring.value = { kind: 'record', bytes: recorded[at] ?? task.published.record.bytes }
    failed += lookUpAll(net, [task]).report().failed
  }
  const found = 1 - failed / net.records.length
  return { answers: merged(answers), found, trace: net.world.trace.digest() }
}

/** A row for each kind of replay. */
export function replayRows({ answers }: ReplayReport) {
  return (Object.keys(answers) as ReplayKind[]).map(kind => ({ offered: kind, ...answers[kind] }))
}

/** Offers all kinds to all holders. */
function replayTo(net: RegistryNet, published: Published, old: Uint8Array) {
  const { identity, record } = published
  const { unixMs } = net.world
  const servers = record.record.servers
  const offers: Record<ReplayKind, Uint8Array> = {
    older: old,
    equal: clientRecord(identity, { unixMs: record.record.seq, servers: [] }).bytes,
    expired: clientRecord(identity, { unixMs: unixMs - HOUR_MS, servers, ttlS: 60 }).bytes,
    future: clientRecord(identity, { unixMs: unixMs + HOUR_MS, servers }).bytes,
  }
  const answers = { older: {}, equal: {}, expired: {}, future: {} } as Answers
  for (const holder of net.holdersOf(published)) {
    for (const kind of Object.keys(offers) as ReplayKind[]) {
      const answer = offer(net, holder, offers[kind])
      answers[kind][answer] = (answers[kind][answer] ?? 0) + 1
    }
  }
  return answers
}

type Answers = Record<ReplayKind, Record<string, number>>

function offer(net: RegistryNet, holder: DhtServer, bytes: Uint8Array): string {
  const asker = net.world.servers.find(server => server !== holder) ?? holder
  const from = { key: asker.contact.key, network: asker.network }
  const reply = holder.request(from, 'storeRecord', storeRecordBody({ kind: 'record', bytes }))
  return reply?.kind === 'error' ? reply.code : 'ok'
}

function merged(all: readonly Answers[]): Answers {
  const sum: Answers = { older: {}, equal: {}, expired: {}, future: {} }
  for (const answers of all) {
    for (const kind of Object.keys(sum) as ReplayKind[]) {
      for (const [answer, count] of Object.entries(answers[kind])) {
        sum[kind][answer] = (sum[kind][answer] ?? 0) + count
      }
    }
  }
  return sum
}
