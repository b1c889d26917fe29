// A probe that dialed another: the smallest world with a link, for tests of the world itself.

import type { LinkId } from '../../shared/link/link-id.ts'
import type { LinkProfile } from '../sim-link.ts'
import type { SimNode } from '../sim-node.ts'
import type { PlacedLink } from '../world.ts'
import { World } from '../world.ts'
import type { Probe } from './probe.ts'
import { bootProbe, SERVER_CHANNEL } from './probe.ts'

/** 10 ms one way, no jitter, no bandwidth limit, a small buffer. */
export const PLAIN: LinkProfile = {
  latencyMs: 10,
  jitterMs: 0,
  bytesPerMs: Number.POSITIVE_INFINITY,
  bufferBytes: 10_000,
}

export interface Pair {
  readonly world: World
  readonly client: SimNode
  readonly server: SimNode
  readonly dialer: () => Probe
  readonly acceptor: () => Probe
  readonly link: LinkId
}

/** A client with an open link to a server. */
export function connectedPair(profile: Partial<LinkProfile> = {}, seed = 1, answers = false): Pair {
  const world = new World(seed, { topology: () => ({ ...PLAIN, ...profile }) })
  const server = world.addNode('server', { listen: SERVER_CHANNEL })
  const client = world.addNode('client')
  const acceptor = bootProbe(server, { answers })
  const dialer = bootProbe(client)
  const link = dialer().dial()
  world.runFor(100)
  return { world, client, server, dialer, acceptor, link }
}

export function onlyLink(world: World): PlacedLink {
  const [placed, ...more] = world.links
  if (placed === undefined || more.length > 0) throw new Error('Expected one link.')
  return placed
}

/** Bytes that tell messages of a test apart. */
export function message(value: number, length = 1): Uint8Array {
  return new Uint8Array(length).fill(value)
}
