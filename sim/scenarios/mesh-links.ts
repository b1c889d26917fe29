// Many clients that relay, on a map: they come to have links among themselves, near ones and random ones; then every
// server dies, and any two must still reach one another (docs/PROTOCOL.md 9.5).

import { clientRelayRole } from '../../shared/node/relay/client-relay-role.ts'
import { RELAY_BUDGET_MIN_BYTES } from '../../shared/wire/limits.ts'
import { Rng } from '../rng.ts'
import type { SimNode } from '../sim-node.ts'
import type { Nat } from '../sim-rtc.ts'
import { planarTopology } from '../topology.ts'
import type { Member } from './server-network.ts'
import { ServerNetwork } from './server-network.ts'

export interface MeshOptions {
  readonly clients: number
  readonly servers: number
  /** Pairs that talk once every server is dead. */
  readonly pairs: number
}

export interface MeshReport {
  /** Of all clients, when they had time to settle. */
  readonly fewestLinks: number
  readonly mostLinks: number
  /** Clients that the first one reaches over links alone, itself included. */
  readonly hangTogether: number
  /** Round trips in ms: of the nearest two links of each, and of any two clients, on average. */
  readonly nearMs: number
  readonly anyMs: number
  /** WebRTC connections that were tried, for each that is there. */
  readonly triesPerLink: number
  /** What applications were told of peers before anybody talked. */
  readonly peersTold: number
  /** Of all messages. */
  readonly lostShare: number
  readonly shownTwice: number
}

const LATENCY = { minLatencyMs: 2, maxLatencyMs: 80, jitterMs: 2 } as const
const NATS: readonly Nat[] = ['open', 'fullCone', 'restricted', 'portRestricted', 'portRestricted']
const SETTLE_MS = 3_600_000
const MESSAGES = 3
const EVERY_MS = 2_000
const DELIVERY_MS = 120_000

export function runMeshLinks(seed: number, { clients, servers, pairs }: MeshOptions): MeshReport {
  const topology = planarTopology(new Rng(`${seed}/topology`), LATENCY)
  const net = new ServerNetwork(`${seed}/mesh`, { servers, topology })
  net.startServers()
  const rng = new Rng(`${seed}/choice`)
  const clientRelay = { role: clientRelayRole, bytesPerDay: 64 * RELAY_BUDGET_MIN_BYTES }
  for (let count = 0; count < clients; count += 1) {
    const home = net.servers[count % servers]
    if (home !== undefined) net.addClient([home], { nat: rng.pick(NATS), clientRelay })
  }
  if (!net.untilOnline()) throw new Error('Some client did not get online.')
  net.world.runFor(SETTLE_MS)
  const shape = shapeOf(net)
  const peersTold = net.clients.flatMap(({ events }) =>
    events.filter(({ event }) => event.kind === 'peerUp'),
  ).length
  for (const { node } of net.servers) node.kill()
  net.world.runFor(EVERY_MS)
  for (let pair = 0; pair < pairs; pair += 1) {
    const [from, to] = twoOf(rng, net.clients)
    net.talk(from, to, MESSAGES, EVERY_MS)
  }
  const { lost, duplicates } = net.deliveries(pairs * MESSAGES, DELIVERY_MS)
  net.shutDown()
  return { ...shape, peersTold, lostShare: lost / (pairs * MESSAGES), shownTwice: duplicates }
}

function shapeOf({ world, clients }: ServerNetwork) {
  const linked = new Map(clients.map(({ node }) => [node, new Set<SimNode>()]))
  for (const [one, other] of world.rtc.open) {
    linked.get(one)?.add(other)
    linked.get(other)?.add(one)
  }
  const rttOf = (one: SimNode, other: SimNode): number =>
    2 * world.profileBetween(one, other).latencyMs
  const nodes = [...linked.keys()]
  const near = [...linked].flatMap(([node, others]) =>
    [...others]
      .map(other => rttOf(node, other))
      .sort((a, b) => a - b)
      .slice(0, 2),
  )
  const any = nodes.flatMap(node =>
    nodes.flatMap(other => (other === node ? [] : [rttOf(node, other)])),
  )
  const degrees = [...linked.values()].map(({ size }) => size)
  return {
    fewestLinks: Math.min(...degrees),
    mostLinks: Math.max(...degrees),
    hangTogether: reachedFrom(linked),
    nearMs: Math.round(mean(near)),
    anyMs: Math.round(mean(any)),
    triesPerLink: Math.round((10 * world.rtc.made) / 2 / world.rtc.open.length) / 10,
  }
}

function reachedFrom(linked: ReadonlyMap<SimNode, ReadonlySet<SimNode>>): number {
  const [first] = linked.keys()
  const reached = new Set(first === undefined ? [] : [first])
  for (const node of reached) for (const other of linked.get(node) ?? []) reached.add(other)
  return reached.size
}

function twoOf(rng: Rng, clients: readonly Member[]): [Member, Member] {
  const from = rng.pick(clients)
  return [from, rng.pick(clients.filter(one => one !== from))]
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
