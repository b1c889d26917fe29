// For tests of setups that wait: client – first, second – end, and no link between the two relays yet. Nobody
// dials unless the test does.

import type { CircuitId } from '../circuit.ts'
import type { RouterConfig } from '../router-messages.ts'
import type { TestNode } from './router-net.ts'
import { RouterNet } from './router-net.ts'

/** Longer than any wait. */
const PATIENT_MS = 60_000

export function apart(config: Partial<RouterConfig> = {}) {
  const net = new RouterNet()
  const client = net.node('client', { isServer: false })
  const first = net.node('first', config)
  const second = net.node('second')
  const end = net.node('end', { isServer: false })
  net.connect(client, first)
  net.connect(second, end)
  first.dial = () => {}
  const path = [client, first, second, end]
  return { net, client, first, second, end, path }
}

export function openPatiently(
  net: RouterNet,
  path: readonly TestNode[],
  data = new Uint8Array(0),
): CircuitId {
  return net.open(path, { data, timeoutMs: PATIENT_MS })
}

/** A neighbour of `relay` that dialed it. */
export function neighbour(net: RouterNet, relay: TestNode, name: string, isServer = false) {
  const node = net.node(name, { isServer })
  net.connect(node, relay)
  return node
}
