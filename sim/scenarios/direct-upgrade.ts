// A client dials another through every pair of NATs: it talks over the relay at once, and directly soon after where
// hole punching can do that (threat 22, pains 1 and 2). What WebRTC does at all is in sim-rtc.ts.

import { Rng } from '../rng.ts'
import type { Nat } from '../sim-rtc.ts'
import { canPunch } from '../sim-rtc.ts'
import { uniformTopology } from '../topology.ts'
import { pathOf, ServerNetwork } from './server-network.ts'

export const NATS: readonly Nat[] = [
  'open',
  'fullCone',
  'restricted',
  'portRestricted',
  'symmetric',
  'blocked',
]

export interface UpgradeReport {
  readonly a: Nat
  readonly b: Nat
  /** From dial to the first delivered message. */
  readonly firstMs: number
  /** From dial until data goes directly at both ends; `undefined` if it never did. */
  readonly directMs: number | undefined
  readonly canBeDirect: boolean
  readonly lost: number
  readonly shownTwice: number
  /** How often either side lost the other. */
  readonly downs: number
}

const LATENCY = { minLatencyMs: 25, maxLatencyMs: 25, jitterMs: 2 } as const
/** Long enough for several attempts. */
const WATCH_MS = 120_000
const MESSAGES = 200
const EVERY_MS = 250

export function runUpgrade(seed: number, a: Nat, b: Nat): UpgradeReport {
  const topology = uniformTopology(new Rng(`${seed}/topology`), LATENCY)
  const net = new ServerNetwork(`${seed}/${a}/${b}`, { servers: 1, topology })
  net.startServers()
  net.world.runFor(1_000)
  const one = net.addClient(net.servers, { nat: a })
  const other = net.addClient(net.servers, { nat: b })
  if (!net.untilOnline()) throw new Error('Some client did not get online.')
  const dialedAt = net.world.nowMs
  net.talk(one, other, MESSAGES, EVERY_MS)
  net.talk(other, one, MESSAGES, EVERY_MS)
  net.world.runUntil(() => net.observer.confirmedCount > 0, 30_000)
  const firstMs = net.world.nowMs - dialedAt
  const isDirect = (): boolean =>
    pathOf(one, other)?.hops.length === 0 && pathOf(other, one)?.hops.length === 0
  const wentDirect = net.world.runUntil(isDirect, WATCH_MS)
  const directMs = wentDirect ? net.world.nowMs - dialedAt : undefined
  const { lost, duplicates } = net.deliveries(2 * MESSAGES, 2 * WATCH_MS)
  const downs = [one, other].flatMap(({ events }) =>
    events.filter(({ event }) => event.kind === 'peerDown'),
  ).length
  net.shutDown()
  return {
    a,
    b,
    firstMs,
    directMs,
    canBeDirect: canPunch(a, b),
    lost,
    shownTwice: duplicates,
    downs,
  }
}
