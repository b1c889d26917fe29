// Nodes with WebRTC, for the tests of direct connections.

import { keepsInitiatorRole } from '../../session/handshake.ts'
import type { MiniNode, MiniNodeOptions } from './mini-node.ts'
import type { MiniWorld } from './mini-world.ts'

export interface Pair {
  readonly server: MiniNode
  readonly a: MiniNode
  readonly b: MiniNode
}

/** Two of one server, online. */
export function pair(world: MiniWorld, options: MiniNodeOptions = {}): Pair {
  const server = world.server('server')
  const a = world.client('a', [server], { hasRtc: true, ...options })
  const b = world.client('b', [server], { hasRtc: true, ...options })
  world.until(() => a.isOnline && b.isOnline)
  return { server, a, b }
}

/** Whose offer it is, and the other one. */
export function lowestFirst(a: MiniNode, b: MiniNode): [MiniNode, MiniNode] {
  return keepsInitiatorRole(a.publicKey, b.publicKey) ? [a, b] : [b, a]
}

/** @returns what became of the message */
export function say(
  world: MiniWorld,
  from: MiniNode,
  to: MiniNode,
  text: string,
): string | undefined {
  const request = from.send(to, text)
  world.until(() => from.verdict(request) !== undefined, 60_000)
  return from.verdict(request)
}
