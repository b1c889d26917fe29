// What tests of whole circuits start from: open circuits over a RouterNet, and looks at what happened.

import { expect } from 'vitest'
import type { CircuitId } from '../circuit.ts'
import type { RouterConfig } from '../router-messages.ts'
import type { TestNode, Wired } from './router-net.ts'
import { RouterNet } from './router-net.ts'

export type Three = [TestNode, TestNode, TestNode]

export const HELLO = Uint8Array.of(104, 105)

export function opened(relays: number, large = false) {
  const net = new RouterNet()
  const path = net.chain(relays)
  const circuit = net.open(path, { large, data: HELLO })
  const client = path[0] as TestNode
  const end = path.at(-1) as TestNode
  const incoming = net.taken(end, 'incoming')[0]
  if (incoming === undefined) throw new Error('not opened')
  return { net, path, client, end, circuit, far: incoming.circuit }
}

export function chainOfThree(relayConfig: Partial<RouterConfig> = {}) {
  const net = new RouterNet()
  const [client, relay, end] = net.chain(1, relayConfig) as Three
  const open = (large = false) => {
    const circuit = net.open([client, relay, end], { large })
    const far = net.taken(end, 'incoming').at(-1)?.circuit
    if (far === undefined) throw new Error('not opened')
    return { circuit, far }
  }
  const link = { toEnd: net.linkBetween(relay, end), toClient: net.linkBetween(relay, client) }
  return { net, client, relay, end, open, link }
}

export function typeOf({ bytes }: Wired): number {
  return bytes[0] as number
}

export function reasons(net: RouterNet, node: TestNode): string[] {
  return net.taken(node, 'closed').map(effect => effect.reason)
}

export function bytes(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255)
}

export const numbered = (n: number) => Uint8Array.of(n >>> 8, n)

export const numberOf = (data: Uint8Array) => ((data[0] as number) << 8) | (data[1] as number)

/** Sends small cells until the window stops it. @returns how many. */
export function fill(net: RouterNet, node: TestNode, circuit: CircuitId): number {
  let sent = 0
  while (node.router.room(circuit) > 0) {
    net.run(node, { kind: 'send', circuit, data: numbered(sent++) })
  }
  return sent
}

export function expectNothingLeft(nodes: readonly TestNode[]): void {
  for (const { router } of nodes) {
    expect(router.load).toEqual({ circuits: 0, queuedBytes: 0 })
    expect(router.nextTimeout()).toBeUndefined()
  }
}
