// Two clients talk without a pause while their direct connection breaks again and again, with a word or without
// (R19): the session goes on over the relay and moves back, and nobody is shown anything else.

import { cutLink, silenceLink } from '../faults.ts'
import type { DeliveryReport } from '../observers.ts'
import { Rng } from '../rng.ts'
import { uniformTopology } from '../topology.ts'
import type { PlacedLink } from '../world.ts'
import type { Member } from './server-network.ts'
import { pathOf, ServerNetwork } from './server-network.ts'

export interface DirectLossOptions {
  readonly isSilent: boolean
  readonly breaks: number
}

export interface DirectLossReport {
  readonly delivery: DeliveryReport
  readonly failures: number
  /** How often either side lost the other. */
  readonly downs: number
  /** How often a direct connection carried data again after it had broken. */
  readonly returns: number
  readonly trace: string
}

const LATENCY = { minLatencyMs: 25, maxLatencyMs: 25, jitterMs: 2 } as const
/** Long enough to find that a connection is gone, to make another one, and to trust one that broke lately. */
const BREAK_EVERY_MS = 180_000
const SEND_EVERY_MS = 200

export function runDirectLoss(seed: number, options: DirectLossOptions): DirectLossReport {
  const { isSilent, breaks } = options
  const topology = uniformTopology(new Rng(`${seed}/topology`), LATENCY)
  const net = new ServerNetwork(seed, { servers: 1, topology })
  net.startServers()
  net.world.runFor(1_000)
  const one = net.addClient(net.servers, { nat: 'open' })
  const other = net.addClient(net.servers, { nat: 'open' })
  if (!net.untilOnline()) throw new Error('Some client did not get online.')
  const messages = ((breaks + 1) * BREAK_EVERY_MS) / SEND_EVERY_MS
  net.talk(one, other, messages, SEND_EVERY_MS)
  net.talk(other, one, messages, SEND_EVERY_MS)
  net.world.runFor(BREAK_EVERY_MS)
  let returns = 0
  for (let n = 0; n < breaks; n++) {
    const link = directLink(net, one, other)
    if (link !== undefined && isSilent) silenceLink(net.world, link)
    else if (link !== undefined) cutLink(link)
    net.world.runFor(BREAK_EVERY_MS)
    if (pathOf(one, other)?.hops.length === 0) returns += 1
  }
  const delivery = net.deliveries(2 * messages, 10 * BREAK_EVERY_MS)
  const downs = [one, other].flatMap(({ events }) =>
    events.filter(({ event }) => event.kind === 'peerDown'),
  ).length
  const failures = Object.values(net.failures).reduce((sum, count) => sum + count, 0)
  net.shutDown()
  return { delivery, failures, downs, returns, trace: net.world.trace.digest() }
}

/** The one that is neither silenced nor a server's. */
function directLink(net: ServerNetwork, one: Member, other: Member): PlacedLink | undefined {
  const links = net.world.linksOf(one.node)
  return links.find(
    ({ dialer, acceptor, isSilenced }) =>
      !isSilenced && (dialer === other.node || acceptor === other.node),
  )
}
