// Sybil servers around one key (threat 1): a share of all servers has ids ground to lie nearest to a target,
// is known to everybody there, names only its own ring and claims that there is no record. An honest home
// server publishes the target's record into that, and honest servers look it up.

import { commonPrefixLength } from '../../../shared/dht/distance.ts'
import { createIdentity } from '../../../shared/identity/identity.ts'
import { fakeSuite, GROUND_ID_BYTES, groundSeed } from '../../fake-suite.ts'
import { SybilRing } from '../hostile.ts'
import { newIdentity } from '../identities.ts'
import type { LookupTask } from '../lookups.ts'
import { lookUpAll } from '../lookups.ts'
import type { RegistryNetOptions } from '../registry-net.ts'
import { RegistryNet } from '../registry-net.ts'
import { warmStart } from '../warm-start.ts'

/**
 * `packed`: all sybils far nearer to the target than anybody could be by chance; `nearest`: each at a random
 * place within the distance of the nearest honest server, the least work that makes the ring the nearest.
 */
export type Grinding = 'packed' | 'nearest'

export interface SybilOptions extends RegistryNetOptions {
  readonly servers: number
  /** Of all servers. */
  readonly sybilShare: number
  readonly grinding: Grinding
  /** Each in a network of its own; the sybils of one do not serve another. */
  readonly targets: number
  readonly lookupsPerTarget: number
}

export interface SybilReport {
  readonly lookups: number
  readonly found: number
  /** Honest servers that keep the record, the least over all targets. */
  readonly fewestCopies: number
  readonly messages: number
  readonly finalMs: number
  readonly trace: string
}

/** What a DHT without the defences does: one path, and none but the nearest few. */
export const SYBIL_CONTROL = { paths: 1, coversRegion: false } as const

const PACKED_BITS = 64

export function runSybils(seed: string | number, options: SybilOptions): SybilReport {
  const runs = Array.from({ length: options.targets }, (_, target) =>
    attackOne(`${seed}/${target}`, options),
  )
  const total = (figure: (run: SybilReport) => number) =>
    runs.reduce((sum, run) => sum + figure(run), 0)
  const lookups = total(run => run.lookups)
  return {
    lookups,
    found: total(run => run.found * run.lookups) / lookups,
    fewestCopies: Math.min(...runs.map(run => run.fewestCopies)),
    messages: total(run => run.messages) / runs.length,
    finalMs: total(run => run.finalMs) / runs.length,
    trace: runs.map(run => run.trace).join(),
  }
}

export function sybilFigures(report: SybilReport) {
  return {
    'found %': report.found * 100,
    'fewest copies': report.fewestCopies,
    'messages p50': report.messages,
    'final ms p95': report.finalMs,
  }
}

/** Figures of which less is worse. */
export const HIGH_IS_BEST = ['found %', 'fewest copies']

function attackOne(seed: string, options: SybilOptions): SybilReport {
  const { servers, sybilShare, lookupsPerTarget } = options
  const net = new RegistryNet(seed, options)
  const sybils = Math.round(servers * sybilShare)
  const honest = net.addServers(servers - sybils)
  const target = newIdentity(net.rng.fork('target'))
  surround(net, fakeSuite.sha256(target.publicKey), sybils, options.grinding)
  warmStart(net.world)
  const rng = net.rng.fork('attack')
  const published = net.publish(rng.pick(honest), target)
  net.world.runFor(30_000)
  const tasks: LookupTask[] = rng
    .shuffle(honest)
    .slice(0, lookupsPerTarget)
    .map(from => ({ from, published }))
  const report = lookUpAll(net, tasks).report()
  return {
    lookups: report.lookups,
    found: report.found,
    fewestCopies: net.copyCounts()[0] ?? 0,
    messages: report.messages.p50,
    finalMs: report.finalMs.p95,
    trace: net.world.trace.digest(),
  }
}

/** Adds the ring around a DHT id. */
function surround(net: RegistryNet, target: Uint8Array, count: number, grinding: Grinding): void {
  const ring = new SybilRing()
  const rng = net.rng.fork('sybils')
  const sharedBits = grinding === 'packed' ? PACKED_BITS : sharedBitsOfNearest(net, target)
  for (let at = 0; at < count; at += 1) {
    const prefix = sharePrefix(target, rng.bytes(GROUND_ID_BYTES), sharedBits)
    const identity = createIdentity(fakeSuite, groundSeed(prefix, rng.bytes(12)))
    ring.members.push(net.addServer({ identity, answerer: ring }).contact)
  }
}

/** Bits that an id must share with the target to be nearer than every honest server. */
function sharedBitsOfNearest(net: RegistryNet, target: Uint8Array): number {
  const shared = net.world.servers.map(({ contact }) => commonPrefixLength(contact.id, target))
  return Math.max(...shared) + 1
}

/** `bits` bits of the target, the rest of `random`. */
function sharePrefix(target: Uint8Array, random: Uint8Array, bits: number): Uint8Array {
  return random.map((byte, at) => {
    const keep = Math.min(8, Math.max(0, bits - at * 8))
    const mask = 0xff & (0xff00 >> keep)
    return ((target[at] ?? 0) & mask) | (byte & ~mask)
  })
}
