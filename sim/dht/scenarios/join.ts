// How a new server gets in (scenario R21): through a list of seeds of which one lives, through a cached table
// of mostly dead contacts, and how a whole network comes to be when everybody joins through one seed.

import type { Percentiles } from '../../observers.ts'
import { Samples } from '../../observers.ts'
import type { DhtServer } from '../dht-server.ts'
import type { LookupReport } from '../lookups.ts'
import { eachRecordFromAnywhere, lookUpAll } from '../lookups.ts'
import type { RegistryNetOptions } from '../registry-net.ts'
import { RegistryNet } from '../registry-net.ts'
import { warmStart } from '../warm-start.ts'

/** A server has joined when a lookup at it finds what others published, and its table holds this many. */
const JOINED_CONTACTS = 20
const GIVE_UP_MS = 120_000
const POLL_MS = 50

export interface OneJoinOptions extends RegistryNetOptions {
  readonly servers: number
  /** Contacts that the newcomer has; all but `living` of them are dead, half refusing and half silent. */
  readonly contacts: number
  readonly living: number
  /** Given as seeds, or found in the store of an earlier life. */
  readonly way: 'seeds' | 'cached'
}

export interface OneJoinReport {
  /** Until its table is filled; Infinity if it never was. */
  readonly tableMs: number
  /** Until a lookup that was begun when the table was filled had found its record. */
  readonly foundMs: number
  readonly trace: string
}

export function runOneJoin(seed: string | number, options: OneJoinOptions): OneJoinReport {
  const net = new RegistryNet(seed, { ...options, keepsDisks: true })
  const { world } = net
  net.addServers(options.servers + options.contacts - options.living)
  warmStart(world)
  const rng = net.rng.fork('join')
  const known = rng.shuffle(world.living).slice(0, options.contacts)
  known.slice(options.living).forEach((server, at) => {
    world.kill(server, at % 2 === 0 ? 'dead' : 'gone')
  })
  // Long enough for the others to have noticed.
  world.runFor(600_000)
  const home = rng.pick(world.living)
  const published = net.publish(home)
  world.runFor(30_000)

  const startMs = world.nowMs
  const newcomer = net.addServer()
  if (options.way === 'seeds') net.join(newcomer, rng.shuffle(known))
  else restoreTable(net, newcomer, rng.shuffle(known))
  const isJoined = world.runUntil(() => hasJoined(newcomer), GIVE_UP_MS)
  const tableMs = isJoined ? world.nowMs - startMs : Number.POSITIVE_INFINITY
  const observer = lookUpAll(net, [{ from: newcomer, published }])
  const foundMs = observer.missed.length === 0 ? world.nowMs - startMs : Number.POSITIVE_INFINITY
  return { tableMs, foundMs, trace: world.trace.digest() }
}

export function oneJoinFigures({ tableMs, foundMs }: OneJoinReport) {
  return { 'table filled, ms': tableMs, 'record found, ms': foundMs }
}

export interface AllJoinOptions extends RegistryNetOptions {
  readonly servers: number
  readonly records: number
  /** Pause between two newcomers. */
  readonly everyMs: number
}

export interface AllJoinReport {
  /** From a server's start until its table holds 20 contacts; of those who came after the twentieth. */
  readonly joinMs: Percentiles
  readonly lookups: LookupReport
  readonly trace: string
}

export function runAllJoin(seed: string | number, options: AllJoinOptions): AllJoinReport {
  const net = new RegistryNet(seed, options)
  const { world } = net
  const first = net.addServer()
  const joinMs = new Samples()
  for (let at = 1; at < options.servers; at += 1) {
    world.after(at * options.everyMs, () => {
      const newcomer = net.addServer()
      net.join(newcomer, [first])
      if (at > JOINED_CONTACTS) watchJoin(net, newcomer, joinMs)
    })
  }
  world.runFor(options.servers * options.everyMs + 60_000)
  net.publishMany(options.records, options.records * 10)
  const lookups = lookUpAll(net, eachRecordFromAnywhere(net, 'lookups')).report()
  return { joinMs: joinMs.percentiles(), lookups, trace: world.trace.digest() }
}

export function allJoinFigures({ joinMs, lookups }: AllJoinReport) {
  return {
    'join ms p50': joinMs.p50,
    'join ms p95': joinMs.p95,
    'join ms max': joinMs.max,
    'not found': lookups.failed,
    'messages p50': lookups.messages.p50,
    'final ms p95': lookups.finalMs.p95,
  }
}

function watchJoin(net: RegistryNet, server: DhtServer, joinMs: Samples): void {
  const startMs = net.world.nowMs
  const look = (): void => {
    if (hasJoined(server)) joinMs.add(net.world.nowMs - startMs)
    else net.world.after(POLL_MS, look)
  }
  look()
}

function hasJoined({ dht }: DhtServer): boolean {
  return dht.size.contacts >= JOINED_CONTACTS
}

/** A restart with the saves of a server that knew all of these. */
function restoreTable(net: RegistryNet, newcomer: DhtServer, known: readonly DhtServer[]): void {
  const witness = net.addServer()
  for (const { contact, network, record } of known) {
    witness.tell((dht, time) => dht.verified(time, contact, network, record))
  }
  newcomer.tell((dht, time) => {
    for (const [key, value] of witness.disk) dht.restore(time, key, value)
    dht.bootstrap(time)
  })
  net.world.kill(witness, 'dead')
}
